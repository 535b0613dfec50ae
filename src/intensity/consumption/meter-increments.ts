import type { SeriesKey } from '../../historian/port/queries.js';
import type { CounterBounds } from '../../model/counter/counter.js';
import { withMaxRate } from '../../model/counter/max-rates.js';
import { DAY_MS, HOUR_MS } from '../../model/time/duration.js';
import type { Period } from '../../model/time/windows.js';
import type { TimeZone } from '../../model/time/zone.js';
import type { RegistryLookups } from '../../registry/port.js';
import { Breath } from '../breath.js';
import { meteringOf, registerOf } from '../model/boundary/carriers.js';
import type { MeterVersion } from '../model/boundary/tree.js';
import { incrementsOfBuckets, isGap, ratesOfBuckets, replaced } from '../model/quantity/bucket-increments.js';
import { type BucketLine, bucketLine, stretchesAround } from '../model/quantity/bucket-segments.js';
import { isVoided } from '../model/quantity/corrections.js';
import { RESTS_ON, ruleAt } from '../model/quantity/gaps.js';
import type { Increment } from '../model/quantity/increment.js';
import { beginning, incrementsOf, type MeterContext } from '../model/quantity/meter.js';
import type { RateReading } from '../model/quantity/rate.js';
import type { AsOf } from '../model/statistics/ledger.js';
import type { MeterBook, MeterCorrections } from '../port.js';
import { type HourBucket, hourAfter, hourBefore, type MeterHistory, nameOf, registerReadings } from './history.js';
import { type HoursOf, hoursFrom } from './read-ahead.js';

export interface IncrementDeps {
  readonly historian: MeterHistory;
  readonly book: Pick<MeterBook, 'corrections'>;
  readonly registry: Pick<RegistryLookups, 'device'>;
  readonly zone: TimeZone;
  /** Epoch milliseconds. */
  readonly clock: () => number;
}

/** A register as the tree has it. */
export type CountedMeter = Pick<MeterVersion, 'device' | 'register' | 'carrier'>;

interface MeterIncrements {
  readonly increments: readonly Increment[];
  /** Apart from corrections, all their inputs lie before this, epoch ms. */
  readonly restsOnTo: number;
  /** The first of the raw readings that they rest on, epoch ms; Infinity where they rest on roll-ups alone. */
  readonly rawFrom: number;
}

/** How far behind an edge of the period the next reading is looked for: what lies across the edge needs both its ends. */
const REACHES = [DAY_MS, 35 * DAY_MS, 400 * DAY_MS] as const;
/** Hours kept before the nearest reading that counts, of those found so far before. */
const NEAREST = 24;

interface Loaded {
  readonly meter: CountedMeter;
  readonly corrections: MeterCorrections;
  buckets: readonly HourBucket[];
  window: Period;
}

/**
 * The increments of meters in a period that ends by now, in the order given. A period has the same increments whatever else
 * is asked, and whatever was read ahead.
 * @throws HistorianUnavailableError, QueryTimedOutError
 */
export async function meterIncrements(
  deps: IncrementDeps,
  meters: readonly CountedMeter[],
  period: Period,
  asOf?: AsOf,
  hours: HoursOf = hoursFrom(deps.historian),
  breath = new Breath(),
): Promise<MeterIncrements[]> {
  const now = hourAfter(deps.clock());
  const loaded = meters.map((meter): Loaded => {
    const corrections = deps.book.corrections(meter, asOf);
    const fillsFrom = corrections.gapRules.some(({ method }) => method === 'same_hours_before') ? RESTS_ON.to : 0;
    const from = hourBefore(period.from - REACHES[0] - fillsFrom);
    return { meter, corrections, buckets: [], window: { from, to: from } };
  });
  await extend(hours, loaded, () => Math.min(hourAfter(period.to + REACHES[0]), now));
  for (const reach of REACHES.slice(1)) {
    const atStart = loaded.filter(
      (one) => !one.buckets.some((bucket) => counts(one, bucket) && bucket.firstTs <= period.from),
    );
    await extendBack(hours, atStart, hourBefore(period.from - reach));
    const atEnd = loaded.filter(
      (one) => !one.buckets.some((bucket) => counts(one, bucket) && bucket.lastTs >= period.to),
    );
    await extend(hours, atEnd, () => Math.min(hourAfter(period.to + reach), now));
  }
  const all: MeterIncrements[] = [];
  for (const one of loaded) {
    all.push(await incrementsOfMeter(deps, one, period, hours));
    if (breath.isDue) await breath.pause();
  }
  return all;
}

/** Whether a bucket has a reading that nobody voided. */
const counts = ({ corrections }: Loaded, { count, firstTs, lastTs }: HourBucket): boolean =>
  count > 0 && !(isVoided(firstTs, corrections.voids) && isVoided(lastTs, corrections.voids));

const registerKey = ({ meter }: Loaded): SeriesKey => ({ device: meter.device, metric: meter.register });

/** Asks for the hours behind what is loaded. */
async function extend(hours: HoursOf, loaded: readonly Loaded[], until: () => number): Promise<void> {
  const to = until();
  for (const group of sameWindows(loaded)) {
    const { from, to: end } = group[0]!.window;
    const found = await readingHours(hours, group, { from: end, to });
    for (const one of group) {
      one.buckets = [...one.buckets, ...(found.get(nameOf(registerKey(one))) ?? [])];
      one.window = { from, to: Math.max(end, to) };
    }
  }
}

