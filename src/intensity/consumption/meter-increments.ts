import type { SeriesKey } from '../../historian/port/queries.js';
import type { CounterBounds } from '../../model/counter/counter.js';
import { withMaxRate } from '../../model/counter/max-rates.js';
import { DAY_MS, HOUR_MS } from '../../model/time/duration.js';
import type { Period } from '../../model/time/windows.js';
import type { TimeZone } from '../../model/time/zone.js';
import type { RegistryLookups } from '../../registry/port.js';
import { breath } from '../breath.js';
import { meteringOf, registerOf } from '../model/boundary/carriers.js';
import type { MeterVersion } from '../model/boundary/tree.js';
import { incrementsOfBuckets, isGap, ratesOfBuckets, replaced } from '../model/quantity/bucket-increments.js';
import {
  type BucketLine,
  beginsInDoubt,
  bucketLine,
  endsInDoubt,
  stretchesAround,
} from '../model/quantity/bucket-segments.js';
import { isVoided } from '../model/quantity/corrections.js';
import { RESTS_ON } from '../model/quantity/gaps.js';
import type { Increment } from '../model/quantity/increment.js';
import type { MeterContext } from '../model/quantity/meter.js';
import type { RateReading } from '../model/quantity/rate.js';
import type { AsOf } from '../model/statistics/ledger.js';
import type { MeterBook } from '../port.js';
import { agrees, type CountedAnew, countedAnew, fromReadings } from './count-anew.js';
import { type HourBucket, hourAfter, hourBefore, type MeterHistory, nameOf } from './history.js';
import { type HoursOf, hoursFrom } from './read-ahead.js';
import { groupedBy } from './steps.js';

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
/** Hours of all series that one question returns at most, where each series has fewer. */
const HOURS_AT_ONCE = 100_000;
/** Gauges are read together whose times begin and end this near each other. */
const NEAR_MS = 2 * DAY_MS;
/** Hours kept before the nearest reading that counts, of those found so far before. */
const NEAREST = 24;

interface Loaded extends CountedAnew {
  readonly meter: CountedMeter;
  buckets: readonly HourBucket[];
  window: Period;
  /** What the buckets say. */
  line: BucketLine;
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
): Promise<MeterIncrements[]> {
  const now = hourAfter(deps.clock());
  const loaded = meters.map((meter): Loaded => {
    const corrections = deps.book.corrections(meter, asOf);
    const fillsFrom = corrections.gapRules.some(({ method }) => method === 'same_hours_before') ? RESTS_ON.to : 0;
    const from = hourBefore(period.from - REACHES[0] - fillsFrom);
    const key = { device: meter.device, metric: meter.register };
    return { meter, key, corrections, buckets: [], window: { from, to: from }, line: bucketLine([]) };
  });
  await extend(hours, loaded, () => Math.min(hourAfter(period.to + REACHES[0]), now));
  for (const reach of REACHES.slice(1)) {
    const atStart = loaded.filter(
      (one) =>
        beginsInDoubt(one.line, period) ||
        !one.buckets.some((bucket) => counts(one, bucket) && bucket.firstTs <= period.from),
    );
    await extendBack(hours, atStart, hourBefore(period.from - reach));
    const atEnd = loaded.filter(
      (one) =>
        endsInDoubt(one.line, period) ||
        !one.buckets.some((bucket) => counts(one, bucket) && bucket.lastTs >= period.to),
    );
    await extend(hours, atEnd, () => Math.min(hourAfter(period.to + reach), now));
  }
  const all = new Map<Loaded, MeterIncrements>();
  for (const some of withGauges(loaded, period)) {
    const rates = await ratesOf(hours, some);
    for (const { one } of some) {
      all.set(one, await incrementsOfMeter(deps, one, period, rates.get(one) ?? []));
      if (breath.isDue) await breath.take();
    }
  }
  return loaded.map((one) => all.get(one)!);
}

/** Whether a bucket has a reading that nobody voided. */
const counts = ({ corrections }: Loaded, { count, firstTs, lastTs }: HourBucket): boolean =>
  count > 0 && !(isVoided(firstTs, corrections.voids) && isVoided(lastTs, corrections.voids));

/** Asks for the hours behind what is loaded. */
async function extend(hours: HoursOf, loaded: readonly Loaded[], until: () => number): Promise<void> {
  const to = until();
  for (const group of sameWindows(loaded, (window) => ({ from: window.to, to }))) {
    const { from, to: end } = group[0]!.window;
    const found = await readingHours(hours, group, { from: end, to });
    for (const one of group) {
      one.buckets = [...one.buckets, ...(found.get(nameOf(one.key)) ?? [])];
      one.window = { from, to: Math.max(end, to) };
      one.line = bucketLine(one.buckets);
    }
  }
}

async function extendBack(hours: HoursOf, loaded: readonly Loaded[], from: number): Promise<void> {
  for (const group of sameWindows(loaded, (window) => ({ from, to: window.from }))) {
    const { from: start, to } = group[0]!.window;
    const found = await readingHours(hours, group, { from, to: start });
    for (const one of group) {
      const before = found.get(nameOf(one.key)) ?? [];
      const last = bucketLine(before).anchors.findLast(({ hasCounted }) => hasCounted)?.last;
      const nearest = before.findLastIndex((bucket) => counts(one, bucket) && bucket.lastTs <= (last ?? bucket.lastTs));
      const kept = last === undefined && beginsInDoubt(one.line, one.window) ? 0 : Math.max(0, nearest - NEAREST);
      one.buckets = [...before.slice(kept), ...one.buckets];
      one.window = { from: Math.min(from, start), to };
      one.line = bucketLine(one.buckets);
    }
  }
}

