import { grouped } from '../../../model/grouped.js';
import { DAY_MS, HOUR_MS } from '../../../model/time/duration.js';
import type { BucketChunk, BucketQuery, WindowChunk, WindowFunction, WindowQuery } from '../../port/queries.js';
import { MAX_HOLD_MS, NO_CARRY } from '../model/bucket.js';
import { cutHours, hourOf } from '../model/calendar.js';
import { BucketFold, type Cut } from '../model/fold.js';
import { type RollupLevel, type RollupSource, type RollupStore, seriesName } from '../port.js';
import type { RollupMaker } from '../rollup-maker.js';
import { SeriesBuckets } from './series-buckets.js';
import type { SeriesSums } from './series-sums.js';
import { SeriesWindows } from './series-windows.js';

interface PlannerParts {
  readonly rollupMaker: RollupMaker;
  readonly store: RollupStore;
  readonly source: RollupSource;
}

/** Most series answered together, and most windows in memory for all of them. */
const SERIES_AT_ONCE = 64;
const WINDOWS_AT_ONCE = 500_000;
const BUCKETS_AT_ONCE = 100_000;
/** For these functions, readings before the first window count. */
const LED: ReadonlySet<WindowFunction> = new Set<WindowFunction>(['delta', 'time_weighted_mean']);

/** A window query and its cut. */
interface Plan extends PlannerParts {
  readonly query: Pick<WindowQuery, 'edges' | 'fn'>;
  /** All edges are whole hours; and starts of days that are rolled up. */
  readonly onHours: boolean;
  readonly onDays: boolean;
}

/** Bounds between the sections of one series' answer, epoch ms. */
interface Sections {
  /** Days from the first edge to here. */
  readonly daysTo: number;
  /** Hours from there to here; no roll-ups if it is the first edge. */
  readonly hoursTo: number;
  /** Readings from here to the last edge; those before `hoursTo` only start the fold. */
  readonly foldFrom: number;
  /** The fold starts with the carry of the hour before `foldFrom`. */
  readonly carried: boolean;
}

/**
 * Answers a window query from roll-ups as far as they reach, and from raw readings beyond. `raw` answers windows whose
 * edges are not all whole hours, except `delta` and `time_weighted_mean`, which need readings before the first window.
 */
export async function* plannedWindows(
  parts: PlannerParts,
  query: WindowQuery,
  raw: (query: WindowQuery) => AsyncIterable<WindowChunk>,
): AsyncGenerator<WindowChunk, void, undefined> {
  const onHours = query.edges.every((edge) => edge % HOUR_MS === 0);
  if (onHours || LED.has(query.fn)) yield* foldedWindows(parts, query, onHours);
  else yield* raw(query);
}

/** Computes any windows from raw readings, for an adapter without `raw`. `onHours`: with whole hours, roll-ups too. */
export async function* foldedWindows(
  { rollupMaker, store, source }: PlannerParts,
  query: WindowQuery,
  onHours = false,
) {
  const { series, edges, fn } = query;
  if (edges.length < 2) return;
  const { calendar } = rollupMaker;
  const onDays = onHours && calendar.hasDays && edges.every((edge) => calendar.isDayStart(edge));
  const plan: Plan = { rollupMaker, store, source, query, onHours, onDays };
  const cut = { edges, fn, days: onDays ? calendar : null };
  const atOnce = Math.max(1, Math.min(SERIES_AT_ONCE, Math.floor(WINDOWS_AT_ONCE / edges.length)));
  for (let i = 0; i < series.length; i += atOnce) {
    const keys = series.slice(i, i + atOnce);
    const windows = new Map(keys.map((key) => [seriesName(key), new SeriesWindows(key, cut)]));
    await gather(plan, [...windows.values()]);
    for (const key of keys) yield* windows.get(seriesName(key))!.chunks();
  }
}

/**
 * Buckets from roll-ups as far as they go, and folded from raw readings beyond.
 * @throws RangeError where `from` or `to` is no start of a bucket of that level
 */
export async function* plannedBuckets(
  { rollupMaker, store, source }: PlannerParts,
  { series, level, from, to }: BucketQuery,
): AsyncGenerator<BucketChunk, void, undefined> {
  const { calendar } = rollupMaker;
  const isDays = level === 'day';
  const isStart = (ts: number) => (isDays ? calendar.hasDays && calendar.isDayStart(ts) : ts % HOUR_MS === 0);
  if (!isStart(from) || !isStart(to)) throw new RangeError(`buckets of a ${level} do not start at ${from} and ${to}`);
  if (from >= to) return;
  // An increment rests on all that came before, a held value on less.
  const query = { edges: Float64Array.of(from, to), fn: 'delta' } as const;
  const plan: Plan = { rollupMaker, store, source, query, onHours: true, onDays: isDays };
  const ofEach = Math.ceil((to - from) / (isDays ? DAY_MS : HOUR_MS));
  const atOnce = Math.max(1, Math.min(SERIES_AT_ONCE, Math.floor(BUCKETS_AT_ONCE / ofEach)));
  for (let i = 0; i < series.length; i += atOnce) {
    const keys = series.slice(i, i + atOnce);
    const found = new Map(keys.map((key) => [seriesName(key), new SeriesBuckets(key, from, isDays ? calendar : null)]));
    await gather(plan, [...found.values()]);
    for (const key of keys) yield* found.get(seriesName(key))!.chunks();
  }
}

