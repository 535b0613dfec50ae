import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DeviceReadings } from '../../domain/reading.js';
import { decodeReadings } from '../../domain/wire/readings.js';
import { parseTopic } from '../../domain/wire/topic.js';
import type { JournalBatch, JournalEntry } from '../../journal/port.js';
import type { ReadingsBatch } from '../port.js';

/** How long decoding goes on before queries get a turn. */
const SLICE_MS = 5;

export interface DecodeOptions {
  /** As ingest was told: what it did not take is not taken here either. */
  readonly rawDays: number;
  readonly onUnreadable: (topic: string, error: unknown) => void;
}

/** The readings of journal batches, as ingest saw them: the same pure functions on the same bytes. In slices. */
export async function decodeBatches(
  batches: readonly JournalBatch[],
  options: DecodeOptions,
): Promise<readonly ReadingsBatch[]> {
  const decoded: ReadingsBatch[] = [];
  let since = performance.now();
  for (const { seq, entries } of batches) {
    const messages: DeviceReadings[] = [];
    for (const entry of entries) {
      const message = decodeEntry(entry, options);
      if (message !== null) messages.push(message);
      if (performance.now() - since < SLICE_MS) continue;
      await nextTurn();
      since = performance.now();
    }
    decoded.push({ seq, messages });
  }
  return decoded;
}

function decodeEntry(entry: JournalEntry, { rawDays, onUnreadable }: DecodeOptions): DeviceReadings | null {
  const { topic, gateway, receivedAt, payload } = entry;
  try {
    const parsed = parseTopic(topic);
    if (parsed?.kind !== 'readings') return null;
    const { park, domain, device } = parsed;
    const text = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString('utf8');
    const { readings } = decodeReadings(text, domain, receivedAt, rawDays);
    return readings.length === 0 ? null : { park, domain, device, gateway, receivedAt, readings };
  } catch (error) {
    onUnreadable(topic, error);
    return null;
  }
}
