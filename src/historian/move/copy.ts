import type { HistorianStore, RawChunk, SeriesKey } from '../port.js';
import { type MovedDevice, toMessages } from './messages.js';

export const DAY_MS = 86_400_000;
/** Readings the target is given at once. */
const BATCH_READINGS = 50_000;

export interface CopyOptions {
  readonly from: HistorianStore;
  readonly to: HistorianStore;
  readonly devices: readonly MovedDevice[];
  /** Start of the first UTC day, and the end of what is moved; epoch milliseconds. */
  readonly firstDay: number;
  readonly end: number;
  readonly signal: AbortSignal;
  /** The target's next batch number; see `moveHistory`. */
  readonly nextSeq: () => number;
}

export interface CopiedDay {
  readonly day: number;
  readonly readings: number;
}

/**
 * Copies day by day, so that the target's files come out as if the readings had arrived in their time. A day that is
 * yielded is durable in the target; leaving off and beginning again with a day writes the same readings again.
 */
export async function* copyDays(options: CopyOptions): AsyncGenerator<CopiedDay, void, undefined> {
  for (let day = options.firstDay; day < options.end; day += DAY_MS) {
    let readings = 0;
    for (const device of options.devices) {
      options.signal.throwIfAborted();
      readings += await copyDevice(options, device, day);
    }
    if (readings > 0) await options.to.flush();
    yield { day, readings };
  }
}

async function copyDevice(options: CopyOptions, device: MovedDevice, day: number): Promise<number> {
  const { from, to, nextSeq } = options;
  const series = device.metrics.map((metric) => ({ device: device.device, metric }));
  const range = { from: day, to: Math.min(day + DAY_MS, options.end) };
  const chunks: RawChunk[] = [];
  for await (const chunk of from.raw({ series, ...range, limit: Number.MAX_SAFE_INTEGER })) chunks.push(chunk);
  const messages = toMessages(device, chunks);
  let readings = 0;
  let batch: typeof messages = [];
  let held = 0;
  const send = async () => {
    await to.append([{ seq: nextSeq(), messages: batch }]);
    readings += held;
    batch = [];
    held = 0;
  };
  for (const message of messages) {
    batch.push(message);
    held += message.readings.length;
    if (held >= BATCH_READINGS) await send();
  }
  if (held > 0) await send();
  return readings;
}

/** Every device that has a reading, and what it reported, by device. */
export async function devicesOf(store: HistorianStore): Promise<MovedDevice[]> {
  const devices = new Map<string, MovedDevice & { metrics: string[] }>();
  for (const { device, metric, park, domain } of await store.latest({})) {
    const known = devices.get(device);
    if (known === undefined) devices.set(device, { device, park, domain, metrics: [metric] });
    else known.metrics.push(metric);
  }
  return [...devices.values()].sort((a, b) => (a.device < b.device ? -1 : 1));
}

export const seriesOf = (devices: readonly MovedDevice[]): SeriesKey[] =>
  devices.flatMap(({ device, metrics }) => metrics.map((metric) => ({ device, metric })));
