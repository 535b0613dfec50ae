import type { JournalBatch } from '../../journal/port.js';
import type { AlarmInput } from '../port.js';

/** Batches, or their bytes, after which an idle cursor is stored: until then the journal cannot trim them. */
const SAVE_BATCHES = 5_000;
const SAVE_BYTES = 1024 * 1024;

/** Counts what the engine has evaluated since the follower stored the cursor. */
export class SaveMeter {
  private batches = 0;
  private bytes = 0;

  count({ entries }: JournalBatch<AlarmInput>): void {
    this.batches += 1;
    for (const { payload } of entries) this.bytes += payload.length;
  }

  /** Whether to store the cursor now; true once per period. */
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
