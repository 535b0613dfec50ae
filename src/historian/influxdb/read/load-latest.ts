import type { DeviceKey } from '../../../model/ids.js';
import { DATA_FLAGS, DOMAINS, type Domain, QUALITIES, type Reading } from '../../../model/reading.js';
import { DAY_MS } from '../../../model/time/duration.js';
import { MAX_AHEAD_MS } from '../../../model/time/trust.js';
import type { SeriesKey } from '../../port/queries.js';
import type { TimeSpan } from '../../port/stats.js';
import { seriesName } from '../../rollup/port.js';
import { deviceIn } from '../decode/answer-block.js';
import { ask, domainsOf, type Epoch, type InfluxSource } from '../influx-source.js';
import { flagOf, qualityOf } from '../schema.js';
import type { KnownMetrics } from './known-metrics.js';
import type { SeriesList } from './series-list.js';
import { latestPoints, latestReadings } from './statements.js';

/** What reported within this time is found in one look at all; only the others are looked for in all of time. */
const RECENT_MS = 8 * DAY_MS;
/** One look at every device reaches over so much time at most: the server takes its time for each week of each. */
const LOOK_MS = 64 * DAY_MS;
/** Devices that are looked for by their names at once. */
const NAMED_AT_ONCE = 32;

/**
 * Time of the newest point of every device, as far as points say so: late ones, which are never the newest, have no
 * delay of their own.
 * @param epochs of all devices
 * @throws InfluxError
 */
export async function newestOfDevices(
  source: InfluxSource,
  epochs: ReadonlyMap<DeviceKey, readonly Epoch[]>,
  now: number,
  signal?: AbortSignal,
): Promise<Map<DeviceKey, number>> {
  const newest = new Map<DeviceKey, number>();
  const look = async (domain: Domain, span: TimeSpan, devices: readonly DeviceKey[] | null) => {
    for await (const block of ask(source, latestPoints(domain, span, devices), signal)) {
      const device = deviceIn(block);
      const ts = block.numbers(0).at(-1);
      if (ts === undefined) continue;
      newest.set(device, Math.max(ts, newest.get(device) ?? ts));
    }
  };
  for (const domain of DOMAINS) await look(domain, { from: now - RECENT_MS, to: Number.POSITIVE_INFINITY }, null);
  const missing = [...epochs.keys()].filter((device) => !newest.has(device));
  const before = { from: Number.NEGATIVE_INFINITY, to: now - RECENT_MS };
  for (const domain of DOMAINS) {
    const its = missing.filter((device) => epochs.get(device)!.some((epoch) => epoch.domain === domain));
    for (const devices of portions(its)) await look(domain, before, devices);
  }
  return newest;
}

/** A reading without what it is a reading of. */
export interface LatestReading extends Omit<Reading, 'metric'> {
  readonly receivedAt: number;
}

export interface LatestParts {
  readonly source: InfluxSource;
  readonly metrics: KnownMetrics;
  readonly series: SeriesList;
  /** Time of the oldest reading kept; null when there is none. */
  readonly oldest: () => Promise<number | null>;
}

/**
 * Takes the newest reading of every series off the server; one of the future only where there is no other.
 * @throws InfluxError
 */
export async function loadLatest(
  parts: LatestParts,
  found: (device: DeviceKey, park: string, domain: Domain, metric: string, reading: LatestReading) => void,
  now: number,
  signal?: AbortSignal,
): Promise<void> {
  const { source, metrics, series } = parts;
  const names = new Map<string, SeriesKey>();
  const look = async (domain: Domain, metric: string, span: TimeSpan, devices: readonly DeviceKey[] | null = null) => {
    for await (const block of ask(source, latestReadings(domain, metric, span, devices), signal)) {
      const device = deviceIn(block);
      const origin = source.epochs.of(device).at(-1);
      if (origin === undefined) continue;
      const name = seriesName({ device, metric });
      if (span.from > now && names.has(name)) continue;
      names.set(name, { device, metric });
      const [ts, value, status, own, shared] = [0, 1, 2, 3, 4].map((column) => block.numbers(column)[0]!);
      const code = Number.isNaN(status!) ? 0 : status!;
      const delay = [own!, shared!, 0].find((ms) => !Number.isNaN(ms))!;
      const [flag, quality] = [DATA_FLAGS[flagOf(code)]!, QUALITIES[qualityOf(code)]!];
      const reading = { ts: ts!, value: value!, flag, quality, receivedAt: ts! + delay };
      found(device, origin.park, origin.domain, metric, reading);
    }
  };
  const lookAtAll = async (span: TimeSpan) => {
    for (const domain of DOMAINS) for (const metric of metrics.of(domain)) await look(domain, metric, span);
  };

  const recent = Math.max(now - RECENT_MS, source.keptFrom());
  const ahead = now + MAX_AHEAD_MS;
  await lookAtAll({ from: recent, to: ahead });
  if (!series.complete) {
    const oldest = (await parts.oldest()) ?? recent;
    for (let to = recent; to > oldest; to -= LOOK_MS) await lookAtAll({ from: Math.max(to - LOOK_MS, oldest), to });
    await lookAtAll({ from: ahead, to: Number.POSITIVE_INFINITY });
    series.completeWith([...names.values()]);
    return;
  }
  const before = { from: source.keptFrom(), to: recent };
  const missing = series.all().filter((key) => !names.has(seriesName(key)));
  for (const { domain, metric, devices } of byField(source, missing)) {
    for (const some of portions(devices)) await look(domain, metric, before, some);
  }
  if (missing.some((key) => !names.has(seriesName(key))))
    await lookAtAll({ from: ahead, to: Number.POSITIVE_INFINITY });
}

/** Series by the field in which their readings lie. */
function byField(source: InfluxSource, series: readonly SeriesKey[]) {
  const fields = new Map<string, { readonly domain: Domain; readonly metric: string; readonly devices: DeviceKey[] }>();
  for (const { device, metric } of series) {
    for (const domain of domainsOf(source.epochs.of(device))) {
      const field = fields.get(`${domain}/${metric}`) ?? { domain, metric, devices: [] };
      fields.set(`${domain}/${metric}`, field);
      field.devices.push(device);
    }
  }
  return fields.values();
}

function* portions(devices: readonly DeviceKey[]): Generator<readonly DeviceKey[]> {
  for (let i = 0; i < devices.length; i += NAMED_AT_ONCE) yield devices.slice(i, i + NAMED_AT_ONCE);
}
