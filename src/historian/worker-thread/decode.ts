import { setImmediate as nextTurn } from 'node:timers/promises';
import type { JournalBatch } from '../../journal/port.js';
import type { DeviceReadings } from '../../model/reading.js';
import { EntryDecoder } from '../../model/wire/entry.js';
import type { ReadingsBatch } from '../port/store.js';

/** Time to decode before queries get a turn. */
const SLICE_MS = 5;

interface DecodeOptions {
  /** For batches without their own retention: items that ingest rejected are rejected here too. */
  readonly rawDays: number;
  readonly onUnreadable: (topic: string, error: unknown) => void;
}

/** Decodes journal batches to readings with the verdict of ingest, in time slices. */
export async function decodeBatches(
  batches: readonly JournalBatch[],
  options: DecodeOptions,
): Promise<readonly ReadingsBatch[]> {
  const decoder = new EntryDecoder(options);
  const decoded: ReadingsBatch[] = [];
  let since = performance.now();
  for (const { position, entries, rawDays } of batches) {
    const messages: DeviceReadings[] = [];
    for (const entry of entries) {
      try {
        const { message } = decoder.decode(entry, rawDays);
        if (message !== null) messages.push(message);
      } catch (error) {
        options.onUnreadable(entry.topic, error);
      }
      if (performance.now() - since < SLICE_MS) continue;
      await nextTurn();
      since = performance.now();
    }
    decoded.push({ seq: position, messages });
  }
  return decoded;
}
