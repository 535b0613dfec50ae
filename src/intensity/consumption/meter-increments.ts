import { withMaxRate } from '../../model/counter/max-rates.js';
import type { CounterBounds } from '../../model/counter/rise-bound.js';
import { grouped } from '../../model/grouped.js';
import { DAY_MS, HOUR_MS } from '../../model/time/duration.js';
import type { Period } from '../../model/time/windows.js';
import type { TimeZone } from '../../model/time/zone.js';
import type { RegistryLookups } from '../../registry/port.js';
import { breath } from '../breath.js';
import { registerOf } from '../model/boundary/carriers.js';
import { incrementsOfBuckets, ratesOfBuckets, replaced } from '../model/quantity/bucket-increments.js';
import { stretchesAround } from '../model/quantity/bucket-segments.js';
import { RESTS_ON } from '../model/quantity/gaps.js';
import type { Increment } from '../model/quantity/increment.js';
import type { MeterContext } from '../model/quantity/meter.js';
import type { RateReading } from '../model/quantity/rate.js';
import type { AsOf } from '../model/statistics/ledger.js';
import type { MeterBook } from '../port.js';
import { agrees, countedAnew, fromReadings } from './count-anew.js';
import { type Hours, hourAfter, hourBefore, type MeterHistory, nameOf } from './history.js';
import type { HourBucket } from './hour-columns.js';
import { type CountedMeter, LoadedMeter } from './loaded-meter.js';
import { type HoursOf, hoursFrom } from './read-ahead.js';

export interface IncrementDeps {
  readonly historian: MeterHistory;
  readonly book: Pick<MeterBook, 'corrections'>;
  readonly registry: Pick<RegistryLookups, 'device'>;
  readonly zone: TimeZone;
  /** Epoch milliseconds. */
  readonly clock: () => number;
}

