import type { FastifyRequest } from 'fastify';
import type { HistorianQueries, SeriesKey } from '../../historian/port/queries.js';
import { principalOf } from '../../http/auth/access.js';
import { type HistoryLookups, requireHistory } from '../../http/find/devices.js';
import { problem } from '../../http/problem.js';
import { metric as metricOf } from '../../model/catalogue/index.js';
import type { Metric } from '../../model/catalogue/types.js';
import { deviceKey } from '../../model/ids.js';
import { DOMAINS } from '../../model/reading.js';
import type { DeviceOfHistory } from '../../registry/port.js';
import { MAX_SERIES } from './schemas.js';

/** A series of the answer, with its entry in the catalogue. */
export interface AskedSeries {
  readonly key: SeriesKey;
  readonly metric: Metric;
}

interface SeriesDeps {
  readonly registry: HistoryLookups;
  readonly historian: Pick<HistorianQueries, 'latest'>;
}

/**
 * The requested series, device by device. Without `metrics`, all that a device ever reported.
 * @throws ProblemError 404 or 422 that names the device or metric at fault
 */
export async function resolveSeries(
  request: FastifyRequest,
  { registry, historian }: SeriesDeps,
  devices: readonly string[],
  metrics: readonly string[] | undefined,
  park: string | undefined,
): Promise<readonly AskedSeries[]> {
  const known = devices.map((id) => requireHistory(request, registry, id, { field: 'query.device', park }));
  const series: AskedSeries[] = [];
  if (metrics) {
    requireMetrics(known, metrics);
    for (const device of known) series.push(...seriesOf(device, metrics));
  } else {
    for (const device of known) {
      const latest = await historian.latest({ device: deviceKey(device.park, device.id), by: principalOf(request).id });
      const reported = latest.map((value) => value.metric).sort();
      series.push(...seriesOf(device, reported));
      if (series.length > MAX_SERIES) break;
    }
  }
  if (series.length > MAX_SERIES) {
    const detail = `more than ${MAX_SERIES} series, the bound of one answer: ask for fewer devices or metrics`;
    throw problem(422, 'too_many_series', detail, { bound: 'series', limit: MAX_SERIES });
  }
  return series;
}

/** `delta` requires counters. @throws ProblemError 422 that names the other metrics */
export function requireCounters(series: readonly AskedSeries[]): void {
  const others = new Map(
    series.filter((one) => one.metric.kind !== 'counter').map(({ metric }) => [metric.key, metric]),
  );
  if (others.size === 0) return;
  const named = [...others.values()].map((metric) => `${metric.key} (${metric.kind})`).join(', ');
  throw problem(422, 'not_a_counter', `fn=delta is for counters; these are none: ${named}`, {
    metrics: [...others.keys()],
  });
}

function seriesOf(device: DeviceOfHistory, metrics: readonly string[]): AskedSeries[] {
  return metrics.flatMap((key) => {
    const metric = metricOf(device.domain, key);
    return metric ? [{ key: { device: deviceKey(device.park, device.id), metric: key }, metric }] : [];
  });
}

/** Each metric must exist, and fit one of the devices. */
function requireMetrics(devices: readonly DeviceOfHistory[], metrics: readonly string[]): void {
  const asked = new Set(devices.map((device) => device.domain));
  for (const key of metrics) {
    if ([...asked].some((domain) => metricOf(domain, key))) continue;
    const home = DOMAINS.find((domain) => metricOf(domain, key));
    const detail = home
      ? `${key} is a metric of ${home}, the devices are of ${[...asked].join(', ')}`
      : `${key} is not in the catalogue`;
    throw problem(422, 'unknown_metric', detail, { metric: key });
  }
}
