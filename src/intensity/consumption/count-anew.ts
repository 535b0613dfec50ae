import type { SeriesKey } from '../../historian/port/queries.js';
import { JITTER } from '../../model/counter/rise-bound.js';
import { DAY_MS, HOUR_MS } from '../../model/time/duration.js';
import type { Period } from '../../model/time/windows.js';
import type { BucketLine } from '../model/quantity/bucket-segments.js';
import { ruleAt } from '../model/quantity/gaps.js';
import { toThousandths } from '../model/quantity/grid.js';
import { type Increment, incrementsWithin } from '../model/quantity/increment.js';
import { beginning, incrementsOf, type MeterContext, type RegisterReading } from '../model/quantity/meter.js';
import type { MeterCorrections } from '../port.js';
import { hourBefore, type MeterHistory, registerReadings } from './history.js';
import type { HourBucket } from './hour-columns.js';

/** A register with the hours of it that are known. */
export interface CountedAnew {
  readonly key: SeriesKey;
  readonly corrections: MeterCorrections;
  readonly buckets: readonly HourBucket[];
  readonly window: Period;
}

/** What buckets do not tell: where the register did more than rise, and what people said of it. */
export function countedAnew({ corrections, buckets }: CountedAnew, line: BucketLine): Period[] {
  const { swaps, voids, gapRules } = corrections;
  const finer =
    gapRules.length === 0
      ? []
      : buckets.filter(({ count, firstTs, lastTs, coveredMs }) => {
          // A gap within an hour may be one by the rule.
          return count > 1 && coveredMs < lastTs - firstTs && ruleAt(gapRules, firstTs).longerThanMs < HOUR_MS;
        });
  return [
    ...line.doubtful,
    ...swaps.map(({ ts }) => ({ from: ts, to: ts })),
    ...voids.map(({ from, to }) => ({ from, to })),
    ...finer.map(({ firstTs, lastTs }) => ({ from: firstTs, to: lastTs })),
  ];
}

/** What led up to a stretch says how fast the register usually rises: so many readings, or those of the longer time. */
const LEADS = [DAY_MS, 35 * DAY_MS] as const;
const ENOUGH = 32;

/** What a stretch comes to by its readings. */
interface Anew {
  readonly increments: readonly Increment[];
  /** The first reading that they rest on, epoch ms. */
  readonly rawFrom: number;
}

/** The increments of a stretch from its readings; null where they are not kept any more. */
export async function fromReadings(
  historian: MeterHistory,
  { key, buckets, window }: CountedAnew,
  { from, to }: Period,
  context: MeterContext,
): Promise<Anew | null> {
  const end = Math.min(hourBefore(to) + HOUR_MS, window.to);
  const isGood = ({ quality }: RegisterReading) => quality === 'good';
  let [start, readings]: [number, RegisterReading[] | null] = [0, null];
  for (const lead of LEADS) {
    start = hourBefore(from - lead);
    readings = await registerReadings(historian, key, { from: start, to: end });
    if (readings === null) return null;
    if (readings.filter((one) => one.ts < from && isGood(one)).length >= ENOUGH) break;
  }
  if (readings === null) return null;
  const since = hourBefore(from);
  const kept = readings.filter((one) => one.ts >= since && isGood(one)).length;
  const counted = buckets.filter((one) => one.start >= since && one.start < end);
  if (kept < counted.reduce((sum, { count }) => sum + count, 0)) return null;
  const increments = incrementsOf(beginning(start), readings, Math.max(to, readings.at(-1)?.ts ?? to), context);
  return { increments, rawFrom: Math.min(readings[0]?.ts ?? from, hourBefore(from)) };
}

/** Rounding, and what an idle register has not counted yet. */
const CLOSE = toThousandths(5 * JITTER);

/**
 * Whether readings counted anew say as much as the buckets, which have seen all readings before: those alone know the line
 * that the register was on. Where somebody recorded an exchange or a void, the buckets do not know of it.
 */
export function agrees(
  increments: readonly Increment[],
  { segments }: BucketLine,
  stretch: Period,
  { swaps, voids }: MeterCorrections,
): boolean {
  const isIn = ({ from, to }: Period) => from <= stretch.to && to >= stretch.from;
  if (swaps.some(({ ts }) => isIn({ from: ts, to: ts })) || voids.some(isIn)) return true;
  const inBuckets = segments.filter(({ from, to }) => from >= stretch.from && to <= stretch.to);
  const known = inBuckets.reduce((sum, { amount }) => sum + amount, 0);
  const registered = incrementsWithin(increments, stretch).filter(
    ({ mark, metered }) => mark === 'measured' || metered,
  );
  return Math.abs(registered.reduce((sum, { amount }) => sum + amount, 0) - known) <= CLOSE;
}
