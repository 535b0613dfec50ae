import type { SeriesKey } from '../../port/queries.js';
import { emptyBucket, NO_CARRY } from '../model/bucket.js';
import type { RollupDay } from '../model/calendar.js';
import type { Span } from '../model/fold.js';
import { type OnFailed, type Rollup, type RollupStore, seriesName, seriesNamed } from '../port.js';
import { collectRollups, dayRollup, sameRollup } from './hour-rollups.js';
import { Probe } from './probe.js';
import { RollupWriter } from './rollup-writer.js';
import { failing, type SharedParts } from './shared-parts.js';

/** Rolls up days from hours. Skips a day that fails while a later one succeeds, and tries it again alone. */
export class DayMaker {
  private readonly probe = new Probe();

  constructor(private readonly shared: SharedParts) {}

  get isDue(): boolean {
    const { daysTo, calendar, rolledTo } = this.shared.progress;
    return Number.isFinite(daysTo) && calendar.dayOf(daysTo).end <= rolledTo;
  }

  /** Makes the next day. @throws the error of that day; nothing is lost, and the next call continues */
  async work(signal?: AbortSignal): Promise<void> {
    const { progress } = this.shared;
    const next = this.wholeDay(progress.daysTo);
    if (next.end > progress.rolledTo) {
      progress.move({ daysTo: next.start });
      return;
    }
    const days = [next];
    for (let day = this.wholeDay(next.end); day.end <= progress.rolledTo; day = this.wholeDay(day.end)) {
      if (days.length > this.probe.wanted) break;
      days.push(day);
    }
    const passedOver = days.slice(0, this.probe.skip(days.length - 1));
    const day = days[passedOver.length]!;
    try {
      await this.makeOne(day, signal);
    } catch (error) {
      if (!signal?.aborted) this.probe.failed(error);
      throw error;
    }
    if (day !== next) progress.days.add({ from: next.start, to: day.start });
    for (const { start } of passedOver) this.shared.retries.failed('day', start, this.probe.failure);
    this.shared.saveProgress();
    progress.move({ daysTo: day.end });
    this.probe.succeeded();
  }

  /** A skipped day that may be tried again, or null. */
  get waiting(): RollupDay | null {
    const { progress, retries } = this.shared;
    for (const { from, to } of progress.days.all) {
      for (let day = this.wholeDay(from); day.start < to; day = this.wholeDay(day.end)) {
        if (retries.isDue('day', day.start)) return day;
      }
    }
    return null;
  }

  async remake(day: RollupDay, signal?: AbortSignal): Promise<void> {
    const { progress, retries, saveProgress } = this.shared;
    try {
      await this.makeOne(day, signal);
      saveProgress();
      progress.days.remove({ from: day.start, to: day.end });
      retries.succeeded('day', day.start);
    } catch (error) {
      if (!signal?.aborted) retries.failed('day', day.start, error);
    }
  }

  private async makeOne(day: RollupDay, signal?: AbortSignal): Promise<void> {
    await makeDay(this.shared.store, day, failing(this.shared, { from: day.start, to: day.end }), signal);
  }

  /** The first day at or after `time` that consists of whole hours. */
  private wholeDay(time: number): RollupDay {
    const { calendar } = this.shared.progress;
    let day = calendar.dayOf(time);
    while (!day.whole) day = calendar.dayOf(day.end);
    return day;
  }
}

/** Makes one day's row of every series from its hours. Reports a series that fails alone to `onFailed`. */
async function makeDay(
  store: RollupStore,
  { start, end }: Span,
  onFailed: OnFailed,
  signal?: AbortSignal,
): Promise<void> {
  const writer = new RollupWriter(store, 'day', onFailed);
  const failed = new Set<string>();
  const onUnreadable: OnFailed = (one, error) => {
    failed.add(seriesName(one));
    onFailed(one, error);
  };
  const old = await collectRollups(store.readAll('day', start, start + 1, onUnreadable));
  let series: SeriesKey | null = null;
  let name = '';
  let hours: Rollup[] = [];
  const finish = async () => {
    const row = dayRollup(start, hours);
    if (series === null || row === null) return;
    const before = old.get(name)?.[0];
    old.delete(name);
    if (before === undefined || !sameRollup(before, row)) await writer.add(series, [row]);
  };
  for await (const part of store.readAll('hour', start, end, onUnreadable)) {
    const next = seriesName(part.series);
    if (next !== name) {
      signal?.throwIfAborted();
      await finish();
      [series, name, hours] = [part.series, next, []];
    }
    hours.push(...part.rollups);
  }
  await finish();
  for (const one of failed) old.delete(one);
  // Days without hours were made in another time zone: this day has no reading now.
  for (const [other, [row]] of old) {
    if (row === undefined || row.count === 0) continue;
    await writer.add(seriesNamed(other), [{ ...emptyBucket(start), carry: NO_CARRY }]);
  }
  await writer.flush();
}
