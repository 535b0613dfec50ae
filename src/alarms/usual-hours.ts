import { type Hour, localHour, pastHours, usualOf } from '../domain/alarm/baseline.js';
import type { TimeZone } from '../domain/time-zone.js';
import type { HistorianQueries, SeriesKey } from '../historian/port.js';
import type { Baselines } from './replay/deps.js';

/**
 * What each series usually is in an hour: the mean of that hour over the past weeks, in the metric's unit; null where
 * too little is known. What a rule of the signal `deviation` compares with, now and when an alarm is explained.
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
): Promise<(number | null)[]> {
  const means = series.map((): (number | null)[] => new Array<number | null>(weeks).fill(null));
  const placeOf = new Map(series.map(({ device, metric }, place) => [`${device} ${metric}`, place]));
  for (const [week, edges] of pastHours(hour, weeks, zone).entries()) {
    const query = { series, edges: Float64Array.from(edges), fn: 'mean' } as const;
    for await (const { series: key, value } of historian.windows(query, signal)) {
      const place = placeOf.get(`${key.device} ${key.metric}`);
      if (place !== undefined && value.length > 0) means[place]![week] = value[0]!;
    }
  }
  return means.map(usualOf);
}

/** What some series usually were in each hour of a past period: what replays of deviations compare with. */
export function pastBaselines(historian: Pick<HistorianQueries, 'windows'>, zone: TimeZone): Baselines {
  return async ({ signal: spec }, series, period, signal) => {
    const weeks = spec.kind === 'deviation' ? spec.weeks : 0;
    const hours = hoursOf(period, zone);
    const past = hours.map((hour) => pastHours(hour, weeks, zone));
    const means = new Map<string, number>();
    for (let week = 0; week < weeks && series.length > 0; week += 1) {
      const edges = edgesOf(past.map((one) => one[week]!));
      for await (const { series: key, start, value } of historian.windows({ series, edges, fn: 'mean' }, signal)) {
        start.forEach((from, index) => {
          means.set(`${key.device} ${key.metric} ${from}`, value[index]!);
        });
      }
    }
    const placeOf = new Map(hours.map(([from], place) => [from, place]));
    return (device, metric, at) => {
      const place = placeOf.get(localHour(at, zone)[0]);
      if (place === undefined) return null;
      return usualOf(past[place]!.map(([from]) => means.get(`${device} ${metric} ${from}`) ?? null));
    };
  };
}

/** The hours by the clocks that a period touches. */
function hoursOf({ from, to }: { readonly from: number; readonly to: number }, zone: TimeZone): Hour[] {
  const hours: Hour[] = [];
  for (let hour = localHour(from, zone); hour[0] < to; hour = localHour(hour[1], zone)) hours.push(hour);
  return hours;
}

/** Edges of hours that rise; where clocks were changed two may be the same, or lie apart. */
function edgesOf(hours: readonly Hour[]): Float64Array {
  return Float64Array.from([...new Set(hours.flat())].sort((a, b) => a - b));
}
