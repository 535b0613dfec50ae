import { DAY_MS, HOUR_MS } from '../src/model/time/duration.js';
import { readingsTopic } from '../src/model/wire/topic.js';
import type { Fleet, FleetPark } from './fleet.js';
import type { DeviceModel } from './model/device.js';

const TEN_MINUTES_MS = 600_000;
const FINE_DAYS = 3;
/** The contract's bounds of one message, the second with a margin. */
const MAX_ITEMS = 1_000;
const MAX_BYTES = 240 * 1024;

interface BackfillOptions {
  readonly fleet: Fleet;
  /** Epoch milliseconds; `from <= ts < to`. */
  readonly from: number;
  readonly to: number;
  /** Slices that each gateway has in flight at a time. */
  readonly inFlight?: number;
  readonly onProgress?: (done: BackfillProgress) => void;
  readonly signal?: AbortSignal;
}

interface BackfillProgress {
  /** Slices of a device that are done; each is one message unless the contract's bounds cut it. */
  messages: number;
  readings: number;
  dropped: number;
  readonly totalMessages: number;
}

/** The span of time of one message. */
interface Slice {
  readonly from: number;
  readonly to: number;
  readonly step: number;
}

/** Hourly steps on the hour, and ten-minute steps for the last three days. */
export function slicesOf(from: number, to: number): Slice[] {
  const fineFrom = Math.max(from, Math.ceil((to - FINE_DAYS * DAY_MS) / HOUR_MS) * HOUR_MS);
  const cut = (start: number, end: number, step: number, span: number): Slice[] => {
    const slices: Slice[] = [];
    for (let at = Math.ceil(start / step) * step; at < end; at += span) {
      slices.push({ from: at, to: Math.min(at + span, end), step });
    }
    return slices;
  };
  return [...cut(from, fineFrom, HOUR_MS, 3 * DAY_MS), ...cut(fineFrom, to, TEN_MINUTES_MS, DAY_MS / 2)];
}

/**
 * Publishes the past of every device through its gateway: oldest first, all devices of a slice together, so that days
 * arrive complete. Resolves when every message is acknowledged or dropped, or at the signal.
 */
export async function backfill(options: BackfillOptions): Promise<BackfillProgress> {
  const slices = slicesOf(options.from, options.to);
  const devices = options.fleet.reduce((sum, park) => sum + park.devices.length, 0);
  const progress: BackfillProgress = { messages: 0, readings: 0, dropped: 0, totalMessages: slices.length * devices };
  const parks = Promise.all(options.fleet.map((park) => backfillPark(park, slices, options, progress)));
  await Promise.race([parks, aborted(options.signal)]);
  return progress;
}

function aborted(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) resolve();
    signal?.addEventListener('abort', () => resolve(), { once: true });
  });
}

async function backfillPark(
  { link, devices, site }: FleetPark,
  slices: readonly Slice[],
  options: BackfillOptions,
  progress: BackfillProgress,
): Promise<void> {
  const working = new Set<Promise<void>>();
  const room = options.inFlight ?? 4;
  const send = async (device: DeviceModel, slice: Slice): Promise<void> => {
    const topic = readingsTopic(site.id, device.domain, device.id);
    const parts = [...messagesOf(device, slice)];
    const outcomes = await Promise.all(parts.map(({ payload }) => link.publish(topic, payload)));
    outcomes.forEach((outcome, i) => {
      progress[outcome === 'acknowledged' ? 'readings' : 'dropped'] += parts[i]!.readings;
    });
    progress.messages += 1;
    options.onProgress?.(progress);
  };
  for (const slice of slices) {
    for (const device of devices) {
      if (options.signal?.aborted) return;
      const sent = send(device, slice).finally(() => working.delete(sent));
      working.add(sent);
      if (working.size >= room) await Promise.race(working);
    }
  }
  await Promise.all(working);
}

/** The items of one device over a slice, as payloads within the contract's bounds. */
export function* messagesOf(
  device: DeviceModel,
  { from, to, step }: Slice,
): Generator<{
  payload: string;
  readings: number;
}> {
  let items: string[] = [];
  let [bytes, readings] = [2, 0];
  for (let ts = from; ts < to; ts += step) {
    const values = device.values(ts);
    const item = JSON.stringify({ ts, values });
    if (items.length === MAX_ITEMS || bytes + item.length + 1 > MAX_BYTES) {
      yield { payload: `[${items.join(',')}]`, readings };
      items = [];
      [bytes, readings] = [2, 0];
    }
    items.push(item);
    bytes += item.length + 1;
    readings += Object.keys(values).length;
  }
  if (items.length > 0) yield { payload: `[${items.join(',')}]`, readings };
}
