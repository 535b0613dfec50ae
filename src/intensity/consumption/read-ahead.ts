import type { BucketLevel, SeriesKey } from '../../historian/port/queries.js';
import { DAY_MS, HOUR_MS } from '../../model/time/duration.js';
import type { Period } from '../../model/time/windows.js';
import type { TimeZone } from '../../model/time/zone.js';
import { type HourBucket, hourBefore, hoursOfSeries, type MeterHistory, nameOf, rowsOf } from './history.js';

/** The hours of each series, rising, by `nameOf`; see `hoursOfSeries`. */
export type HoursOf = (series: readonly SeriesKey[], span: Period) => Promise<Map<string, HourBucket[]>>;

/** Days between two that are read by hours which are read along: one question is dearer than their hours. */
const BETWEEN_MS = 8 * DAY_MS;

/** Asks the historian each time. */
export const hoursFrom =
  (historian: MeterHistory): HoursOf =>
  (series, span) =>
    hoursOfSeries(historian, series, span);

/**
 * Reads registers over a long time at once, and answers of any part of it what the historian would. A day with one reading
 * says all that its hours say, so that years of daily readings cost a row a day; other days are read by their hours.
 * What lies outside is asked for each time.
 */
export async function readAhead(
  historian: MeterHistory,
  series: readonly SeriesKey[],
  span: Period,
  zone: TimeZone,
): Promise<HoursOf> {
  const whole = { from: dayBefore(zone, span.from), to: dayAfter(zone, span.to) };
  const rows = new Map(series.map((one) => [nameOf(one), [] as HourBucket[]]));
  const known = await daysInto(historian, series, whole, zone, rows);
  const ahead = known ?? whole;
  if (known === null) await hoursInto(historian, series, [{ ...whole, series }], rows);
  const asked = new Map<string, number>();

  const within = ({ from, to }: Period) => hourBefore(from) >= ahead.from && to <= ahead.to;
  return async (wanted, part) => {
    const isHere = within(part) && wanted.every((one) => rows.has(nameOf(one)));
    if (isHere) return new Map(wanted.map((one) => [nameOf(one), cut(rows.get(nameOf(one))!, part)]));
    const [one] = wanted;
    if (wanted.length > 1 || one === undefined || !within(part) || rows.has(nameOf(one))) {
      return hoursOfSeries(historian, wanted, part);
    }
    // A gauge that is asked for twice is likely to be asked for every month.
    const times = (asked.get(nameOf(one)) ?? 0) + 1;
    asked.set(nameOf(one), times);
    if (times < 2) return hoursOfSeries(historian, wanted, part);
    const all = await hoursOfSeries(historian, wanted, ahead);
    rows.set(nameOf(one), all.get(nameOf(one)) ?? []);
    return new Map([[nameOf(one), cut(rows.get(nameOf(one))!, part)]]);
  };
}

/** The rows whose hours begin in the span; rows rise. */
function cut(rows: readonly HourBucket[], { from, to }: Period): HourBucket[] {
  return rows.slice(firstFrom(rows, hourBefore(from)), firstFrom(rows, to));
}

function firstFrom(rows: readonly HourBucket[], ts: number): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle]!.start < ts) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Reads the days, and by hours what has more than one reading; null where the zone has no days of whole hours. */
async function daysInto(
  historian: MeterHistory,
  series: readonly SeriesKey[],
  span: Period,
  zone: TimeZone,
  rows: Map<string, HourBucket[]>,
): Promise<Period | null> {
  const finer: (Period & { readonly series: SeriesKey })[] = [];
  try {
    for await (const chunk of ask(historian, series, 'day', span)) {
      const own = rows.get(nameOf(chunk.series))!;
      for (const row of rowsOf(chunk)) {
        if (row.count === 1) own.push({ ...row, start: hourBefore(row.firstTs) });
        else if (row.count > 1) finer.push({ from: row.start, to: dayAfter(zone, row.start), series: chunk.series });
      }
    }
  } catch (error) {
    if (error instanceof Error && error.name === 'RangeError') return null;
    throw error;
  }
  await hoursInto(historian, series, together(finer), rows);
  return span;
}

interface Stretch extends Period {
  readonly series: readonly SeriesKey[];
}

/** Days that lie near each other as one stretch, with all series that need hours of it. */
function together(days: (Period & { readonly series: SeriesKey })[]): Stretch[] {
  const stretches: { from: number; to: number; series: Map<string, SeriesKey> }[] = [];
  for (const { from, to, series } of days.sort((a, b) => a.from - b.from)) {
    const last = stretches.at(-1);
    if (last !== undefined && from - last.to <= BETWEEN_MS) {
      last.to = Math.max(last.to, to);
      last.series.set(nameOf(series), series);
    } else stretches.push({ from, to, series: new Map([[nameOf(series), series]]) });
  }
  return stretches.map((one) => ({ ...one, series: [...one.series.values()] }));
}

async function hoursInto(
  historian: MeterHistory,
  series: readonly SeriesKey[],
  stretches: readonly Stretch[],
  rows: Map<string, HourBucket[]>,
): Promise<void> {
  if (stretches.length === 0) return;
  for (const one of stretches) {
    for (const key of one.series) {
      const own = rows.get(nameOf(key))!;
      // Hours take the place of the days between.
      if (own.length > 0)
        rows.set(
          nameOf(key),
          own.filter(({ start }) => start < one.from || start >= one.to),
        );
    }
    for await (const chunk of ask(historian, one.series, 'hour', one)) {
      const own = rows.get(nameOf(chunk.series))!;
      for (const row of rowsOf(chunk)) if (row.count > 0) own.push(row);
    }
  }
  for (const key of series) rows.get(nameOf(key))!.sort((a, b) => a.start - b.start);
}

const ask = (historian: MeterHistory, series: readonly SeriesKey[], level: BucketLevel, { from, to }: Period) =>
  historian.buckets({ series, level, from, to });

const dayBefore = (zone: TimeZone, ts: number): number =>
  zone.toInstant(Math.floor(zone.toLocal(ts) / DAY_MS) * DAY_MS);

/** The start of the first day after `ts`: days have 23 to 25 hours. */
const dayAfter = (zone: TimeZone, ts: number): number => dayBefore(zone, dayBefore(zone, ts) + 30 * HOUR_MS);
