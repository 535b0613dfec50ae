import { ResultTooLargeError } from '../../historian/port/errors.js';
import type { BucketChunk, Historian, SeriesKey } from '../../historian/port/queries.js';
import { QUALITIES } from '../../model/reading.js';
import { HOUR_MS } from '../../model/time/duration.js';
import type { Period } from '../../model/time/windows.js';
import type { RateBucket } from '../model/quantity/bucket-increments.js';
import type { RegisterBucket } from '../model/quantity/bucket-segments.js';
import type { RegisterReading } from '../model/quantity/meter.js';

export type MeterHistory = Pick<Historian, 'buckets' | 'raw'>;

/** An hour of a register, or of the gauge beside it. */
export interface HourBucket extends RegisterBucket, RateBucket {}

/** Raw readings of one meter that are counted anew at once. */
const MAX_READINGS = 500_000;

export const hourBefore = (ts: number): number => Math.floor(ts / HOUR_MS) * HOUR_MS;
export const hourAfter = (ts: number): number => Math.ceil(ts / HOUR_MS) * HOUR_MS;
export const nameOf = ({ device, metric }: SeriesKey): string => `${device} ${metric}`;

/** The hours of each series, rising, by `nameOf`; a series without any is absent. */
export async function hoursOfSeries(
  historian: MeterHistory,
  series: readonly SeriesKey[],
  { from, to }: Period,
): Promise<Map<string, HourBucket[]>> {
  const found = new Map<string, HourBucket[]>();
  const span = { from: hourBefore(from), to: hourAfter(to) };
  if (series.length === 0 || span.from >= span.to) return found;
  for await (const chunk of historian.buckets({ series, level: 'hour', ...span })) {
    const name = nameOf(chunk.series);
    const rows = found.get(name) ?? [];
    for (let i = 0; i < chunk.start.length; i += 1) rows.push(rowOf(chunk, i));
    found.set(name, rows);
  }
  return found;
}

const rowOf = (chunk: BucketChunk, i: number): HourBucket => ({
  start: chunk.start[i]!,
  count: chunk.count[i]!,
  min: chunk.min[i]!,
  max: chunk.max[i]!,
  first: chunk.first[i]!,
  firstTs: chunk.firstTs[i]!,
  last: chunk.last[i]!,
  lastTs: chunk.lastTs[i]!,
  delta: chunk.delta[i]!,
  integral: chunk.integral[i]!,
  coveredMs: chunk.coveredMs[i]!,
});

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
