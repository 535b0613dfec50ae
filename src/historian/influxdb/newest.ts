import { DOMAINS } from '../../domain/reading.js';
import type { KnownMetrics } from './known-metrics.js';
import type { LatestReadings } from './latest.js';
import { ask, type ReadSource } from './read-source.js';
import { DELAY, flagOf, qualityOf } from './schema.js';
import { edgeOf, newestReadings, type Span } from './statements.js';

/**
 * Time of the newest point of every device, as far as points say so: late ones, which are never the newest, have no
 * `DELAY`. @throws InfluxError
 */
export async function newestOfDevices(source: ReadSource, signal?: AbortSignal): Promise<Map<string, number>> {
  const newest = new Map<string, number>();
  for (const domain of DOMAINS) {
    for await (const block of ask(source, edgeOf('last', domain, DELAY, EVER), signal)) {
      const { device } = block.tags;
      const ts = block.numbers(0).at(-1);
      if (device === undefined || ts === undefined) continue;
      newest.set(device, Math.max(ts, newest.get(device) ?? ts));
    }
  }
  return newest;
}

/** Takes the newest reading of every series off the server. @throws InfluxError */
export async function loadLatest(
  source: ReadSource,
  metrics: KnownMetrics,
  into: LatestReadings,
  signal?: AbortSignal,
): Promise<void> {
  for (const domain of DOMAINS) {
    for (const metric of metrics.of(domain)) {
      const span = { ...EVER, from: source.keptFrom() };
      for await (const block of ask(source, newestReadings(domain, metric, span), signal)) {
        const device = block.tags.device;
        const now = device === undefined ? undefined : source.epochs.of(device).at(-1);
        if (device === undefined || now === undefined) continue;
        const [ts, value, status, own, shared] = [0, 1, 2, 3, 4].map((column) => block.numbers(column)[0]!);
        const code = Number.isNaN(status!) ? 0 : status!;
        const delay = Number.isNaN(own!) ? (Number.isNaN(shared!) ? 0 : shared!) : own!;
        const reading = { ts: ts!, value: value!, flag: flagOf(code), quality: qualityOf(code) };
        into.found(device, now.park, now.domain, metric, { ...reading, receivedAt: ts! + delay });
      }
    }
  }
}

const EVER: Span = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };
