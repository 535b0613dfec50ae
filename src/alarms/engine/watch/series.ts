import type { Reading } from '../../../model/reading.js';
import { isOlder, LIVE_WINDOW_MS, SeriesClock } from '../../../model/time/trust.js';
import { classPolicyOf } from '../../model/class.js';
import { UNSEEN } from '../../model/judge/condition.js';
import type { Backlog } from '../past/backlog.js';
import { LiveReadings, type Memory } from '../past/memory.js';
import type { Watch } from './watch.js';

/** The watches of one series. For most readings one comparison with the normal span of all plain rules is enough. */
export class Series extends SeriesClock {
  /** Watches that compare the value itself; `folding` holds the others. */
  readonly plain: readonly Watch[];
  /** Whether a latching alarm is among them: it records even readings that are only out of order, as fire must. */
  private readonly latches: boolean;
  /** The backlog that is growing; null without one. */
  backlog: Backlog<Series> | null = null;
  /** Readings remembered from judged backlogs; null before the first. */
  memory: Memory | null = null;
  /** The newest live readings; null without a latching alarm: others ignore readings out of order that are not late. */
  live: LiveReadings | null = null;
  /** How many of `plain` are not normal; each watch counts itself, for a look at all takes long. */
  abnormal = 0;
  private readonly folding: readonly Watch[];
  /** The span in which all of `plain` stay normal. */
  private readonly low: number;
  private readonly high: number;
  /** Event time of the newest reading that passed by; `catchUp` copies it to the watches. */
  private passedAt = UNSEEN;

  constructor(
    readonly watches: readonly Watch[],
    usual?: () => number | null,
  ) {
    super(usual);
    this.plain = watches.filter((watch) => watch.signal === null);
    this.folding = watches.filter((watch) => watch.signal !== null);
    this.latches = this.plain.some(({ rule }) => classPolicyOf(rule.alarmClass).latching);
    let low = Number.NEGATIVE_INFINITY;
    let high = Number.POSITIVE_INFINITY;
    for (const watch of this.folding) if (watch.rule.signal.kind !== 'vote') watch.clock = this;
    for (const watch of this.plain) {
      watch.tally = watch.clock = this;
      if (watch.concerned) this.abnormal += 1;
      const { side, levels } = watch.rule.comparison;
      const { setpoint } = levels[0]!;
      if (side === 'high') high = Math.min(high, setpoint);
      else if (side === 'low') low = Math.max(low, setpoint);
      // A rule on equality leaves no such span.
      else [low, high] = [Number.NaN, Number.NaN];
    }
    this.low = low;
    this.high = high;
    if (this.latches) this.live = new LiveReadings();
  }

  /** The watches that must evaluate a reading; `at`: its event time as alarms count it. */
  concerned(reading: Reading, at: number, receivedAt: number): readonly Watch[] {
    if (this.plain.length === 0) return this.watches;
    const { value } = reading;
    if (reading.quality === 'good' && value > this.low && value < this.high && this.abnormal === 0) {
      if (!isOlder(at, this.passedAt, receivedAt)) {
        this.passedAt = at;
        if (this.live !== null) this.live.append(at, value);
      }
      return this.folding;
    }
    if (this.live !== null && reading.quality === 'good' && !isOlder(at, this.newestAt, receivedAt)) {
      this.live.append(at, value);
    }
    this.catchUp();
    return this.watches;
  }

  /** Whether a reading is of the past, for watches of the value itself. */
  isPast(ageMs: number, lagMs: number | null, outdated: boolean): boolean {
    if (this.plain.length === 0) return false;
    return outdated ? ageMs > LIVE_WINDOW_MS || this.latches : lagMs === null;
  }

  /** Takes over the state of the series from before its watches changed. */
  takeOver(before: Series): void {
    before.catchUp();
    this.resume(before.newestAt, before.steps);
    this.backlog = before.backlog;
    this.memory = before.memory;
    if (this.live !== null) this.live = before.live ?? this.live;
    if (this.backlog !== null) this.backlog.series = this;
  }

  /** Gives the watches the event time of the newest reading that passed by. */
  catchUp(): void {
    for (const watch of this.plain) if (watch.normal && this.passedAt > watch.lastTs) watch.lastTs = this.passedAt;
  }
}
