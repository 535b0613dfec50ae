import { setImmediate as nextTurn } from 'node:timers/promises';
import type { JournalBatch } from '../../journal/port.js';
import type { DeviceReadings } from '../../model/reading.js';
import { EntryDecoder } from '../../model/wire/entry.js';
import type { ReadingsBatch } from '../port/store.js';

/** How long decoding goes on before queries get a turn. */
const SLICE_MS = 5;

interface DecodeOptions {
  /** Of batches that do not say by which days ingest judged them: what it did not take is not taken here either. */
  readonly rawDays: number;
  readonly onUnreadable: (topic: string, error: unknown) => void;
}

/** The readings of journal batches, as ingest saw them, in slices. */
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