async function extendBack(hours: HoursOf, loaded: readonly Loaded[], from: number): Promise<void> {
  for (const group of sameWindows(loaded)) {
    const { from: start, to } = group[0]!.window;
    const found = await readingHours(hours, group, { from, to: start });
    for (const one of group) {
      const before = found.get(nameOf(registerKey(one))) ?? [];
      const nearest = before.findLastIndex((bucket) => counts(one, bucket));
      one.buckets = [...before.slice(Math.max(0, nearest - NEAREST)), ...one.buckets];
      one.window = { from: Math.min(from, start), to };
    }
  }
}

/** Of registers, hours into which only a held value reaches say nothing. */
async function readingHours(hours: HoursOf, group: readonly Loaded[], span: Period) {
  const found = new Map<string, HourBucket[]>();
  if (span.from >= span.to) return found;
  for (const [name, rows] of await hours(group.map(registerKey), span)) {
    found.set(
      name,
      rows.filter(({ count }) => count > 0),
    );
  }
  return found;
}

function sameWindows(loaded: readonly Loaded[]): Loaded[][] {
  const groups = new Map<string, Loaded[]>();
  for (const one of loaded) {
    const key = `${one.window.from} ${one.window.to}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()];
}

async function incrementsOfMeter(
  deps: IncrementDeps,
  loaded: Loaded,
  period: Period,
  hours: HoursOf,
): Promise<MeterIncrements> {
  const { meter, corrections, buckets, window } = loaded;
  const line = bucketLine(buckets);
  const rates = await ratesBeside(hours, loaded, line, period);
  const context: MeterContext = {
    ...corrections,
    bounds: boundsOf(deps, meter),
    zone: deps.zone,
    rates: ({ from, to }) => rates.filter(({ ts }) => ts >= from && ts < to),
    measuredHour: () => null,
  };
  const until = Math.min(period.to, deps.clock());
  let rawFrom = Number.POSITIVE_INFINITY;
  let increments = incrementsOfBuckets(line, { from: period.from, to: until }, context);
  for (const stretch of stretchesAround(countedAnew(loaded, line), line.anchors, window)) {
    if (stretch.to < period.from || stretch.from > period.to) continue;
    const anew = await fromReadings(deps, loaded, stretch, context);
    if (anew === null) continue;
    increments = replaced(increments, stretch, anew);
    rawFrom = Math.min(rawFrom, leadOf(stretch));
  }
  return { increments, restsOnTo: window.to, rawFrom };
}

/** What buckets do not tell: where the register did more than rise, and what people said of it. */
function countedAnew({ corrections, buckets }: Loaded, line: BucketLine): Period[] {
  const { swaps, voids, gapRules } = corrections;
  const finer =
    gapRules.length === 0
      ? []
      : buckets.filter(({ count, firstTs, lastTs, coveredMs }) => {
          // A gap within an hour may count as one by the gap rule.
          return count > 1 && coveredMs < lastTs - firstTs && ruleAt(gapRules, firstTs).longerThanMs < HOUR_MS;
        });
  return [
    ...line.doubtful,
    ...swaps.map(({ ts }) => ({ from: ts, to: ts })),
    ...voids.map(({ from, to }) => ({ from, to })),
    ...finer.map(({ firstTs, lastTs }) => ({ from: firstTs, to: lastTs })),
  ];
}

/** The hours before a stretch say how fast the register usually rises. */
const leadOf = ({ from }: Pick<Period, 'from'>): number => hourBefore(from - DAY_MS);

/** The increments of a stretch from its readings; null where the service no longer keeps them. */
async function fromReadings(
  { historian }: IncrementDeps,
  loaded: Loaded,
  { from, to }: Period,
  context: MeterContext,
): Promise<readonly Increment[] | null> {
  const start = leadOf({ from });
  const end = Math.min(hourBefore(to) + HOUR_MS, loaded.window.to);
  const readings = await registerReadings(historian, registerKey(loaded), { from: start, to: end });
  if (readings === null) return null;
  const since = hourBefore(from);
  const kept = readings.filter(({ ts, quality }) => ts >= since && quality === 'good').length;
  const counted = loaded.buckets.filter((one) => one.start >= since && one.start < end);
  if (kept < counted.reduce((sum, { count }) => sum + count, 0)) return null;
  return incrementsOf(beginning(start), readings, Math.max(to, readings.at(-1)?.ts ?? to), context);
}

/** Power or flow beside the register, as far as it may stand in for it. */
async function ratesBeside(
  hours: HoursOf,
  { meter, corrections, window }: Loaded,
  { segments, doubtful }: BucketLine,
  period: Period,
): Promise<readonly RateReading[]> {
  const { rate } = meteringOf(meter.carrier);
  if (rate === undefined) return [];
  const gaps: Period[] = [
    ...segments.filter((one) => isGap(one, corrections)),
    ...doubtful,
    ...corrections.voids,
    { from: period.from, to: segments[0]?.from ?? period.to },
    { from: segments.at(-1)?.to ?? period.to, to: period.to },
  ].filter((one) => one.from < one.to && one.to > period.from && one.from < period.to);
  if (gaps.length === 0) return [];
  const from = Math.max(window.from, Math.min(...gaps.map((one) => one.from)) - HOUR_MS);
  const to = Math.min(window.to, Math.max(...gaps.map((one) => one.to)) + HOUR_MS);
  const key = { device: meter.device, metric: rate.metric };
  const buckets = (await hours([key], { from, to })).get(nameOf(key)) ?? [];
  return ratesOfBuckets(buckets, meter.register === 'export_energy_kwh' ? -rate.perHour : rate.perHour);
}

function boundsOf({ registry }: IncrementDeps, { carrier, device, register }: CountedMeter): CounterBounds {
  const metric = registerOf(carrier, register);
  if (metric === undefined) throw new Error(`${register} is no register of ${carrier}`);
  const rate = registry.device(device)?.maxRates?.[register];
  return rate === undefined ? metric : withMaxRate(metric, rate);
}
