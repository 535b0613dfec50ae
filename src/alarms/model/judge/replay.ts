import type { Reading } from '../../../model/reading.js';
import { MINUTE_MS } from '../../../model/time/duration.js';
import { eventTime, isLate, isOfFuture, isOlder, SeriesClock } from '../../../model/time/trust.js';
import type { TimeZone } from '../../../model/time/zone.js';
import { ExpectedInterval } from '../absence/expected-interval.js';
import { type AlarmRule, longestBridgedMs } from '../rule/rule.js';
import { holds } from '../rule/schedule.js';
import type { Signal } from '../signal/signal.js';
import { type ConditionState, normalCondition, phaseOf, UNSEEN } from './condition.js';
import type { EvaluationReason, Transition } from './evaluate.js';
import { dueByClock, type Judged, type Judgement, judge, judgeDue, judgeHours } from './judge.js';

/** Registry data of the subject that a judgement depends on. */
interface ReplayFacts {
  /** Null where unknown, and for a place. */
  readonly expectedIntervalS: number | null;
  /** Interval of a voter of a place. */
  readonly intervalOf?: (device: string) => number | null;
  /** Milliseconds between readings of a series before the inputs begin; null: unknown. Left out: learned again. */
  readonly usualMs?: (device: string, metric: string) => number | null;
}

export interface ReplaySettings {
  readonly facts: ReplayFacts;
  readonly zone: TimeZone;
  /** Whether a steady lag counts as a slow clock, as it does live; true when left out. */
  readonly slowClocks?: boolean;
  /** Opens the signal of a rule with an empty memory; null for a rule on the value itself. */
  readonly open: (rule: AlarmRule, gapMs: () => number) => Signal | null;
}

export interface ReplayInput {
  readonly device: string;
  readonly reading: Reading;
  readonly receivedAt: number;
}

/** Result of one input. Times are epoch milliseconds. */
export interface ReplayStep {
  readonly at: number;
  readonly receivedAt: number;
  /** The measure; null without evidence. */
  readonly measure: number | null;
  readonly reason: EvaluationReason;
  /** Number of the level afterwards, 0: none; and since when something has been abnormal. */
  readonly level: number;
  readonly since: number | null;
  readonly transition: Transition | null;
}

/** Judges stored inputs again as live evaluation does. They come in order of receipt: a late one is late again. */
export class Replay implements Judged {
  normal = true;
  lastTs = UNSEEN;
  signal: Signal | null = null;
  private readonly series = new Map<string, ReplayedSeries>();
  /** Clock of the series judged last. */
  private clock: SeriesClock | null = null;
  private current: ConditionState = normalCondition();

  constructor(
    public rule: AlarmRule,
    private readonly options: ReplaySettings,
  ) {
    this.open();
  }

  get condition(): ConditionState {
    return this.normal ? normalCondition(this.lastTs) : this.current;
  }

  get gapMs(): number {
    const clock = this.rule.signal.kind === 'vote' ? null : this.clock;
    return longestBridgedMs(this.rule, this.options.facts.expectedIntervalS, clock?.learnedMs, clock?.usualMs);
  }

  accept({ device, reading, receivedAt }: ReplayInput): ReplayStep {
    const { rule, options } = this;
    const at = eventTime(reading.ts, receivedAt);
    const { clock, interval } = this.seriesOf(device, reading.metric);
    this.clock = clock;
    const isVote = rule.signal.kind === 'vote';
    if (isOfFuture(this.lastTs, receivedAt) && this.signal !== null && !isVote) this.open();
    const arrival = {
      device,
      receivedAt,
      lagMs: this.lagOf(clock, reading.ts, receivedAt),
      outdated: isOlder(at, clock.newestAt, receivedAt),
      holdMs: isVote ? this.holdOf(device, clock) : 0,
    };
    const judged = judge(this, reading, arrival, options.zone, true);
    let step: ReplayStep;
    if (judged === null) {
      const reason = isOlder(at, this.lastTs, receivedAt) ? 'out_of_order' : 'normal';
      if (reason === 'normal') this.lastTs = at;
      step = { at, receivedAt, measure: reading.value, reason, level: 0, since: null, transition: null };
    } else {
      step = this.settled(judged, receivedAt);
    }
    clock.noteReceipt(at, receivedAt);
    interval.accept(reading.ts, receivedAt);
    return step;
  }

  /** Lets time pass to `until`: returns the first end by delay or schedule before then; null when none is left. */
  pass(until: number): ReplayStep | null {
    if (this.normal) return null;
    const over = this.endOfHours(until);
    const due = dueByClock(this);
    if (due !== null && due < Math.min(until, over ?? until))
      return this.settled(judgeDue(this, this.options.zone), due);
    return over === null ? null : this.settled(judgeHours(this, over, this.options.zone), over);
  }

  /** Live evaluation checks the schedule every second; schedules change on whole minutes. */
  private endOfHours(until: number): number | null {
    const { schedule } = this.rule;
    if (schedule === null) return null;
    const first = Math.ceil((this.lastTs + 1) / MINUTE_MS) * MINUTE_MS;
    for (let at = first; at < until; at += MINUTE_MS) if (!holds(schedule, at, this.options.zone)) return at;
    return null;
  }

  /** Starts from a condition that stood already. */
  begin(condition: ConditionState): void {
    this.settle(condition);
  }

  /** Puts another version of the rule in force: the condition stays; another signal starts with an empty memory. */
  change(rule: AlarmRule): void {
    const sameSignal = JSON.stringify(rule.signal) === JSON.stringify(this.rule.signal);
    this.rule = rule;
    if (!sameSignal) this.open();
  }

  private settled({ at, measure, reason, condition, transition }: Judgement, receivedAt: number): ReplayStep {
    this.settle(condition);
    const { level, since } = condition;
    return { at, receivedAt, measure, reason, level, since, transition: transition ?? null };
  }

  private settle(condition: ConditionState): void {
    this.current = condition;
    this.normal = phaseOf(condition) === 'normal';
    this.lastTs = condition.lastTs;
  }

  private open(): void {
    this.signal = this.options.open(this.rule, () => this.gapMs);
  }

  private lagOf(clock: SeriesClock, ts: number, receivedAt: number): number | null {
    if (!isLate(ts, receivedAt)) return 0;
    return this.options.slowClocks === false ? null : clock.lagOf(ts, receivedAt);
  }

  private holdOf(device: string, clock: SeriesClock): number {
    const { expectedIntervalS, intervalOf } = this.options.facts;
    return longestBridgedMs(
      this.rule,
      intervalOf ? intervalOf(device) : expectedIntervalS,
      clock.learnedMs,
      clock.usualMs,
    );
  }

  private seriesOf(device: string, metric: string): ReplayedSeries {
    const name = `${device} ${metric}`;
    let series = this.series.get(name);
    if (series === undefined) {
      const interval = new ExpectedInterval();
      const { usualMs } = this.options.facts;
      const usual = usualMs && (() => interval.estimateMs ?? usualMs(device, metric));
      series = { interval, clock: new SeriesClock(usual) };
      this.series.set(name, series);
    }
    return series;
  }
}

/** Clock and interval of a series, as live evaluation keeps them. */
interface ReplayedSeries {
  readonly clock: SeriesClock;
  readonly interval: ExpectedInterval;
}

/** All steps by time alone before `until`. */
export function* passed(one: Replay, until: number): Generator<ReplayStep, void, undefined> {
  for (let step = one.pass(until); step !== null; step = one.pass(until)) yield step;
}
