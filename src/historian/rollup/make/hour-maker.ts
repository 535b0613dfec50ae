import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../model/time/duration.js';
import type { SeriesKey } from '../../port/queries.js';
import { MAX_HOLD_MS } from '../model/bucket.js';
import { hourOf } from '../model/calendar.js';
import { seriesName } from '../port.js';
import { makeHours, seriesWithRollups } from './make-hours.js';
import { Probe } from './probe.js';
import { failing, type SharedParts } from './shared-parts.js';

/** How long after its end an hour is rolled up; what is later is corrected. */
const GRACE_MS = 10 * MINUTE_MS;
/** A clock that goes back by more takes the watermark with it: else all that comes would be late. */
const CLOCK_BACK_MS = DAY_MS;
/** One piece of that should last about this long; a piece is an hour at least and a day at most. */
const [SHORT_MS, LONG_MS] = [500, 2_000];

/** Rolls up hours that are over. One that fails while a later one does not is passed over, and tried again by itself. */
export class HourMaker {
  /** All that was received before this is visible to `source`. */
  settledUntil = Number.NEGATIVE_INFINITY;
  private spanMs = HOUR_MS;
  private readonly probe = new Probe();
  /** The hour whose series are being looked up. */
  private remaking: number | null = null;

  constructor(private readonly shared: SharedParts) {}

  get isDue(): boolean {
    return this.target > this.shared.progress.rolledTo;
  }

  /** Whether a reading of that time need not be noted: its hour was passed over and will be made as a whole. */
  waits(ts: number): boolean {
    const { hours } = this.shared.progress;
    return hours.all.length > 0 && hours.has(ts) && hourOf(ts) !== this.remaking;
  }

  followClockBack(): void {
    const { target, shared } = this;
    if (!Number.isFinite(target) || target >= shared.progress.rolledTo - CLOCK_BACK_MS) return;
    shared.progress.goBackTo(target);
  }

  /** Rolls up the next hours. @throws what that failed with; nothing is lost, and the next call goes on */
  async work(signal?: AbortSignal): Promise<void> {
    const { progress } = this.shared;
    const { target } = this;
    const began = performance.now();
    if (progress.now.rolledTo === null) await this.begin(target);
    const next = Math.max(progress.rolledTo, progress.keptFrom);
    const from = next + HOUR_MS * this.probe.skip((target - next) / HOUR_MS - 1);
    const to = Math.min(target, from + this.spanMs);
    if (to > from && !(await this.rollUp(from, to, signal))) return;
    if (from > next) this.passOver(next, from);
    // What a series could not be rolled up for is known before its hours count as rolled up.
    this.shared.saveProgress();
    if (progress.keptFrom <= from) progress.move({ rolledTo: Math.max(to, progress.rolledTo) });
    progress.watched = progress.rolledTo;
    this.probe.succeeded();
    const tookMs = performance.now() - began;
    if (tookMs < SHORT_MS) this.spanMs = Math.min(this.spanMs * 2, DAY_MS);
    else if (tookMs > LONG_MS) this.spanMs = Math.max(hourOf(this.spanMs / 2), HOUR_MS);
  }

  /** An hour that was passed over and may be tried again; null when there is none. */
  get waiting(): number | null {
    const { progress, retries } = this.shared;
    for (const { from, to } of progress.hours.all) {
      for (let hour = Math.max(from, progress.keptFrom); hour < to; hour += HOUR_MS) {
        if (retries.isDue('hour', hour)) return hour;
      }
    }
    return null;
  }

  /** Looks up the series of an hour that was passed over: the hour is out of date then for each of them, no more. */
  async remake(hour: number, signal?: AbortSignal): Promise<void> {
    const { source, store, progress, dirty, retries, saveProgress } = this.shared;
    const found = new Map<string, SeriesKey>();
    this.remaking = hour;
    try {
      const to = hour + HOUR_MS;
      const from = Math.max(hour - MAX_HOLD_MS, this.readableFrom(hour));
      for await (const { series } of source.goodReadings('all', from, to)) {
        signal?.throwIfAborted();
        found.set(seriesName(series), series);
      }
      // Of an attempt that did not end.
      for (const [name, series] of await seriesWithRollups(store, hour, to)) found.set(name, series);
      // The hour behind it was made without what this one hands on.
      const redone = { from: hour, to: Math.min(to + HOUR_MS, progress.rolledTo) };
      for (const series of found.values()) dirty.noteHours(series, redone);
      saveProgress();
      progress.hours.remove({ from: hour, to });
      retries.succeeded('hour', hour);
    } catch (error) {
      if (!signal?.aborted) retries.failed('hour', hour, error);
    } finally {
      this.remaking = null;
    }
  }

  /** The hours that are over and settled end here. */
  private get target(): number {
    return hourOf(this.settledUntil - GRACE_MS);
  }

  /** Readings of an hour that was passed over cannot be read for the one behind it either. */
  private readableFrom(hour: number): number {
    const { hours, keptFrom } = this.shared.progress;
    return hours.has(hour - 1) ? hour : keptFrom;
  }

  /** False where a shorter stretch is to be tried first. */
  private async rollUp(from: number, to: number, signal?: AbortSignal): Promise<boolean> {
    const { progress, written } = this.shared;
    // What comes while its hour is computed may or may not be seen: it counts as late.
    progress.watched = to;
    const again = (progress.now.rollingTo ?? from) > from;
    try {
      if ((progress.now.rollingTo ?? from) < to) progress.move({ rollingTo: to });
      const keptFrom = from > progress.rolledTo ? from : this.readableFrom(from);
      written.hours += await makeHours(
        this.shared,
        { from, to, keptFrom, again },
        failing(this.shared, { from, to }),
        signal,
      );
      return true;
    } catch (error) {
      progress.watched = progress.rolledTo;
      this.spanMs = HOUR_MS;
      if (!signal?.aborted && to - from > HOUR_MS) return false;
      if (!signal?.aborted) this.probe.failed(error);
      throw error;
    }
  }

  private passOver(from: number, to: number): void {
    const { progress, dirty, retries } = this.shared;
    progress.hours.add({ from, to });
    dirty.forget({ from, to });
    for (let hour = from; hour < to; hour += HOUR_MS) retries.failed('hour', hour, this.probe.failure);
  }

  private async begin(target: number): Promise<void> {
    const { source, progress } = this.shared;
    progress.watched = target;
    try {
      progress.begin((await source.oldest()) ?? target, target);
    } catch (error) {
      progress.watched = Number.NEGATIVE_INFINITY;
      throw error;
    }
  }
}
