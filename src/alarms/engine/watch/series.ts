import type { Reading } from '../../../model/reading.js';
import { isOlder, LIVE_WINDOW_MS, SeriesClock } from '../../../model/time/trust.js';
import { policyOf } from '../../model/class.js';
import { UNSEEN } from '../../model/judge/condition.js';
import type { Backlog } from '../past/backlog.js';
import { LiveReadings, type Memory } from '../past/memory.js';
import type { Watch } from './watch.js';

/**
 * The watches of one series. However many rules compare the value itself, one look at the span in which all of them stay
 * normal does for most readings.
 */
export class Series extends SeriesClock {
  /** Those that compare the value itself, and those that make something else of it. */
  readonly plain: readonly Watch[];
  /** Whether one of them records even what is only out of order: what fire leaves must be seen. */
  private readonly latches: boolean;
  /** What comes too late just now; null while nothing does. */
  backlog: Backlog<Series> | null = null;
  /** What is remembered of its readings; null before there is anything. */
  memory: Memory | null = null;
  /** Its newest live readings; null where no alarm of it latches: what is out of order by less than late is nothing there. */
  live: LiveReadings | null = null;
  /** How many of `plain` are not normal: they say so themselves, for looking at each of them takes long. */
  abnormal = 0;
  private readonly folding: readonly Watch[];
  /** Between these all of `plain` stay normal. */
  private readonly low: number;
  private readonly high: number;
  /** Of the newest reading that passed by; the watches learn it when they are looked at. */
  private passedAt = UNSEEN;

  constructor(
    readonly watches: readonly Watch[],
    usual?: () => number | null,
  ) {
    super(usual);
    this.plain = watches.filter((watch) => watch.signal === null);
    this.folding = watches.filter((watch) => watch.signal !== null);
    this.latches = this.plain.some(({ rule }) => policyOf(rule.alarmClass).latching);
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
      // There is no span around a single value.
      else [low, high] = [Number.NaN, Number.NaN];
    }
    this.low = low;
    this.high = high;
    if (this.latches) this.live = new LiveReadings();
  }

  /** The watches that have to look at a reading; `at`: its event time as alarms count it. */
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

  /** Whether a reading is of the past: for what compares the value itself. */
  isPast(ageMs: number, lagMs: number | null, outdated: boolean): boolean {
    if (this.plain.length === 0) return false;
    return outdated ? ageMs > LIVE_WINDOW_MS || this.latches : lagMs === null;
  }

  /** Takes over from the series as it was with other watches. */
  takeOver(before: Series): void {
    before.catchUp();
    this.resume(before.newestAt, before.steps);
    this.backlog = before.backlog;
    this.memory = before.memory;
    if (this.live !== null) this.live = before.live ?? this.live;
    if (this.backlog !== null) this.backlog.series = this;
  }

  /** What has passed by counts for the watches. */
  catchUp(): void {
    for (const watch of this.plain) if (watch.normal && this.passedAt > watch.lastTs) watch.lastTs = this.passedAt;
  }
}
