import { type Alarm, type AlarmPlace, alarmId } from '../domain/alarm/alarm.js';
import { type ConditionState, normalCondition, phaseOf, UNSEEN } from '../domain/alarm/condition.js';
import type { AlarmDomain, AlarmRule } from '../domain/alarm/rule.js';
import type { Signal } from '../domain/alarm/signal/signal.js';
import { type AlarmState, isQuiet, NORMAL } from '../domain/alarm/state.js';
import type { StoredCondition } from './store.js';

/** What an alarm is about, as far as the alarm tells of it. */
export interface WatchSubject {
  /** Outside. */
  readonly id: string;
  /** In the service. */
  readonly key: string;
  /** As alarms call it, unique among all parks. */
  readonly name: string;
  readonly park: string | null;
  readonly domain: AlarmDomain;
  readonly place: string | null;
  readonly enterprise: string | null;
}

/** One rule on one subject, in memory. While it is normal only `lastTs` moves, without a new state for each reading. */
export class Watch {
  readonly id: string;
  /** Null for a signal that is the value itself. */
  signal: Signal | null = null;
  /** What its signal said last. */
  measure: number | null = null;
  /** Devices of the place whose readings it counts; empty for other subjects. */
  readonly members = new Set<string>();
  normal = true;
  /** Counts those that are not normal among the watches of its series; null where nobody counts. */
  tally: { abnormal: number } | null = null;
  /** Its signal waits to be stored. */
  remembered = false;
  lastTs = UNSEEN;
  state: AlarmState = NORMAL;
  /** As it was told last; null while there is nothing to tell. */
  alarm: Alarm | null = null;
  private current: ConditionState = normalCondition();

  constructor(
    readonly subject: WatchSubject,
    public rule: AlarmRule,
    public gapMs: number,
  ) {
    this.id = alarmId(rule.id, subject.name);
  }

  get condition(): ConditionState {
    return this.normal ? normalCondition(this.lastTs) : this.current;
  }

  set condition(condition: ConditionState) {
    const { normal, tally } = this;
    this.current = condition;
    this.normal = phaseOf(condition) === 'normal';
    this.lastTs = condition.lastTs;
    if (tally !== null && this.normal !== normal) tally.abnormal += normal ? 1 : -1;
  }

  /** Whether nothing stands, is suppressed, or may come to stand. */
  get quiet(): boolean {
    return this.normal && isQuiet(this.state);
  }

  /** Puts another version of its rule in force; a level that is gone is the highest that is left. */
  take(rule: AlarmRule): void {
    this.rule = rule;
    this.condition = fitted(this.condition, rule);
  }

  where(): AlarmPlace {
    const { id: device, name, park, place, enterprise } = this.subject;
    return { device, name, park, place, enterprise };
  }

  stored(): StoredCondition {
    const { rule, subject, condition, state, signal, alarm, quiet } = this;
    return {
      rule: rule.id,
      device: subject.id,
      park: subject.park,
      quiet,
      condition,
      state,
      memory: signal?.save() ?? null,
      alarm: isQuiet(state) ? null : alarm,
    };
  }
}

/** The condition in terms of the rule's levels, of which there may be fewer than there were. */
export function fitted(condition: ConditionState, { comparison: { levels } }: AlarmRule): ConditionState {
  const { level, met, back } = condition;
  if (level <= levels.length && met.length <= levels.length) return condition;
  const fits = Math.min(level, levels.length);
  return { ...condition, level: fits, met: met.slice(0, levels.length), back: back?.slice(0, fits) ?? null };
}
