import type { HistorianQueries, SeriesKey } from '../../historian/port/queries.js';
import type { DeviceKey } from '../../model/ids.js';
import { HOUR_MS } from '../../model/time/duration.js';
import type { TimeZone } from '../../model/time/zone.js';
import { type Hour, localHour, pastHours, usualOf } from '../model/judge/baseline.js';
import type { BaselineLookup } from '../replay/deps.js';

/** Interval of a series in milliseconds; null: unknown. */
export type IntervalOf = (device: DeviceKey, metric: string) => number | null;

/** Milliseconds to look around an hour that says nothing itself, so that a slow series has reported; 0: none. */
export function reachMs(intervalMs: number | null): number {
  return intervalMs === null || intervalMs < HOUR_MS ? 0 : Math.ceil(intervalMs / 2 / HOUR_MS) * HOUR_MS;
}

/**
 * The usual value of each series in an hour: the mean of that hour over the past weeks, in the metric's unit; null
 * where too little is known. Rules of the signal `deviation` compare with it, live and in explanations.
 * @param reach milliseconds to look before and after the hour
 * @returns in the order of `series`
 * @throws what the historian throws
 */
export async function usualInHour(
  historian: Pick<HistorianQueries, 'windows'>,
  series: readonly SeriesKey[],
  hour: Hour,
  weeks: number,
  zone: TimeZone,
  signal?: AbortSignal,
  reach = 0,
): Promise<(number | null)[]> {
  const means = series.map((): (number | null)[] => new Array<number | null>(weeks).fill(null));
  const indexOf = new Map(series.map(({ device, metric }, index) => [`${device} ${metric}`, index]));
  for (const [week, [from, to]] of pastHours(hour, weeks, zone).entries()) {
    const query = { series, edges: Float64Array.of(from - reach, to + reach), fn: 'mean' } as const;
    for await (const { series: key, value } of historian.windows(query, signal)) {
      const index = indexOf.get(`${key.device} ${key.metric}`);
      if (index !== undefined && value.length > 0) means[index]![week] = value[0]!;
    }
  }
  return means.map(usualOf);
}

/** Usual values of series in each hour of a past period, for replays of deviations. */
export function pastBaselines(
  historian: Pick<HistorianQueries, 'windows'>,
  zone: TimeZone,
  intervalOf: IntervalOf = () => null,
): BaselineLookup {
  return async ({ signal: spec }, series, { from, to }, signal) => {
    const weeks = spec.kind === 'deviation' ? spec.weeks : 0;
    const reaches = new Map(
      series.map(({ device, metric }) => [`${device} ${metric}`, reachMs(intervalOf(device, metric))]),
    );
    const furthest = Math.max(0, ...reaches.values());
    const hours = hoursOf({ from: from - furthest, to: to + furthest }, zone);
    const past = hours.map((hour) => pastHours(hour, weeks, zone));
    const means = new Map<string, number>();
    for (let week = 0; week < weeks && series.length > 0; week += 1) {
      const edges = edgesOf(past.map((one) => one[week]!));
      for await (const { series: key, start, value } of historian.windows({ series, edges, fn: 'mean' }, signal)) {
        for (const [index, begin] of start.entries()) means.set(`${key.device} ${key.metric} ${begin}`, value[index]!);
      }
    }
    const indexOf = new Map(hours.map(([begin], index) => [begin, index]));
    return (device, metric, at) => {
      const index = indexOf.get(localHour(at, zone)[0]);
      if (index === undefined) return null;
      const name = `${device} ${metric}`;
      const around = (reach: number) =>
        usualOf(past[index]!.map(([begin]) => meanAround((hour) => means.get(`${name} ${hour}`), begin, reach)));
      const reach = reaches.get(name) ?? 0;
      return around(0) ?? (reach > 0 ? around(reach) : null);
    };
  };
}

function meanAround(meanOf: (hour: number) => number | undefined, begin: number, reach: number): number | null {
  let [sum, count] = [0, 0];
  for (let hour = begin - reach; hour <= begin + reach; hour += HOUR_MS) {
    const mean = meanOf(hour);
    if (mean === undefined) continue;
    sum += mean;
    count += 1;
  }
  return count === 0 ? null : sum / count;
}

/** The local hours that a period touches. */
function hoursOf({ from, to }: { readonly from: number; readonly to: number }, zone: TimeZone): Hour[] {
  const hours: Hour[] = [];
  for (let hour = localHour(from, zone); hour[0] < to; hour = localHour(hour[1], zone)) hours.push(hour);
  return hours;
}

/** The edges of hours, rising; where clocks are set back two may be equal, or apart. */
function edgesOf(hours: readonly Hour[]): Float64Array {
  return Float64Array.from([...new Set(hours.flat())].sort((a, b) => a - b));
}
