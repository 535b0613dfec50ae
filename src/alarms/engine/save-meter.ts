import type { JournalBatch } from '../../journal/port.js';
import type { AlarmInput } from '../port.js';

/** Batches, or bytes of them, after which the cursor is stored although nothing was decided: the journal waits for it. */
const SAVE_BATCHES = 5_000;
const SAVE_BYTES = 1024 * 1024;

/** How much of the journal has been evaluated since the cursor was stored. */
export class SaveMeter {
  private batches = 0;
  private bytes = 0;

  count({ entries }: JournalBatch<AlarmInput>): void {
    this.batches += 1;
    for (const { payload } of entries) this.bytes += payload.length;
  }

  /** Whether the cursor is to be stored now; says so once. */
  due(): boolean {
    const due = this.batches >= SAVE_BATCHES || this.bytes >= SAVE_BYTES;
    if (due) this.reset();
    return due;
  }

  reset(): void {
    this.batches = 0;
    this.bytes = 0;
  }
}
