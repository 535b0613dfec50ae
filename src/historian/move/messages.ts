import type { DeviceKey } from '../../model/ids.js';
import { DATA_FLAGS, type DeviceReadings, QUALITIES, type Reading } from '../../model/reading.js';
import type { RawChunk } from '../port/queries.js';
import type { DeviceOrigin } from './port.js';

/** A device as a store knows it, with the metrics it has readings of. */
export interface MovedDevice extends DeviceOrigin {
  readonly device: DeviceKey;
  readonly metrics: readonly string[];
  /** Time of its newest reading, epoch milliseconds. */
  readonly newest: number;
}

/** One reading where it lies in its chunk. */
interface Row {
  readonly chunk: RawChunk;
  readonly i: number;
}

export const rowsOf = (chunks: readonly RawChunk[]): Row[] =>
  chunks.flatMap((chunk) => Array.from(chunk.ts, (_, i) => ({ chunk, i })));

/** Rows that `there` lacks; it has one if it holds the same reading, or a version that arrived later. */
export function missingRows(rows: readonly Row[], there: readonly RawChunk[]): readonly Row[] {
  if (there.length === 0) return rows;
  const byMetric = new Map<string, Map<number, Row>>();
  for (const row of rowsOf(there)) {
    const { metric } = row.chunk.series;
    const ofMetric = byMetric.get(metric) ?? new Map<number, Row>();
    byMetric.set(metric, ofMetric.set(row.chunk.ts[row.i]!, row));
  }
  return rows.filter((row) => {
    const known = byMetric.get(row.chunk.series.metric)?.get(row.chunk.ts[row.i]!);
    return known === undefined || !covers(known, row);
  });
}

function covers(known: Row, row: Row): boolean {
  const later = receivedAt(known) - receivedAt(row);
  if (later !== 0) return later > 0;
  return (['value', 'flag', 'quality'] as const).every(
    (column) => known.chunk[column][known.i] === row.chunk[column][row.i],
  );
}

/**
 * Readings of one device as messages, times rising: what has one time and one receipt is one message again. The gateway
 * they came through is not part of the history.
 */
export function toMessages({ device, park, domain }: MovedDevice, rows: readonly Row[]): DeviceReadings[] {
  const sorted = [...rows].sort((a, b) => ts(a) - ts(b) || receivedAt(a) - receivedAt(b));
  const messages: DeviceReadings[] = [];
  let readings: Reading[] = [];
  let before: Row | undefined;
  for (const row of sorted) {
    if (before === undefined || ts(before) !== ts(row) || receivedAt(before) !== receivedAt(row)) {
      readings = [];
      messages.push({ park, domain, device, gateway: '', receivedAt: receivedAt(row), readings });
    }
    readings.push(readingOf(row));
    before = row;
  }
  return messages;
}

const ts = ({ chunk, i }: Row) => chunk.ts[i]!;
const receivedAt = ({ chunk, i }: Row) => chunk.receivedAt[i]!;

function readingOf({ chunk, i }: Row): Reading {
  return {
    metric: chunk.series.metric,
    ts: chunk.ts[i]!,
    value: chunk.value[i]!,
    flag: DATA_FLAGS[chunk.flag[i]!]!,
    quality: QUALITIES[chunk.quality[i]!]!,
  };
}
