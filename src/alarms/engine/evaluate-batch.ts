import type { JournalBatch } from '../../journal/port.js';
import type { DeviceReadings } from '../../model/reading.js';
import type { EntryDecoder } from '../../model/wire/entry.js';
import type { AlarmInput, AlarmStats, Log } from '../port.js';
import type { AlarmEngine } from './engine.js';

export interface BatchContext {
  /** Decodes entries read from the journal; live entries carry the readings that ingest decoded. */
  readonly decoder: EntryDecoder;
  readonly engine: AlarmEngine;
  readonly stats: AlarmStats;
  readonly log: Log;
}

/** Evaluates the readings of a batch, fire first (GB 26875.1-2011, 4.1.2.2). Counts and logs a message that fails. */
export function evaluateBatch(batch: JournalBatch<AlarmInput>, context: BatchContext): void {
  const others: DeviceReadings[] = [];
  for (const entry of batch.entries) {
    const message = entry.decoded ?? context.decoder.decode(entry, batch.rawDays).message;
    if (message === null) continue;
    if (message.domain === 'fire') evaluateOne(message, context);
    else others.push(message);
  }
  for (const message of others) evaluateOne(message, context);
}

function evaluateOne(message: DeviceReadings, { engine, stats, log }: BatchContext): void {
  try {
    engine.evaluate(message);
  } catch (error) {
    stats.failedMessages += 1;
    log.error({ err: error, device: message.device }, 'the alarm engine failed to evaluate a message');
  }
}
