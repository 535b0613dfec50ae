import type { DeviceReadings } from '../../domain/reading.js';
import { decodeReadings } from '../../domain/wire/readings.js';
import { parseTopic } from '../../domain/wire/topic.js';
import type { JournalBatch } from '../../journal/port.js';
import type { ReadingsBatch } from '../port.js';

/** The readings of a journal batch, as ingest saw them: the same pure functions on the same bytes. */
export function decodeBatch(
  batch: JournalBatch,
  rawDays: number,
  onUnreadable: (topic: string, error: unknown) => void,
): ReadingsBatch {
  const messages: DeviceReadings[] = [];
  for (const { topic, gateway, receivedAt, payload } of batch.entries) {
    try {
      const parsed = parseTopic(topic);
      if (parsed?.kind !== 'readings') continue;
      const { park, domain, device } = parsed;
      const text = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString('utf8');
      const { readings } = decodeReadings(text, domain, receivedAt, rawDays);
      if (readings.length > 0) messages.push({ park, domain, device, gateway, receivedAt, readings });
    } catch (error) {
      onUnreadable(topic, error);
    }
  }
  return { seq: batch.seq, messages };
}
