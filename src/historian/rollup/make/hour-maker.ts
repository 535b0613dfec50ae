import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../model/time/duration.js';
import type { SeriesKey } from '../../port/queries.js';
import { MAX_HOLD_MS } from '../model/bucket.js';
import { hourOf } from '../model/calendar.js';
import { seriesName } from '../port.js';
import { makeHours, seriesWithRollups } from './make-hours.js';
import { Probe } from './probe.js';
import { failing, type SharedParts } from './shared-parts.js';

/** Time after its end at which an hour is rolled up; later readings cause a correction. */
const GRACE_MS = 10 * MINUTE_MS;
/** A clock set back by more than this moves the watermark back too; otherwise every new reading would be late. */
const CLOCK_BACK_MS = DAY_MS;
/** Target duration of one piece of work; a piece is at least an hour and at most a day. */
const [SHORT_MS, LONG_MS] = [500, 2_000];

/** Rolls up past hours. Skips an hour that fails while a later one succeeds, and tries it again alone. */
export class HourMaker {
  /** Everything received before this is visible to `source`. */
  settledUntil = Number.NEGATIVE_INFINITY;
  private spanMs = HOUR_MS;
  private readonly probe = new Probe();
  /** The skipped hour that `remake` is working on. */
  private remaking: number | null = null;

  constructor(private readonly shared: SharedParts) {}

  get isDue(): boolean {
    return this.target > this.shared.progress.rolledTo;
  }

  /** Whether a reading of that time needs no note: its hour was skipped and will be made as a whole. */
  waits(ts: number): boolean {
    const { hours } = this.shared.progress;
    return hours.all.length > 0 && hours.has(ts) && hourOf(ts) !== this.remaking;
  }

  followClockBack(): void {
    const { target, shared } = this;
    if (!Number.isFinite(target) || target >= shared.progress.rolledTo - CLOCK_BACK_MS) return;
    shared.progress.goBackTo(target);
  }

  /** Rolls up the next hours. @throws the error; nothing is lost, and the next call continues */
  async work(signal?: AbortSignal): Promise<void> {
    const { progress, uptime } = this.shared;
    const { target } = this;
    const began = uptime();
    if (progress.now.rolledTo === null) await this.begin(target);
    const next = Math.max(progress.rolledTo, progress.keptFrom);
    const from = next + HOUR_MS * this.probe.skip((target - next) / HOUR_MS - 1);
    const to = Math.min(target, from + this.spanMs);
    if (to > from && !(await this.rollUp(from, to, signal))) return;
    if (from > next) this.passOver(next, from);
    // Failed series must be durable before their hours count as rolled up.
    this.shared.saveProgress();
    if (progress.keptFrom <= from) progress.move({ rolledTo: Math.max(to, progress.rolledTo) });
    progress.watched = progress.rolledTo;
    this.probe.succeeded();
    const tookMs = uptime() - began;
    if (tookMs < SHORT_MS) this.spanMs = Math.min(this.spanMs * 2, DAY_MS);
    else if (tookMs > LONG_MS) this.spanMs = Math.max(hourOf(this.spanMs / 2), HOUR_MS);
  }

  /** A skipped hour that may be tried again, or null. */
  get waiting(): number | null {
    const { progress, retries } = this.shared;
    for (const { from, to } of progress.hours.all) {
      for (let hour = Math.max(from, progress.keptFrom); hour < to; hour += HOUR_MS) {
        if (retries.isDue('hour', hour)) return hour;
      }
    }
    return null;
  }

  /** Finds the series of a skipped hour and marks the hour as out of date for each; nothing else. */
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
      // Rows of an attempt that did not finish.
      for (const [name, series] of await seriesWithRollups(store, hour, to)) found.set(name, series);
      // The hour after it was made without the carry of this one.
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

  /** End of the hours that are over and settled. */
  private get target(): number {
    return hourOf(this.settledUntil - GRACE_MS);
  }

  /** Readings of a skipped hour cannot be read for the hour after it either. */
  private readableFrom(hour: number): number {
    const { hours, keptFrom } = this.shared.progress;
    return hours.has(hour - 1) ? hour : keptFrom;
  }

  /** Returns false if a shorter stretch has to be tried first. */
  private async rollUp(from: number, to: number, signal?: AbortSignal): Promise<boolean> {
    const { progress, written } = this.shared;
    // A reading that comes while its hour is computed may be missed: it counts as late.
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
