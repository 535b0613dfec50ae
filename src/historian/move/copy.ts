import { DAY_MS } from '../../model/time/duration.js';
import type { RawChunk, SeriesKey } from '../port/queries.js';
import type { TimeSpan } from '../port/stats.js';
import { DeviceCopy, type DeviceCopyParts, meet } from './device-copy.js';
import { type MovedDevice, missingRows, rowsOf, toMessages } from './messages.js';
import type { MovableStore } from './port.js';

/** A step has about this many readings, or is one day. */
const STEP_READINGS = 500_000;
const MOST_DAYS = 32;
/** Devices whose readings one query counts. */
const COUNTED_AT_ONCE = 1_000;

interface CopyOptions extends DeviceCopyParts {
  readonly devices: readonly MovedDevice[];
  readonly span: TimeSpan;
  readonly signal: AbortSignal;
}

/** A step that is durable in the target. */
interface CopiedStep {
  readonly to: number;
  /** Readings in the source, whether the target lacked them or not. */
  readonly readings: number;
}

/** Copies all devices, some days at a time, so that the target's files look as if the readings had arrived in time. */
export async function* copySteps(options: CopyOptions): AsyncGenerator<CopiedStep, void, undefined> {
  const { devices, span, signal, sender } = options;
  const copies = devices.map((device) => ({ device, alone: new DeviceCopy(options, device) }));
  let days = 1;
  for (let from = span.from; from < span.to; ) {
    const to = Math.min(span.to, (Math.floor(from / DAY_MS) + days) * DAY_MS);
    let readings = 0;
    try {
      for await (const group of groupsOf(options, copies, { from, to })) {
        signal.throwIfAborted();
        const [first] = group;
        readings +=
          group.length === 1 ? await first!.alone.copy({ from, to }) : await copyTogether(options, group, { from, to });
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

interface Copy {
  readonly device: MovedDevice;
  readonly alone: DeviceCopy;
}

/** Devices with readings in the stretch: groups that fit in memory, and each larger device alone. */
async function* groupsOf({ from, rowsAtOnce }: CopyOptions, copies: readonly Copy[], stretch: TimeSpan) {
  const there = copies.filter(({ device }) => device.newest >= stretch.from);
  for (let i = 0; i < there.length; i += COUNTED_AT_ONCE) {
    const some = there.slice(i, i + COUNTED_AT_ONCE);
    const counts = await from.counts(seriesOfDevices(some.map(({ device }) => device)), stretch.from, stretch.to);
    let at = 0;
    let group: Copy[] = [];
    let held = 0;
    for (const copy of some) {
      const next = at + copy.device.metrics.length;
      const rows = counts.slice(at, next).reduce((sum, n) => sum + n, 0);
      at = next;
      if (rows === 0) continue;
      if (group.length > 0 && held + rows > rowsAtOnce) {
        yield group;
        [group, held] = [[], 0];
      }
      group.push(copy);
      held += rows;
    }
    if (group.length > 0) yield group;
  }
}

/** Copies missing readings of devices that one query reads; returns the number of readings in the source. */
async function copyTogether(parts: DeviceCopyParts, group: readonly Copy[], stretch: TimeSpan): Promise<number> {
  const { from, to, shared, sender } = parts;
  const series = seriesOfDevices(group.map(({ device }) => device));
  const rows = await chunksOf(from, series, stretch);
  const there = meet(stretch, shared) ? await chunksOf(to, series, stretch) : new Map<string, RawChunk[]>();
  let readings = 0;
  for (const { device } of group) {
    const own = rowsOf(rows.get(device.device) ?? []);
    readings += own.length;
    await sender.send(toMessages(device, missingRows(own, there.get(device.device) ?? [])));
  }
  return readings;
}

async function chunksOf(
  store: Pick<MovableStore, 'raw'>,
  series: readonly SeriesKey[],
  stretch: TimeSpan,
): Promise<Map<string, RawChunk[]>> {
  const found = new Map<string, RawChunk[]>();
  for await (const chunk of store.raw({ series, ...stretch, limit: Number.MAX_SAFE_INTEGER })) {
    const { device } = chunk.series;
    const chunks = found.get(device) ?? [];
    chunks.push(chunk);
    found.set(device, chunks);
  }
  return found;
}

/** Every device with a reading, and its metrics. */
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

export const seriesOfDevices = (devices: readonly MovedDevice[]): SeriesKey[] =>
  devices.flatMap(({ device, metrics }) => metrics.map((metric) => ({ device, metric })));
