import { DAY_MS } from '../../../model/time/duration.js';
import type { SeriesKey } from '../../port/queries.js';
import { type Carry, MAX_HOLD_MS, sameCarry } from '../model/bucket.js';
import { type Rollup, type RollupStore, seriesName } from '../port.js';
import type { Progress } from '../progress/progress.js';
import { apart } from './apart.js';
import { collectRollups, dayRollup, HourRollups, sameRollup } from './hour-rollups.js';
import { RollupWriter } from './rollup-writer.js';
import type { SharedParts } from './shared-parts.js';

/** Most series corrected together; all of them are out of date from the same day on. */
const SERIES_AT_ONCE = 64;

interface Picked {
  readonly series: SeriesKey;
  readonly notes: number;
  /** The first hour to correct. */
  readonly from: number;
}

/** The hours of one day that are computed again, `from <= start < to`. */
interface Stretch {
  readonly dayStart: number;
  readonly from: number;
  readonly to: number;
  /** End of the day's hours that are rolled up. */
  readonly dayTo: number;
}

/** One series of the stretch. */
interface Redone extends Omit<Picked, 'from'> {
  /** All new rows of the day. */
  readonly hours: readonly Rollup[];
  /** The rows that have to be written. */
  readonly changed: readonly Rollup[];
  /** The carry with which the hours after the stretch were made, if known, and the new carry. */
  readonly handedOn: Carry | null;
  readonly handsOn: Carry;
}

/** Corrects hours that are out of date; a series that fails waits alone. */
export class Corrections {
  constructor(private readonly shared: SharedParts) {}

  get isDue(): boolean {
    return !this.due().next().done;
  }

  /** Corrects some series. @throws an error the first time it occurs; nothing is lost, and the next call continues */
  async work(signal?: AbortSignal): Promise<void> {
    const { dirty, retries } = this.shared;
    const { rolledTo, daysTo } = this.shared.progress;
    const picked = this.pick();
    const work = async (some: readonly Picked[]) => {
      await correctSome(this.shared, some, { rolledTo, daysTo }, signal);
      for (const { series } of some) retries.succeeded('series', seriesName(series));
    };
    try {
      for (const { item, error } of await apart(picked, work, signal)) this.failed(item, error);
    } catch (error) {
      // Moves these to the end of the queue, so that others come first.
      for (const one of picked) dirty.clear(one, Number.NEGATIVE_INFINITY);
      if (signal?.aborted || picked.length > 1 || this.failed(picked[0]!, error) < 2) throw error;
    }
  }

  /** The series that has waited longest, and others that are out of date from the same day on. */
  private pick(): Picked[] {
    const picked: Picked[] = [];
    let dayStart: number | null = null;
    for (const one of this.due()) {
      const { start } = this.shared.progress.calendar.dayOf(one.from);
      dayStart ??= start;
      if (start !== dayStart) continue;
      picked.push(one);
      if (picked.length === SERIES_AT_ONCE) break;
    }
    return picked;
  }

  /** Series that can be corrected now, the one that has waited longest first. */
  private *due(): Generator<Picked, void, undefined> {
    const { progress, dirty, retries } = this.shared;
    for (const { series, notes, ranges } of dirty.all()) {
      const from = progress.hours.behind(ranges[0]!.from);
      if (from < progress.rolledTo && retries.isDue('series', seriesName(series))) yield { series, notes, from };
    }
  }

  private failed(one: Picked, error: unknown): number {
    this.shared.dirty.clear(one, Number.NEGATIVE_INFINITY);
    return this.shared.retries.failed('series', seriesName(one.series), error);
  }
}

/**
 * Computes the rest of a day again for series that share it, from the earliest hour out of date. If the carry at the
 * end changed, the next hour that depends on it becomes out of date.
 */