interface MeterIncrements {
  /** The place of the meter among those asked for. */
  readonly at: number;
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

/**
 * The increments of meters in a period that ends by now, meter by meter in any order. A period has the same increments
 * whatever else is asked, and whatever was read ahead.
 * @throws HistorianUnavailableError, QueryTimedOutError
 */
export async function* meterIncrements(
  deps: IncrementDeps,
  meters: readonly CountedMeter[],
  period: Period,
  asOf?: AsOf,
  hours: HoursOf = hoursFrom(deps.historian),
): AsyncGenerator<MeterIncrements, void, undefined> {
  const now = hourAfter(deps.clock());
  const loaded = meters.map((meter, at) => {
    const corrections = deps.book.corrections(meter, asOf);
    const fillsFrom = corrections.gapRules.some(({ method }) => method === 'same_hours_before') ? RESTS_ON.to : 0;
    return new LoadedMeter({ at, meter, corrections }, period, hourBefore(period.from - REACHES[0] - fillsFrom));
  });
  await extend(hours, loaded, () => Math.min(hourAfter(period.to + REACHES[0]), now));
  for (const reach of REACHES.slice(1)) {
    const atStart = await filtered(loaded, (one) => one.doubts.atStart);
    await extendBack(hours, atStart, hourBefore(period.from - reach));
    const atEnd = await filtered(loaded, (one) => one.doubts.atEnd);
    await extend(hours, atEnd, () => Math.min(hourAfter(period.to + reach), now));
  }
  for (const some of await withGauges(loaded)) {
    const rates = await ratesOf(hours, some);
    for (const { one } of some) {
      yield await incrementsOfMeter(deps, one, period, rates.get(one)?.() ?? []);
      if (breath.isDue) await breath.take();
    }
  }
}

/** Gives way between two of them: the line of a month of hours takes a while. */
async function filtered(all: readonly LoadedMeter[], isWanted: (one: LoadedMeter) => boolean): Promise<LoadedMeter[]> {
  const wanted: LoadedMeter[] = [];
  for (const one of all) {
    if (isWanted(one)) wanted.push(one);
    if (breath.isDue) await breath.take();
  }
  return wanted;
}

/** Asks for the hours behind what is loaded. */
async function extend(hours: HoursOf, loaded: readonly LoadedMeter[], until: () => number): Promise<void> {
  const to = until();
  for (const group of sameWindows(loaded, (window) => ({ from: window.to, to }))) {
    const { to: end } = group[0]!.window;
    const found = await readingHours(hours, group, { from: end, to });
    for (const one of group) one.append(found.get(nameOf(one.key)), Math.max(end, to));
  }
}

async function extendBack(hours: HoursOf, loaded: readonly LoadedMeter[], from: number): Promise<void> {
  for (const group of sameWindows(loaded, (window) => ({ from, to: window.from }))) {
    const { from: start } = group[0]!.window;
    const found = await readingHours(hours, group, { from, to: start });
    for (const one of group) {
      one.prepend(found.get(nameOf(one.key)), Math.min(from, start));
      if (breath.isDue) await breath.take();
    }
  }
}

async function readingHours(hours: HoursOf, group: readonly LoadedMeter[], span: Period): Promise<Map<string, Hours>> {
  if (span.from >= span.to) return new Map();
  return hours(
    group.map(({ key }) => key),
    span,
  );
}

/** Of those with one window as many as may be read at once; `spanOf` is what is to be read of a window. */
function* sameWindows(loaded: readonly LoadedMeter[], spanOf: (window: Period) => Period): Generator<LoadedMeter[]> {
  for (const same of grouped(loaded, ({ window }) => `${window.from} ${window.to}`).values()) {
    const { from, to } = spanOf(same[0]!.window);
    const most = Math.max(1, Math.floor(HOURS_AT_ONCE / Math.max(1, (to - from) / HOUR_MS)));
    for (let i = 0; i < same.length; i += most) yield same.slice(i, i + most);
  }
}

async function incrementsOfMeter(
  deps: IncrementDeps,
  loaded: LoadedMeter,
  period: Period,
  rates: readonly RateReading[],
): Promise<MeterIncrements> {
  const { at, key, meter, corrections, window } = loaded;
  const { buckets, line } = loaded.look();
  const known = { key, corrections, buckets, window };
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
  for (const stretch of stretchesAround(countedAnew(known, line), line.anchors, window)) {
    if (stretch.to < period.from || stretch.from > period.to) continue;
    const anew = await fromReadings(deps.historian, known, stretch, context);
    if (anew === null || !agrees(anew.increments, line, stretch, corrections)) continue;
    increments = replaced(increments, stretch, anew.increments);
    rawFrom = Math.min(rawFrom, anew.rawFrom);
  }
  return { at, increments, restsOnTo: window.to, rawFrom };
}

/** A meter, and of which time its gauge may stand in for it; null: of none. */
interface WithGauge {
  readonly one: LoadedMeter;
  readonly gauge: LoadedMeter['gauge'];
}

/** The meters in groups: the gauges of each may be read together. */
async function withGauges(loaded: readonly LoadedMeter[]): Promise<WithGauge[][]> {
  const all: WithGauge[] = [];
  for (const one of loaded) {
    all.push({ one, gauge: one.gauge });
    if (breath.isDue) await breath.take();
  }
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

/** What the gauges of a group say, each of its own time: so that a meter has the same whatever is read with it. */
async function ratesOf(hours: HoursOf, group: readonly WithGauge[]): Promise<Map<LoadedMeter, () => RateReading[]>> {
  const gauges = group.flatMap(({ gauge }) => gauge ?? []);
  const found = new Map<LoadedMeter, () => RateReading[]>();
  if (gauges.length === 0) return found;
  // Two registers of a device have one gauge.
  const series = new Map(gauges.map(({ key }) => [nameOf(key), key]));
  const from = gauges.reduce((least, one) => Math.min(least, one.from), Number.POSITIVE_INFINITY);
  const to = gauges.reduce((most, one) => Math.max(most, one.to), Number.NEGATIVE_INFINITY);
  const rows = await hours([...series.values()], { from, to });
  for (const { one, gauge } of group) {
    const read = gauge === null ? undefined : rows.get(nameOf(gauge.key));
    if (gauge === null || read === undefined) continue;
    const isOwn = ({ start }: HourBucket) => start >= hourBefore(gauge.from) && start < gauge.to;
    found.set(one, () => ratesOfBuckets(read().filter(isOwn), gauge.perHour));
  }
  return found;
}

function boundsOf({ registry }: IncrementDeps, { carrier, device, register }: CountedMeter): CounterBounds {
  const metric = registerOf(carrier, register);
  if (metric === undefined) throw new Error(`${register} is no register of ${carrier}`);
  const rate = registry.device(device)?.maxRates?.[register];
  return rate === undefined ? metric : withMaxRate(metric, rate);
}
