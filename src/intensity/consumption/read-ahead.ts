import type { BucketLevel, SeriesKey } from '../../historian/port/queries.js';
import { DAY_MS, HOUR_MS } from '../../model/time/duration.js';
import type { Period } from '../../model/time/windows.js';
import type { TimeZone } from '../../model/time/zone.js';
import { type Hours, hourBefore, hoursOfSeries, type MeterHistory, nameOf } from './history.js';
import { HourColumns } from './hour-columns.js';

/** See `hoursOfSeries`. */
export type HoursOf = (series: readonly SeriesKey[], span: Period) => Promise<Map<string, Hours>>;

/** Up to this many days between two such days are read by hours too: one more question costs more than their hours. */
const BETWEEN_MS = 8 * DAY_MS;

/** Asks the historian each time. */
export const hoursFrom =
  (historian: MeterHistory): HoursOf =>
  (series, span) =>
    hoursOfSeries(historian, series, span);

/**
 * Reads registers over a long time at once, and answers of any part of it what the historian would, hours without a reading
 * left out. A day with one reading says all that its hours say, so that years of daily readings cost a row a day; other
 * days are read by their hours. What lies outside is asked for each time.
 */
export async function readAhead(
  historian: MeterHistory,
  series: readonly SeriesKey[],
  span: Period,
  zone: TimeZone,
): Promise<HoursOf> {
  const whole = { from: dayOf(zone, span.from), to: dayAfter(zone, span.to) };
  const rows = new Map(series.map((one) => [nameOf(one), new HourColumns()]));
  if (!(await daysInto(rows, historian, series, whole, zone))) {
    await hoursInto(rows, historian, [{ ...whole, series }]);
  }
  const asked = new Set<string>();
  const known = (wanted: readonly SeriesKey[], { from, to }: Period) =>
    new Map(
      wanted.map((one): [string, Hours] => {
        const columns = rows.get(nameOf(one))!;
        return [nameOf(one), () => columns.cut({ from: hourBefore(from), to })];
      }),
    );

  return async (wanted, part) => {
    const isWithin = hourBefore(part.from) >= whole.from && part.to <= whole.to;
    if (isWithin && wanted.every((one) => rows.has(nameOf(one)))) return known(wanted, part);
    const unknown = wanted.filter((one) => !rows.has(nameOf(one)));
    const again = unknown.filter((one) => asked.has(nameOf(one)));
    for (const one of unknown) asked.add(nameOf(one));
    // Gauges that are asked for twice are probably asked for every month.
    if (isWithin && again.length > 0) {
      const all = new Map(again.map((one) => [nameOf(one), new HourColumns()]));
      for await (const chunk of ask(historian, again, 'hour', whole))
        all.get(nameOf(chunk.series))!.add(chunk, () => true);
      for (const [name, columns] of all) rows.set(name, columns);
      const rest = unknown.filter((one) => !rows.has(nameOf(one)));
      const there = wanted.filter((one) => rows.has(nameOf(one)));
      return new Map([...known(there, part), ...(await hoursOfSeries(historian, rest, part))]);
    }
    return hoursOfSeries(historian, wanted, part);
  };
}

/** Reads days, and by hours what has more than one reading; false where the zone has no days of whole hours. */
async function daysInto(
  rows: ReadonlyMap<string, HourColumns>,
  historian: MeterHistory,
  series: readonly SeriesKey[],
  span: Period,
  zone: TimeZone,
): Promise<boolean> {
  const finer: (Period & { readonly series: SeriesKey })[] = [];
  try {
    for await (const chunk of ask(historian, series, 'day', span)) {
      const { start, count, firstTs } = chunk;
      for (let i = 0; i < start.length; i += 1) {
        if (count[i]! > 1) finer.push({ from: start[i]!, to: dayAfter(zone, start[i]!), series: chunk.series });
        // Of a day with one reading the hour of that reading is all there is.
        else if (count[i] === 1) start[i] = hourBefore(firstTs[i]!);
      }
      rows.get(nameOf(chunk.series))!.add(chunk, (i) => count[i] === 1);
    }
  } catch (error) {
    if (error instanceof Error && error.name === 'RangeError') return false;
    throw error;
  }
  await hoursInto(rows, historian, together(finer));
  return true;
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
  rows: ReadonlyMap<string, HourColumns>,
  historian: MeterHistory,
  stretches: readonly Stretch[],
): Promise<void> {
  for (const one of stretches) {
    // Hours take the place of the days between.
    for (const key of one.series) rows.get(nameOf(key))!.remove(one);
    for await (const chunk of ask(historian, one.series, 'hour', one)) {
      const { count } = chunk;
      rows.get(nameOf(chunk.series))!.add(chunk, (i) => count[i]! > 0);
    }
  }
  if (stretches.length > 0) for (const one of rows.values()) one.sort();
}

const ask = (historian: MeterHistory, series: readonly SeriesKey[], level: BucketLevel, { from, to }: Period) =>
  historian.buckets({ series, level, from, to });

/** The start of the zone's day in which an instant lies. */
const dayOf = (zone: TimeZone, ts: number): number => zone.toInstant(Math.floor(zone.toLocal(ts) / DAY_MS) * DAY_MS);

/** The start of the next day: days have 23 to 25 hours. */
const dayAfter = (zone: TimeZone, ts: number): number => dayOf(zone, dayOf(zone, ts) + 30 * HOUR_MS);