/** Of registers, hours into which only a held value reaches say nothing. */
async function readingHours(hours: HoursOf, group: readonly Loaded[], span: Period) {
  const found = new Map<string, HourBucket[]>();
  if (span.from >= span.to) return found;
  for (const [name, rows] of await hours(
    group.map(({ key }) => key),
    span,
  )) {
    found.set(
      name,
      rows.filter(({ count }) => count > 0),
    );
  }
  return found;
}

/** Of those with one window as many as may be read at once; `spanOf` is what is to be read of a window. */
function* sameWindows(loaded: readonly Loaded[], spanOf: (window: Period) => Period): Generator<Loaded[]> {
  for (const same of groupedBy(loaded, ({ window }) => `${window.from} ${window.to}`).values()) {
    const { from, to } = spanOf(same[0]!.window);
    const most = Math.max(1, Math.floor(HOURS_AT_ONCE / Math.max(1, (to - from) / HOUR_MS)));
    for (let i = 0; i < same.length; i += most) yield same.slice(i, i + most);
  }
}

async function incrementsOfMeter(
  deps: IncrementDeps,
  loaded: Loaded,
  period: Period,
  rates: readonly RateReading[],
): Promise<MeterIncrements> {
  const { meter, corrections, line, window } = loaded;
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
    const anew = await fromReadings(deps.historian, loaded, stretch, context);
    if (anew === null || !agrees(anew.increments, line, stretch, corrections)) continue;
    increments = replaced(increments, stretch, anew.increments);
    rawFrom = Math.min(rawFrom, anew.rawFrom);
  }
  return { increments, restsOnTo: window.to, rawFrom };
}

/** A meter, and of which time its gauge may stand in for it; null: of none. */
interface WithGauge {
  readonly one: Loaded;
  readonly gauge: (Period & { readonly key: SeriesKey; readonly perHour: number }) | null;
}

/** The meters in groups: the gauges of each may be read together. */
function withGauges(loaded: readonly Loaded[], period: Period): WithGauge[][] {
  const all = loaded.map((one): WithGauge => ({ one, gauge: gaugeBeside(one, period) }));
  all.sort((a, b) => (a.gauge?.from ?? 0) - (b.gauge?.from ?? 0));
  const groups: WithGauge[][] = [];
  let [first, hours]: [Period | null, number] = [null, 0];
  for (const one of all) {
    const { gauge } = one;
    const own = gauge === null ? 0 : (gauge.to - gauge.from + 2 * NEAR_MS) / HOUR_MS;
    const isNear =
      gauge === null ||
      first === null ||
      (gauge.from - first.from <= NEAR_MS && Math.abs(gauge.to - first.to) <= NEAR_MS && hours + own <= HOURS_AT_ONCE);
    if (groups.length > 0 && isNear) groups.at(-1)!.push(one);
    else groups.push([one]);
    if (gauge !== null && (first === null || !isNear)) [first, hours] = [gauge, 0];
    hours += own;
  }
  return groups;
}

/** Power or flow beside the register, for the time in which it may stand in for it. */
function gaugeBeside({ meter, corrections, window, line }: Loaded, period: Period): WithGauge['gauge'] {
  const { rate } = meteringOf(meter.carrier);
  if (rate === undefined) return null;
  const { segments, doubtful } = line;
  const gaps: Period[] = [
    ...segments.filter((one) => isGap(one, corrections)),
    ...doubtful,
    ...corrections.voids,
    { from: period.from, to: segments[0]?.from ?? period.to },
    { from: segments.at(-1)?.to ?? period.to, to: period.to },
  ].filter((one) => one.from < one.to && one.to > period.from && one.from < period.to);
  if (gaps.length === 0) return null;
  const from = Math.max(window.from, Math.min(...gaps.map((one) => one.from)) - HOUR_MS);
  const to = Math.min(window.to, Math.max(...gaps.map((one) => one.to)) + HOUR_MS);
  const key = { device: meter.device, metric: rate.metric };
  const perHour = meter.register === 'export_energy_kwh' ? -rate.perHour : rate.perHour;
  return { from, to, key, perHour };
}

/** What the gauges of a group say, each of its own time: so that a meter has the same whatever is read with it. */
async function ratesOf(hours: HoursOf, group: readonly WithGauge[]): Promise<Map<Loaded, readonly RateReading[]>> {
  const gauges = group.flatMap(({ gauge }) => gauge ?? []);
  const found = new Map<Loaded, readonly RateReading[]>();
  if (gauges.length === 0) return found;
  // Two registers of a device have one gauge.
  const series = new Map(gauges.map(({ key }) => [nameOf(key), key]));
  const from = gauges.reduce((least, one) => Math.min(least, one.from), Number.POSITIVE_INFINITY);
  const to = gauges.reduce((most, one) => Math.max(most, one.to), Number.NEGATIVE_INFINITY);
  const rows = await hours([...series.values()], { from, to });
  for (const { one, gauge } of group) {
    if (gauge === null) continue;
    const own = (rows.get(nameOf(gauge.key)) ?? []).filter(
      ({ start }) => start >= hourBefore(gauge.from) && start < gauge.to,
    );
    found.set(one, ratesOfBuckets(own, gauge.perHour));
  }
  return found;
}

function boundsOf({ registry }: IncrementDeps, { carrier, device, register }: CountedMeter): CounterBounds {
  const metric = registerOf(carrier, register);
  if (metric === undefined) throw new Error(`${register} is no register of ${carrier}`);
  const rate = registry.device(device)?.maxRates?.[register];
  return rate === undefined ? metric : withMaxRate(metric, rate);
}
