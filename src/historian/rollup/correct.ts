import { type Carry, NO_CARRY } from '../../domain/rollup/bucket.js';
import type { RollupCalendar } from '../../domain/rollup/calendar.js';
import { sameCarry } from '../../domain/rollup/merge.js';
import type { SeriesKey } from '../port.js';
import type { DirtyHoursOfSeries } from './dirty.js';
import { type RollupRow, type RollupStore, seriesName } from './port.js';
import type { RollParts } from './roll.js';
import { changedRows, collectRows, dayRow, HourRows, sameRow } from './rows.js';
import { nextTouched } from './touched.js';
import { RowWriter } from './write.js';

export interface CorrectParts extends RollParts {
  readonly calendar: RollupCalendar;
  readonly dirty: DirtyHoursOfSeries;
  /** Makes the marks durable. */
  saveMarks(): void;
}

/** How far roll-ups are; see `RollupKeeper`. */
export interface CorrectLimits {
  readonly rolledTo: number;
  readonly daysTo: number;
  /** Hours before this are final; asked when the rows are about to be written. */
  keptFrom(): number;
}

/** Rows written. */
export interface Corrected {
  readonly hours: number;
  readonly days: number;
}

/** Series corrected together: those that are out of date from the same day on. */
const SERIES_AT_ONCE = 64;

interface Picked {
  readonly series: SeriesKey;
  readonly notes: number;
}

/** The hours of one day that are computed again, `from <= start < to`. */
interface Stretch {
  readonly dayStart: number;
  readonly from: number;
  readonly to: number;
}

/** One series in the stretch. */
interface Redone extends Picked {
  /** All rows of the day as they are to be, up to the stretch's end. */
  readonly hours: readonly RollupRow[];
  /** Those of them that are to be written. */
  readonly changed: readonly RollupRow[];
  /** What the hours after the stretch were made with, where known, and what they should be made with. */
  readonly handedOn: Carry | null;
  readonly handsOn: Carry;
}

/**
 * Computes the rest of a day again, from the earliest hour that is out of date, for some series that share it. Where
 * what the stretch hands on has changed, the next hour it touches is out of date in turn.
 */
export async function correctSome(
  parts: CorrectParts,
  limits: CorrectLimits,
  signal?: AbortSignal,
): Promise<Corrected> {
  const { store, dirty, calendar } = parts;
  const { rolledTo } = limits;
  const { from, picked } = pick(parts, rolledTo);
  if (picked.length === 0) return { hours: 0, days: 0 };
  const day = calendar.dayOf(from);
  const to = Math.min(day.end, rolledTo);
  if (parts.source.whole?.(day.start, to) === false) {
    // What was made of all its readings is worth more than what could be made of the rest.
    for (const one of picked) dirty.clear(one, to);
    parts.saveMarks();
    return { hours: 0, days: 0 };
  }
  let redone: Redone[];
  try {
    redone = await redo(parts, picked, { dayStart: day.start, from, to }, signal);
  } catch (error) {
    // Others have their turn before these are tried again.
    for (const one of picked) dirty.clear(one, Number.NEGATIVE_INFINITY);
    throw error;
  }
  const touched: { readonly series: SeriesKey; readonly hour: number }[] = [];
  for (const { series, handedOn, handsOn } of redone) {
    if (handedOn !== null && sameCarry(handedOn, handsOn)) continue;
    const hour = await nextTouched(store, series, [handedOn, handsOn], to, rolledTo);
    if (hour !== null) touched.push({ series, hour });
  }
  const days = day.whole && day.end <= limits.daysTo ? await changedDays(store, redone, day.start) : [];
  signal?.throwIfAborted();
  if (limits.keptFrom() > from) return { hours: 0, days: 0 };

  // Durable before the rows are: after a crash the stretch would be found as it should be, and nothing be passed on.
  for (const { series, hour } of touched) dirty.goOn(series, hour);
  parts.saveMarks();
  const written = { hours: new RowWriter(store, 'hour'), days: new RowWriter(store, 'day') };
  for (const { series, changed } of redone) await written.hours.add(series, changed);
  await written.hours.flush();
  for (const { series, row } of days) await written.days.add(series, [row]);
  await written.days.flush();
  for (const one of redone) dirty.clear(one, to);
  parts.saveMarks();
  return { hours: written.hours.written, days: written.days.written };
}

/** The series that has waited longest, and others that are out of date from the same day on. */
function pick({ dirty, calendar }: CorrectParts, rolledTo: number): { from: number; picked: Picked[] } {
  const picked: Picked[] = [];
  let from = Number.POSITIVE_INFINITY;
  let dayStart: number | null = null;
  for (const { series, ranges, notes } of dirty.all()) {
    const first = ranges[0]!.from;
    if (first >= rolledTo) continue;
    dayStart ??= calendar.dayOf(first).start;
    if (calendar.dayOf(first).start !== dayStart) continue;
    from = Math.min(from, first);
    picked.push({ series, notes });
    if (picked.length === SERIES_AT_ONCE) break;
  }
  return { from, picked };
}

async function redo(
  { source, store, metricOf }: CorrectParts,
  picked: readonly Picked[],
  { dayStart, from, to }: Stretch,
  signal?: AbortSignal,
): Promise<Redone[]> {
  const keys = picked.map(({ series }) => series);
  const last = await store.lastBefore(keys, from);
  const old = await collectRows(store.read('hour', keys, dayStart, to));
  const carryOf = (series: SeriesKey) => last.get(seriesName(series))?.carry ?? NO_CARRY;
  const folds = new Map(
    keys.map((key) => [seriesName(key), new HourRows(metricOf(key), { from, carry: carryOf(key) })] as const),
  );
  for await (const part of source.good(keys, from, to)) {
    signal?.throwIfAborted();
    folds.get(seriesName(part.series))?.take(part);
  }
  return picked.map(({ series, notes }) => {
    const name = seriesName(series);
    const fold = folds.get(name)!;
    const handsOn = fold.finish(to);
    const oldRows = old.get(name) ?? [];
    const oldStretch = oldRows.filter((row) => row.start >= from);
    const changed = changedRows(oldStretch, fold.rows, carryOf(series));
    const hours = new Map([...oldRows, ...changed].map((row) => [row.start, row]));
    return {
      series,
      notes,
      hours: [...hours.values()].sort((a, b) => a.start - b.start),
      changed,
      handedOn: oldStretch.at(-1)?.carry ?? null,
      handsOn,
    };
  });
}

async function changedDays(
  store: RollupStore,
  redone: readonly Redone[],
  start: number,
): Promise<{ readonly series: SeriesKey; readonly row: RollupRow }[]> {
  const keys = redone.map(({ series }) => series);
  const old = await collectRows(store.read('day', keys, start, start + 1));
  return redone.flatMap(({ series, hours }) => {
    const row = dayRow(start, hours);
    const before = old.get(seriesName(series))?.[0];
    return row === null || (before !== undefined && sameRow(before, row)) ? [] : [{ series, row }];
  });
}