async function correctSome(
  parts: SharedParts,
  picked: readonly Picked[],
  { rolledTo, daysTo }: Pick<Progress, 'rolledTo' | 'daysTo'>,
  signal?: AbortSignal,
): Promise<void> {
  const { store, dirty, progress, written } = parts;
  const from = picked.reduce((least, one) => Math.min(least, one.from), Number.POSITIVE_INFINITY);
  const day = progress.calendar.dayOf(from);
  const dayTo = Math.min(day.end, rolledTo);
  const to = Math.min(dayTo, progress.hours.nextFrom(from));
  if (parts.source.whole?.(day.start, dayTo) === false) {
    // A row made of all readings is worth more than one made of the remaining readings.
    for (const one of picked) dirty.clear(one, to);
    parts.saveProgress();
    return;
  }
  const redone = await redo(parts, picked, { dayStart: day.start, from, to, dayTo }, signal);
  const dependents: { readonly series: SeriesKey; readonly hour: number }[] = [];
  for (const { series, handedOn, handsOn } of redone) {
    if (handedOn !== null && sameCarry(handedOn, handsOn)) continue;
    const hour = await nextDependent(store, series, [handedOn, handsOn], progress.hours.behind(to), rolledTo);
    if (hour !== null) dependents.push({ series, hour });
  }
  const isMade = day.whole && day.end <= daysTo && !progress.days.has(day.start);
  const days = isMade ? await changedDays(store, redone, day.start) : [];
  signal?.throwIfAborted();
  if (progress.keptFrom > from) return;

  // Durable before the rows: after a crash the stretch would look correct, and the change of carry would be lost.
  for (const { series, hour } of dependents) dirty.goOn(series, hour);
  parts.saveProgress();
  const hourWriter = new RollupWriter(store, 'hour');
  for (const { series, changed } of redone) await hourWriter.add(series, changed);
  await hourWriter.flush();
  const dayWriter = new RollupWriter(store, 'day');
  for (const { series, row } of days) await dayWriter.add(series, [row]);
  await dayWriter.flush();
  for (const one of redone) dirty.clear(one, to);
  parts.saveProgress();
  written.hours += hourWriter.rowsWritten;
}

async function redo(parts: SharedParts, picked: readonly Picked[], stretch: Stretch, signal?: AbortSignal) {
  const { dayStart, from, to, dayTo } = stretch;
  const keys = picked.map(({ series }) => series);
  const folds = await HourRollups.begin(parts, keys, from);
  const old = await collectRollups(parts.store.read('hour', keys, dayStart, dayTo));
  for await (const part of parts.source.goodReadings(keys, from, to)) {
    signal?.throwIfAborted();
    folds.get(seriesName(part.series))?.append(part);
  }
  return picked.map(({ series, notes }): Redone => {
    const name = seriesName(series);
    const fold = folds.get(name)!;
    const handsOn = fold.finish(to);
    const oldRows = old.get(name) ?? [];
    const oldStretch = oldRows.filter((row) => row.start >= from && row.start < to);
    const changed = fold.changed(oldStretch);
    const byStart = new Map([...oldRows, ...changed].map((row) => [row.start, row]));
    const hours = [...byStart.values()].sort((a, b) => a.start - b.start);
    return { series, notes, hours, changed, handedOn: oldStretch.at(-1)?.carry ?? null, handsOn };
  });
}

async function changedDays(store: RollupStore, redone: readonly Redone[], start: number) {
  const keys = redone.map(({ series }) => series);
  const old = await collectRollups(store.read('day', keys, start, start + 1));
  return redone.flatMap(({ series, hours }) => {
    const row = dayRollup(start, hours);
    const before = old.get(seriesName(series))?.[0];
    return row === null || (before !== undefined && sameRollup(before, row)) ? [] : [{ series, row }];
  });
}

/**
 * The first hour at or after `at` that depends on either carry: the very next one if a value still holds, else the next
 * with a row. Null if there is none before `rolledTo`.
 */
async function nextDependent(
  store: RollupStore,
  series: SeriesKey,
  carries: readonly (Carry | null)[],
  at: number,
  rolledTo: number,
): Promise<number | null> {
  if (at >= rolledTo) return null;
  if (carries.some((carry) => carry?.last && carry.last.ts + MAX_HOLD_MS > at)) return at;
  let from = at;
  for (let span = DAY_MS; from < rolledTo; span *= 4) {
    const to = Math.min(from + span, rolledTo);
    for await (const { rollups: rows } of store.read('hour', [series], from, to)) {
      const [first] = rows;
      if (first !== undefined) return first.start;
    }
    from = to;
  }
  return null;
}
