import { type Hour, pastHours, usualOf } from '../domain/alarm/baseline.js';
import type { TimeZone } from '../domain/time-zone.js';
import type { HistorianQueries, SeriesKey } from '../historian/port.js';

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
