import type { Epoch, InfluxSource } from '../../../../../src/historian/influxdb/influx-source.js';
import { Transport } from '../../../../../src/historian/influxdb/transport.js';
import type { RawChunk, SeriesKey } from '../../../../../src/historian/port/queries.js';
import { connectionTo } from '../../../../helpers/influx/engine.js';
import type { Engine } from '../../../../helpers/influx/influx.js';

export const T0 = Date.UTC(2026, 10, 2);
export const MINUTE = 60_000;
export const DAY = 86_400_000;

export const EPOCH: Epoch = { from: 0, park: 'park-a', district: 'north', enterprise: '', domain: 'energy' };

/** A source on a bucket of the engine, or of what stands before it; close its transport. */
export function sourceOn(
  engine: Engine,
  bucket: string,
  {
    url = engine.url,
    epochs = {},
    keptFrom = 0,
  }: { url?: string; epochs?: Record<string, Epoch[]>; keptFrom?: number } = {},
): InfluxSource & { readonly transport: Transport } {
  return {
    transport: new Transport(connectionTo(engine, url)),
    bucket,
    epochs: { of: (device) => epochs[device] ?? [EPOCH] },
    keptFrom: () => keptFrom,
  };
}

/** One point of a device in line protocol. */
export function line(device: string, ts: number, fields: string, { domain, park, district }: Epoch = EPOCH): string {
  return `${domain},park=${park},district=${district},device=${device} ${fields} ${ts}`;
}

export type Row = readonly [ts: number, value: number, flag: number, quality: number, receivedAt: number];

/** Chunks as series names with their rows; chunks of one series that follow each other are joined. */
export async function rowsOf(chunks: AsyncIterable<RawChunk>): Promise<[string, Row[]][]> {
  const all: [string, Row[]][] = [];
  for await (const { series, ts, value, flag, quality, receivedAt } of chunks) {
    const name = nameOf(series);
    if (all.at(-1)?.[0] !== name) all.push([name, []]);
    ts.forEach((time, i) => {
      all.at(-1)![1].push([time, value[i]!, flag[i]!, quality[i]!, receivedAt[i]!]);
    });
  }
  return all;
}

export const nameOf = ({ device, metric }: SeriesKey) => `${device}/${metric}`;
