import type { Reading } from '../reading.js';
import type { TimeZone } from '../time-zone.js';
import { type ConditionState, normalCondition, phaseOf, UNSEEN } from './condition.js';
import { eventTime, type Reason, type Transition } from './evaluate.js';
import { type Judged, judge, judgeMeasure } from './judge.js';
import { type AlarmRule, gapBoundMs } from './rule.js';
import { holds } from './schedule.js';
import type { Signal } from './signal/signal.js';

/** What the registry says of the subject, as far as judging depends on it. */
export interface ReplayFacts {
  /** Null where it is not known, and for a place. */
  readonly expectedIntervalS: number | null;
}

export interface ReplayOptions {
  readonly facts: ReplayFacts;
  readonly zone: TimeZone;
  /** Opens the signal of a rule with an empty memory; null for the value itself. */
  readonly open: (rule: AlarmRule, gapMs: () => number) => Signal | null;
}

/** One stored reading, as it came. */
export interface ReplayInput {
  readonly device: string;
  readonly reading: Reading;
  readonly receivedAt: number;
}

/** What became of one input. Times are epoch milliseconds. */
export interface ReplayStep {
  readonly at: number;
  readonly receivedAt: number;
  /** What was compared; null where there was nothing to compare. */
  readonly measure: number | null;
  readonly reason: Reason;
  /** Place of the level that stands afterwards, 0: none; and since when something has been abnormal. */
  readonly level: number;
  readonly since: number | null;
  readonly transition: Transition | null;
}

const MINUTE_MS = 60_000;

/**
 * A rule on one subject, judged again from stored inputs by the functions that judge live ones. Inputs come in the order
 * in which they were received: what came too late then comes too late now.
 */
export class Replay implements Judged {
  normal = true;
  lastTs = UNSEEN;
  signal: Signal | null = null;
  gapMs = 0;
  private current: ConditionState = normalCondition();

  constructor(
    public rule: AlarmRule,
    private readonly options: ReplayOptions,
  ) {
    this.open();
  }

  get condition(): ConditionState {
    return this.normal ? normalCondition(this.lastTs) : this.current;
  }

  take({ device, reading, receivedAt }: ReplayInput): ReplayStep {
    const judged = judge(this, reading, device, receivedAt, this.options.zone, true);
    if (judged === null) {
      const at = eventTime(reading.ts, receivedAt);
      const reason = at < this.lastTs ? 'out_of_order' : 'normal';
      if (at > this.lastTs) this.lastTs = at;
      return { at, receivedAt, measure: reading.value, reason, level: 0, since: null, transition: null };
    }
    this.settle(judged.condition);
    const { at, measure, reason, condition, transition = null } = judged;
    return { at, receivedAt, measure, reason, level: condition.level, since: condition.since, transition };
  }

  /**
   * Time passes to `until`: what the schedule ends before then. Live this is looked at every second; schedules change on
   * whole minutes.
   */
  pass(until: number): ReplayStep | null {
    const { schedule } = this.rule;
    if (schedule === null || this.normal) return null;
    const first = Math.ceil((this.lastTs + 1) / MINUTE_MS) * MINUTE_MS;
    for (let at = first; at < until; at += MINUTE_MS) {
      if (holds(schedule, at, this.options.zone)) continue;
      const { condition, reason, transition = null } = judgeMeasure(this, at, null, true, false, this.options.zone);
      this.settle(condition);
      return { at, receivedAt: at, measure: null, reason, level: 0, since: null, transition };
    }
    return null;
  }

  /** Takes up where something stood already. */
  begin(condition: ConditionState): void {
    this.settle(condition);
  }

  /** Another version of the rule is in force: what stands goes on; another signal starts with an empty memory. */
  change(rule: AlarmRule): void {
    const sameSignal = JSON.stringify(rule.signal) === JSON.stringify(this.rule.signal);
    this.rule = rule;
    if (sameSignal) this.gapMs = this.bound();
    else this.open();
  }

  private settle(condition: ConditionState): void {
    this.current = condition;
    this.normal = phaseOf(condition) === 'normal';
    this.lastTs = condition.lastTs;
  }

  private open(): void {
    this.gapMs = this.bound();
    this.signal = this.options.open(this.rule, () => this.gapMs);
  }

  private bound(): number {
    return gapBoundMs(this.rule, this.options.facts.expectedIntervalS);
  }
}

/** All steps of one rule over inputs in the order of their receipt. */
export function* replay(
  rule: AlarmRule,
  inputs: Iterable<ReplayInput>,
  options: ReplayOptions,
): Generator<ReplayStep, void, undefined> {
  const one = new Replay(rule, options);
  for (const input of inputs) {
    const passed = one.pass(input.receivedAt);
    if (passed !== null) yield passed;
    yield one.take(input);
  }
}
