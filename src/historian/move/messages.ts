import { DATA_FLAGS, type DeviceReadings, type Domain, QUALITIES, type Reading } from '../../domain/reading.js';
import type { RawChunk } from '../port.js';

/** A device as a store knows it, with the metrics it ever reported. */
export interface MovedDevice {
  readonly device: string;
  readonly park: string;
  readonly domain: Domain;
  readonly metrics: readonly string[];
}

/**
 * The readings of one device as messages, times rising: what has one time and one receipt is one message again. The
 * gateway they came through is not part of the history.
 */
export function toMessages({ device, park, domain }: MovedDevice, chunks: readonly RawChunk[]): DeviceReadings[] {
  const rows = chunks.flatMap((chunk) => Array.from(chunk.ts, (_, i) => ({ chunk, i })));
  const ts = (row: Row) => row.chunk.ts[row.i]!;
  const receivedAt = (row: Row) => row.chunk.receivedAt[row.i]!;
  rows.sort((a, b) => ts(a) - ts(b) || receivedAt(a) - receivedAt(b));
  const messages: DeviceReadings[] = [];
  let readings: Reading[] = [];
  let before: Row | undefined;
  for (const row of rows) {
    if (before === undefined || ts(before) !== ts(row) || receivedAt(before) !== receivedAt(row)) {
      readings = [];
      messages.push({ park, domain, device, gateway: '', receivedAt: receivedAt(row), readings });
    }
    readings.push(readingOf(row));
    before = row;
  }
  return messages;
}

interface Row {
  readonly chunk: RawChunk;
  readonly i: number;
}

function readingOf({ chunk, i }: Row): Reading {
  return {
    metric: chunk.series.metric,
    ts: chunk.ts[i]!,
    value: chunk.value[i]!,
    flag: DATA_FLAGS[chunk.flag[i]!]!,
    quality: QUALITIES[chunk.quality[i]!]!,
  };
}
