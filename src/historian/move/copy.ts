import { DAY_MS } from '../../domain/duration.js';
import type { SeriesKey } from '../port.js';
import { DeviceCopy, type DeviceCopyParts, type Stretch } from './device-copy.js';
import type { MovedDevice } from './messages.js';
import type { MovableStore } from './port.js';

/** Readings of one device that are held at once. */
const ROWS_AT_ONCE = 100_000;
/** A step has about so many readings, or is one day. */
const STEP_READINGS = 500_000;
const MOST_DAYS = 32;

export interface CopyOptions extends Omit<DeviceCopyParts, 'rowsAtOnce'> {
  readonly devices: readonly MovedDevice[];
  readonly span: Stretch;
  readonly signal: AbortSignal;
  readonly rowsAtOnce?: number;
}

/** A step that is durable in the target. */
export interface CopiedStep {
  readonly to: number;
  /** Of the source, whether the target lacked them or not. */
  readonly readings: number;
}

/**
 * Copies some days at a time, all devices of them, so that the target's files come out as if the readings had arrived in
 * their time.
 */
export async function* copySteps(options: CopyOptions): AsyncGenerator<CopiedStep, void, undefined> {
  const { devices, span, signal, sender } = options;
  const parts = { ...options, rowsAtOnce: options.rowsAtOnce ?? ROWS_AT_ONCE };
  const copies = devices.map((device) => new DeviceCopy(parts, device));
  let days = 1;
  for (let from = span.from; from < span.to; ) {
    const to = Math.min(span.to, (Math.floor(from / DAY_MS) + days) * DAY_MS);
    let readings = 0;
    try {
      for (const copy of copies) {
        signal.throwIfAborted();
        readings += await copy.copy({ from, to });
      }
      if (readings > 0) await sender.flush();
    } finally {
      await sender.rest();
    }
    yield { to, readings };
    if (readings < STEP_READINGS / 2) days = Math.min(MOST_DAYS, days * 2);
    else if (readings > STEP_READINGS) days = Math.max(1, Math.floor(days / 2));
    from = to;
  }
}

/** Every device that has a reading, and what it reported, by device. */
export async function devicesOf(store: Pick<MovableStore, 'latest'>): Promise<MovedDevice[]> {
  const devices = new Map<string, MovedDevice & { metrics: string[]; newest: number }>();
  for (const { device, metric, park, domain, ts } of await store.latest({})) {
    const known = devices.get(device);
    if (known === undefined) devices.set(device, { device, park, domain, metrics: [metric], newest: ts });
    else {
      known.metrics.push(metric);
      known.newest = Math.max(known.newest, ts);
    }
  }
  return [...devices.values()].sort((a, b) => (a.device < b.device ? -1 : 1));
}

export const newestOf = (devices: readonly MovedDevice[]): number | null =>
  devices.length === 0 ? null : devices.reduce((most, { newest }) => Math.max(most, newest), Number.NEGATIVE_INFINITY);

export const seriesOf = (devices: readonly MovedDevice[]): SeriesKey[] =>
  devices.flatMap(({ device, metrics }) => metrics.map((metric) => ({ device, metric })));
