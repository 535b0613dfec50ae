import fc from 'fast-check';
import { onTestFinished } from 'vitest';
import type { InfluxSource } from '../../../../../src/historian/influxdb/influx-source.js';
import { influxRawChunks } from '../../../../../src/historian/influxdb/read/raw.js';
import { Transport } from '../../../../../src/historian/influxdb/transport.js';
import { Cursor } from '../../../../../src/historian/influxdb/write/cursor.js';
import { Devices } from '../../../../../src/historian/influxdb/write/device-epochs.js';
import type { TagsOf } from '../../../../../src/historian/influxdb/write/encoder.js';
import { WriteLoop } from '../../../../../src/historian/influxdb/write/write-loop.js';
import type { SeriesKey } from '../../../../../src/historian/port/queries.js';
import type { KeepRefused, ReadingsBatch, RefusedReadings } from '../../../../../src/historian/port/store.js';
import { seriesNamed } from '../../../../../src/historian/rollup/port.js';
import { ProgressFile } from '../../../../../src/historian/rollup/progress/progress-file.js';
import { deviceKey, deviceOf } from '../../../../../src/model/ids.js';
import { DATA_FLAGS, type DeviceReadings, QUALITIES, type Reading } from '../../../../../src/model/reading.js';
import { connectionTo } from '../../../../helpers/influx/engine.js';
import type { Engine } from '../../../../helpers/influx/influx.js';
import { rowsOf } from '../read/helpers.js';

export const NOW = Date.UTC(2026, 10, 23, 8);

export interface SetupOptions {
  readonly bucket?: string;
  /** Folder of the cursor; with the same folder again, the setup is the next run of the same writer. */
  readonly marks?: string;
  readonly url?: string;
  readonly token?: string;
  readonly tagsOf?: TagsOf;
  readonly rawDays?: number;
  readonly timeoutMs?: number;
  readonly steady?: () => number;
}

/** The writing side on an engine or a proxy before it, closed when the test ends. */
export class WriteSetup {
  readonly refused: RefusedReadings[] = [];
  readonly warnings: string[] = [];
  readonly writeLoop: WriteLoop;
  readonly transport: Transport;
  readonly source: InfluxSource;
  readonly cursor: Cursor;
  readonly bucket: string;
  /** Replaces `refused`. */
  keepRefused: KeepRefused | null = null;
  private readonly marks: ProgressFile;
  private open = true;

  constructor(engine: Engine, options: SetupOptions = {}) {
    this.bucket = options.bucket ?? engine.freshBucket();
    this.marks = ProgressFile.open(options.marks ?? ':memory:');
    this.cursor = new Cursor(this.marks);
    this.transport = new Transport({
      ...connectionTo(engine, options.url),
      ...(options.token !== undefined && { token: options.token }),
      ...(options.timeoutMs !== undefined && { timeoutMs: options.timeoutMs }),
    });
    const devices = new Devices();
    const { transport, bucket, cursor } = this;
    this.source = { transport, bucket, epochs: devices, keptFrom: () => cursor.keptFrom };
    this.writeLoop = new WriteLoop({
      transport,
      source: this.source,
      devices,
      cursor,
      org: engine.org,
      rawDays: options.rawDays ?? 400,
      tagsOf: options.tagsOf ?? (() => ({ district: 'north', enterprise: '' })),
      keepRefused: async (refused) => {
        if (this.keepRefused !== null) await this.keepRefused(refused);
        else this.refused.push(...refused);
      },
      clock: () => NOW,
      ...(options.steady !== undefined && { steady: options.steady }),
      warn: (message) => void this.warnings.push(message),
      onMetric: () => undefined,
      note: () => undefined,
      onStored: () => undefined,
    });
    onTestFinished(() => this.close());
  }

  /** Ends like a kill: forgets everything not stored. */
  close(): void {
    if (!this.open) return;
    this.open = false;
    this.transport.close();
    this.marks.close();
  }

  /** The engine's rows of [ts, value, flag, quality, receivedAt] by series name. */
  async rows(series: readonly SeriesKey[], span = { from: 0, to: NOW + 86_400_000 }) {
    return Object.fromEntries(await rowsOf(influxRawChunks(this.source, { series, ...span, limit: 1_000_000 })));
  }
}

export function reading(metric: string, ts: number, value: number, more: Partial<Reading> = {}): Reading {
  return { metric, ts, value, flag: 'N', quality: 'good', ...more };
}

export function message(
  device: string,
  readings: readonly Reading[],
  more: Partial<DeviceReadings> = {},
): DeviceReadings {
  const park = more.park ?? 'park-a';
  const of = { park, device: deviceKey(park, deviceOf(device)) };
  return { ...of, domain: 'energy', gateway: 'gw-1', receivedAt: NOW, readings, ...more };
}

export const batch = (seq: number, ...messages: DeviceReadings[]): ReadingsBatch => ({ seq, messages });

/** The rows that the engine must have after these messages, as in `WriteSetup.rows`: the later receipt counts. */
export function expectedRows(messages: readonly DeviceReadings[]): Record<string, number[][]> {
  const all = new Map<string, Map<number, number[]>>();
  for (const { device, receivedAt, readings } of messages) {
    for (const { metric, ts, value, flag, quality } of readings) {
      const name = `${device}/${metric}`;
      const series = all.get(name) ?? new Map<number, number[]>();
      series.set(ts, [ts, value, DATA_FLAGS.indexOf(flag), QUALITIES.indexOf(quality), receivedAt]);
      all.set(name, series);
    }
  }
  const byTime = (rows: Map<number, number[]>) => [...rows.values()].sort(([a], [b]) => a! - b!);
  return Object.fromEntries([...all].map(([name, rows]) => [name, byTime(rows)]));
}

export function seriesOf(messages: readonly DeviceReadings[]): SeriesKey[] {
  const names = Object.keys(expectedRows(messages));
  return names.map(seriesNamed);
}

const METRICS = ['active_power_kw', 'import_energy_kwh', 'frequency_hz'];

/** Messages of few devices at few times from `start` on, so that most overwrite another. */
export function anyMessages(start: number): fc.Arbitrary<DeviceReadings[]> {
  const item = fc.record({
    metric: fc.constantFrom(...METRICS),
    ts: fc.integer({ min: 0, max: 6 }).map((n) => start + n * 1_000),
    value: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
    flag: fc.constantFrom(...DATA_FLAGS),
    quality: fc.constantFrom(...QUALITIES),
  });
  const one = fc
    .record({
      device: fc.constantFrom('meter-1', 'meter-2'),
      park: fc.constantFrom('park-a', 'park-a', 'park-b'),
      readings: fc.array(item, { minLength: 1, maxLength: 6 }),
      receivedAt: fc.integer({ min: start - 300_000, max: NOW }),
    })
    .map(({ device, readings, ...more }) => message(device, readings, more));
  return fc.array(one, { minLength: 1, maxLength: 5 });
}