async function gather(plan: Plan, all: readonly SeriesSums[]): Promise<void> {
  for (const { sections, group } of await bySections(plan, all)) {
    await addRollups(plan, sections, group);
    await addReadings(plan, sections, group);
  }
}

/** Series whose answers have the same sections are read together. */
async function bySections(plan: Plan, all: readonly SeriesSums[]) {
  const { rollupMaker, source, onHours, onDays } = plan;
  const { edges, fn } = plan.query;
  const [first, last] = [edges[0]!, edges[edges.length - 1]!];
  const usableTo = ({ series }: SeriesSums) => Math.min(rollupMaker.usableTo(series), last);
  const found: { readonly sections: Sections; readonly group: readonly SeriesSums[] }[] = [];
  for (const [usable, group] of grouped(all, usableTo)) {
    const hoursTo = onHours ? Math.max(first, usable) : first;
    const lastDay = Math.min(hoursTo, rollupMaker.daysTo);
    const daysTo = onDays && lastDay > first ? rollupMaker.calendar.dayOf(lastDay).start : first;
    const lead = LED.has(fn) ? await leadOf(source, fn, usable, hoursTo) : { foldFrom: hoursTo, carried: false };
    found.push({ sections: { daysTo, hoursTo, ...lead }, group });
  }
  return found;
}

/** Where the fold must begin to be correct from `from` on: at the nearest usable hour, if any. */
async function leadOf(source: RollupSource, fn: WindowFunction, usable: number, from: number) {
  const nearest = Math.min(usable, hourOf(from));
  // The value no longer holds: earlier readings do not matter.
  if (fn === 'time_weighted_mean' && nearest < from - MAX_HOLD_MS) {
    return { foldFrom: from - MAX_HOLD_MS, carried: false };
  }
  if (Number.isFinite(nearest)) return { foldFrom: nearest, carried: true };
  return { foldFrom: Math.min((await source.oldest()) ?? from, from), carried: false };
}

async function addRollups({ store, query }: Plan, { daysTo, hoursTo }: Sections, group: readonly SeriesSums[]) {
  const byName = new Map(group.map((one) => [seriesName(one.series), one]));
  const keys = group.map(({ series }) => series);
  const read = async (level: RollupLevel, from: number, to: number) => {
    if (to <= from) return;
    for await (const { series, rollups: rows } of store.read(level, keys, from, to)) {
      const into = byName.get(seriesName(series));
      for (const row of rows) level === 'day' ? into?.addDay(row) : into?.add(row);
    }
  };
  await read('day', query.edges[0]!, daysTo);
  await read('hour', daysTo, hoursTo);
}

async function addReadings(plan: Plan, { hoursTo, foldFrom, carried }: Sections, group: readonly SeriesSums[]) {
  const { rollupMaker, store, source, onHours } = plan;
  const { edges } = plan.query;
  const last = edges[edges.length - 1]!;
  if (hoursTo >= last) return;
  const keys = group.map(({ series }) => series);
  const before = carried ? await store.lastBefore(keys, foldFrom) : null;
  const folds = new Map<string, BucketFold>();
  for (const one of group) {
    const name = seriesName(one.series);
    const start = { from: foldFrom, carry: before?.get(name)?.carry ?? NO_CARRY };
    const cut = onHours ? cutHours : cutEdges(edges);
    const emit = (bucket: Parameters<SeriesSums['add']>[0]) => {
      if (bucket.start >= hoursTo) one.add(bucket);
    };
    folds.set(name, new BucketFold(rollupMaker.metricOf(one.series), cut, start, emit));
  }
  for await (const { series, ts, value } of source.goodReadings(keys, foldFrom, last)) {
    const fold = folds.get(seriesName(series));
    for (let i = 0; i < ts.length; i += 1) fold?.push(ts[i]!, value[i]!);
  }
  for (const fold of folds.values()) fold.finish(last);
}

/** Cuts the windows; the time before them is one more bucket. */
function cutEdges(edges: Float64Array): Cut {
  let window = 0;
  return (ts) => {
    if (ts < edges[0]!) return { start: Number.NEGATIVE_INFINITY, end: edges[0]! };
    while (ts >= edges[window + 1]!) window += 1;
    return { start: edges[window]!, end: edges[window + 1]! };
  };
}
