import { SECOND_MS } from '../../../model/time/duration.js';
import type { SeriesClock } from '../../../model/time/trust.js';
import { type Alarm, type AlarmPlace, alarmId } from '../../model/alarm.js';
import { type ConditionState, normalCondition, phaseOf, UNSEEN } from '../../model/judge/condition.js';
import { isOpen, type KeptReadings, NO_PAST, type PastState, type WaitingReadings } from '../../model/judge/past.js';
import { type AlarmDomain, type AlarmRule, gapBoundMs } from '../../model/rule/rule.js';
import type { Signal } from '../../model/signal/signal.js';
import { type AlarmState, isQuiet, NORMAL } from '../../model/state.js';
import type { StoredCondition } from '../../store/store.js';

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
  /** What came too late to be live; null while nothing did. */
  #past: PastState | null = null;
  /** A backlog of its series that may tell of something abnormal, and is not judged yet. */
  waiting: { stored(): WaitingReadings } | null = null;
  /** What is remembered of the readings that its past was judged by. */
  memory: { stored(): KeptReadings } | null = null;
  /** Counts those that are not normal among the watches of its series; null where nobody counts. */
  tally: { abnormal: number } | null = null;
  /** Its signal waits to be stored. */
  memoryWaits = false;
  lastTs = UNSEEN;
  state: AlarmState = NORMAL;
  /** As it was told last; null while there is nothing to tell. */
  alarm: Alarm | null = null;
  private current: ConditionState = normalCondition();

  /** Of its series, where it listens to one. */
  clock: SeriesClock | null = null;
  /** When its delays are looked at again, by our clock; infinite where none waits. */
  lookAt = Number.POSITIVE_INFINITY;

  /** @param expectedIntervalS by the registry; null where it is not known, and for a place */
  constructor(
    readonly subject: WatchSubject,
    public rule: AlarmRule,
    public expectedIntervalS: number | null,
  ) {
    this.id = alarmId(rule.id, subject.name);
  }

  /** Longest step that a delay may bridge, in milliseconds: for so long a value holds. */
  get gapMs(): number {
    return gapBoundMs(this.rule, this.expectedIntervalS, this.clock?.learnedMs, this.clock?.usualMs);
  }

  /** How often its readings come, in milliseconds: as registered, else as learned; null: not known. */
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

  /** Whether even a normal reading is looked at: it may end something. */
  get concerned(): boolean {
    return !this.normal || (this.#past !== null && isOpen(this.#past));
  }

  private recount(before: boolean): void {
    if (this.tally !== null && this.concerned !== before) this.tally.abnormal += before ? -1 : 1;
  }

  /** Whether nothing stands, is suppressed, or may come to stand. */
  get quiet(): boolean {
    return !this.concerned && this.waiting === null && isQuiet(this.state);
  }

  /** Puts another version of its rule in force; a level that is gone is the highest that is left. */
  setRule(rule: AlarmRule): void {
    this.rule = rule;
    this.condition = fitted(this.condition, rule);
  }

  where(): AlarmPlace {
    const { id: device, name, park, place, enterprise } = this.subject;
    return { device, name, park, place, enterprise };
  }

  /** As `restore` takes it up again. */
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

  /** What `stored` gave, but for its alarm, signal and backlog: others know of them too. */
  restore({ condition, past, state, steps }: StoredCondition): void {
    this.condition = fitted(condition, this.rule);
    this.past = past;
    this.state = state;
    if (steps !== null) this.clock?.resume(condition.lastTs, steps);
  }
}

/** The condition in terms of the rule's levels, of which there may be fewer than there were. */
function fitted(condition: ConditionState, { comparison: { levels } }: AlarmRule): ConditionState {
  const { level, met, back } = condition;
  if (level <= levels.length && met.length <= levels.length) return condition;
  const fits = Math.min(level, levels.length);
  return { ...condition, level: fits, met: met.slice(0, levels.length), back: back?.slice(0, fits) ?? null };
}
