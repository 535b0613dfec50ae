import { ResultTooLargeError } from '../../historian/port/errors.js';
import type { Historian, SeriesKey } from '../../historian/port/queries.js';
import { QUALITIES } from '../../model/reading.js';
import { HOUR_MS } from '../../model/time/duration.js';
import type { Period } from '../../model/time/windows.js';
import type { RegisterReading } from '../model/quantity/meter.js';
import { type HourBucket, HourColumns } from './hour-columns.js';

export type MeterHistory = Pick<Historian, 'buckets' | 'raw'>;

/** Raw readings of one meter that are counted anew at once. */
const MAX_READINGS = 500_000;

export const hourBefore = (ts: number): number => Math.floor(ts / HOUR_MS) * HOUR_MS;
export const hourAfter = (ts: number): number => Math.ceil(ts / HOUR_MS) * HOUR_MS;
export const nameOf = ({ device, metric }: SeriesKey): string => `${device} ${metric}`;

/** Rising hours, made anew each time: as objects those of many meters would outlive the work on one of them. */
export type Hours = () => HourBucket[];

/** The hours of each series, by `nameOf`; a series without any is absent. */
export async function hoursOfSeries(
  historian: MeterHistory,
  series: readonly SeriesKey[],
  { from, to }: Period,
): Promise<Map<string, Hours>> {
  const found = new Map<string, HourColumns>();
  const span = { from: hourBefore(from), to: hourAfter(to) };
  if (series.length === 0 || span.from >= span.to) return new Map();
  for await (const chunk of historian.buckets({ series, level: 'hour', ...span })) {
    const name = nameOf(chunk.series);
    const rows = found.get(name) ?? new HourColumns();
    rows.add(chunk, () => true);
    found.set(name, rows);
  }
  return new Map([...found].map(([name, rows]) => [name, () => rows.cut(span)]));
}

/** The readings of a time, whatever their quality; null where there are too many to be counted anew. */
export async function registerReadings(
  historian: MeterHistory,
  series: SeriesKey,
  { from, to }: Period,
): Promise<RegisterReading[] | null> {
  const readings: RegisterReading[] = [];
  try {
    for await (const chunk of historian.raw({ series: [series], from, to, limit: MAX_READINGS })) {
      for (let i = 0; i < chunk.ts.length; i += 1) {
        readings.push({ ts: chunk.ts[i]!, value: chunk.value[i]!, quality: QUALITIES[chunk.quality[i]!]! });
      }
    }
  } catch (error) {
    if (error instanceof ResultTooLargeError) return null;
    throw error;
  }
  return readings;
}
