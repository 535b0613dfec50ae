import { type Alarm, type AlarmPlace, alarmId } from '../domain/alarm/alarm.js';
import { type ConditionState, normalCondition, phaseOf, UNSEEN } from '../domain/alarm/condition.js';
import type { AlarmDomain, AlarmRule } from '../domain/alarm/rule.js';
import type { Signal } from '../domain/alarm/signal/signal.js';
import { type AlarmState, isQuiet, NORMAL } from '../domain/alarm/state.js';
import type { StoredCondition } from './store.js';

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
  lastTs = UNSEEN;
  state: AlarmState = NORMAL;
  /** As it was told last; null while there is nothing to tell. */
  alarm: Alarm | null = null;
  private current: ConditionState = normalCondition();

  constructor(
    readonly subject: Subject,
    public rule: AlarmRule,
    public gapMs: number,
  ) {
    this.id = alarmId(rule.id, subject.id);
  }

  get condition(): ConditionState {
    return this.normal ? normalCondition(this.lastTs) : this.current;
  }

  set condition(condition: ConditionState) {
    this.current = condition;
    this.normal = phaseOf(condition) === 'normal';
    this.lastTs = condition.lastTs;
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
    const { id: device, park, place, enterprise } = this.subject;
    return { device, park, place, enterprise };
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

/** What the registry says of a device, as far as alarms depend on it. */
export interface SubjectFacts {
  readonly limitProfile: string | null;
  readonly expectedIntervalS: number | null;
  readonly place: string | null;
  readonly enterprise: string | null;
}

const NOTHING_KNOWN: SubjectFacts = { limitProfile: null, expectedIntervalS: null, place: null, enterprise: null };

/** What alarms are about: a device that has reported, a gateway, a place, or a part of the service. */
export class Subject implements SubjectFacts {
  readonly byMetric = new Map<string, readonly Watch[]>();
  limitProfile: string | null = null;
  expectedIntervalS: number | null = null;
  place: string | null = null;
  enterprise: string | null = null;

  constructor(
    readonly id: string,
    readonly park: string | null,
    readonly domain: AlarmDomain,
  ) {}

  /** Takes over what the registry says; true when something changed. */
  learn(facts: SubjectFacts | undefined): boolean {
    const { limitProfile, expectedIntervalS, place, enterprise } = facts ?? NOTHING_KNOWN;
    if (
      limitProfile === this.limitProfile &&
      expectedIntervalS === this.expectedIntervalS &&
      place === this.place &&
      enterprise === this.enterprise
    ) {
      return false;
    }
    this.limitProfile = limitProfile;
    this.expectedIntervalS = expectedIntervalS;
    this.place = place;
    this.enterprise = enterprise;
    return true;
  }
}
