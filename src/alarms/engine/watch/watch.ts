import { SECOND_MS } from '../../../model/time/duration.js';
import type { SeriesClock } from '../../../model/time/trust.js';
import { type Alarm, type AlarmPlace, alarmId } from '../../model/alarm.js';
import { type ConditionState, normalCondition, phaseOf, UNSEEN } from '../../model/judge/condition.js';
import { isOpen, type KeptReadings, NO_PAST, type PastState, type WaitingReadings } from '../../model/judge/past.js';
import { type AlarmDomain, type AlarmRule, longestBridgedMs } from '../../model/rule/rule.js';
import type { Signal } from '../../model/signal/signal.js';
import { type AlarmState, isQuiet, NORMAL } from '../../model/state.js';
import type { StoredCondition } from '../../store/store.js';

/** The subject, as far as an alarm shows it. */
export interface WatchSubject {
  /** Id in the API. */
  readonly id: string;
  /** Unique in the service. */
  readonly key: string;
  /** Name in alarms, unique among all parks. */
  readonly name: string;
  readonly park: string | null;
  readonly domain: AlarmDomain;
  readonly place: string | null;
  readonly enterprise: string | null;
}

/** One rule on one subject, in memory. While it is normal only `lastTs` moves, without a new state for each reading. */
export class Watch {
  readonly id: string;
  /** Null for a rule on the value itself. */
  signal: Signal | null = null;
  /** The signal's last measure. */
  measure: number | null = null;
  /** Devices of the place whose readings count; empty for other subjects. */
  readonly members = new Set<string>();
  normal = true;
  /** Judged exceedances from late readings; null without any. */
  #past: PastState | null = null;
  /** The backlog of its series while it may hold something abnormal. */
  waiting: { stored(): WaitingReadings } | null = null;
  /** The remembered readings that its past depends on. */
  memory: { stored(): KeptReadings } | null = null;
  /** The series' count of watches that are not normal; null outside a series. */
  tally: { abnormal: number } | null = null;
  /** Whether its signal's memory waits for storage. */
  memoryWaits = false;
  lastTs = UNSEEN;
  state: AlarmState = NORMAL;
  /** The alarm after its last event; null before the first. */
  alarm: Alarm | null = null;
  private current: ConditionState = normalCondition();

  /** Clock of its series; null for other subjects. */
  clock: SeriesClock | null = null;
  /** When its next delay is due, by the service's clock; infinite without one. */
  lookAt = Number.POSITIVE_INFINITY;

  /** @param expectedIntervalS as registered; null where unknown, and for a place */
  constructor(
    readonly subject: WatchSubject,
    public rule: AlarmRule,
    public expectedIntervalS: number | null,
  ) {
    this.id = alarmId(rule.id, subject.name);
  }

  /** Longest step, in milliseconds, that a delay may bridge: a value holds that long. */
  get gapMs(): number {
    return longestBridgedMs(this.rule, this.expectedIntervalS, this.clock?.learnedMs, this.clock?.usualMs);
  }

  /** Interval of its readings, in milliseconds: as registered, else as learned; null: unknown. */
  get intervalMs(): number | null {
    const { expectedIntervalS, clock } = this;
    if (expectedIntervalS !== null) return expectedIntervalS * SECOND_MS;
    return clock === null ? null : (clock.usualMs ?? clock.learnedMs);
  }

  get condition(): ConditionState {
    return this.normal ? normalCondition(this.lastTs) : this.current;
  }

  set condition(condition: ConditionState) {
    const { concerned } = this;
    this.current = condition;
    this.normal = phaseOf(condition) === 'normal';
    this.lastTs = condition.lastTs;
    this.recount(concerned);
  }

  get past(): PastState | null {
    return this.#past;
  }

  set past(past: PastState | null) {
    const { concerned } = this;
    this.#past = past;
    this.recount(concerned);
  }

  /** Whether it must evaluate even a normal reading, which may end something. */
  get concerned(): boolean {
    return !this.normal || (this.#past !== null && isOpen(this.#past));
  }

  private recount(before: boolean): void {
    if (this.tally !== null && this.concerned !== before) this.tally.abnormal += before ? -1 : 1;
  }

  /** Whether nothing stands, is suppressed or is pending. */
  get quiet(): boolean {
    return !this.concerned && this.waiting === null && isQuiet(this.state);
  }

  /** Puts another version of its rule in force; a level that no longer exists becomes the highest one left. */
  setRule(rule: AlarmRule): void {
    this.rule = rule;
    this.condition = fitted(this.condition, rule);
  }

  where(): AlarmPlace {
    const { id: device, name, park, place, enterprise } = this.subject;
    return { device, name, park, place, enterprise };
  }

  /** Stored form; `restore` reverses it. */
  stored(): StoredCondition {
    const { rule, subject, condition, state, signal, alarm, quiet } = this;
    return {
      rule: rule.id,
      device: subject.id,
      park: subject.park,
      quiet,
      condition,
      past: this.storedPast(),
      steps: quiet ? null : (this.clock?.steps ?? null),
      state,
      memory: signal?.save() ?? null,
      alarm: isQuiet(state) ? null : alarm,
    };
  }

  private storedPast(): PastState | null {
    const { waiting, memory } = this;
    const past = this.#past ?? (waiting === null ? null : NO_PAST);
    if (past === null || (waiting === null && memory === null)) return past;
    return {
      ...past,
      ...(waiting !== null && { waiting: waiting.stored() }),
      ...(memory !== null && { kept: memory.stored() }),
    };
  }

  /** Restores all but alarm, signal and backlog, which their owners restore. */
  restore({ condition, past, state, steps }: StoredCondition): void {
    this.condition = fitted(condition, this.rule);
    this.past = past;
    this.state = state;
    if (steps !== null) this.clock?.resume(condition.lastTs, steps);
  }
}

/** The condition cut to the levels of the rule, which may be fewer than before. */
function fitted(condition: ConditionState, { comparison: { levels } }: AlarmRule): ConditionState {
  const { level, met, back } = condition;
  if (level <= levels.length && met.length <= levels.length) return condition;
  const fits = Math.min(level, levels.length);
  return { ...condition, level: fits, met: met.slice(0, levels.length), back: back?.slice(0, fits) ?? null };
}
