/** What is kept is given up a part at a time, so its size is exact to one part in so many. */
const PARTS = 128;

interface Part {
  /** The last batch of it. */
  seq: number;
  bytes: number;
  rolledTo: number;
}

/**
 * The last part of what was written, which the journal therefore still has, so that it can be written once more. Bytes
 * are those of the journal.
 */
export class KeptBatches {
  bytes = 0;
  private parts: Part[] = [];

  constructor(
    readonly maxBytes: number,
    /** What is kept lies behind this batch. */
    public seq: number,
    /** Hours before this (epoch ms) were rolled up when that batch had been written; Infinity where that is not known. */
    public rolledTo: number,
  ) {}

  /** Takes in what was written until batch `seq`; with `hold` nothing goes for it. */
  add(seq: number, bytes: number, rolledTo: number, hold: boolean): void {
    const last = this.parts.at(-1);
    this.bytes += bytes;
    if (last !== undefined && last.bytes + bytes <= this.maxBytes / PARTS) {
      Object.assign(last, { seq, bytes: last.bytes + bytes, rolledTo });
    } else this.parts.push({ seq, bytes, rolledTo });
    if (!hold) this.drop();
  }

  /** Forgets the parts: all of it is being written again. */
  clear(): void {
    this.parts = [];
    this.bytes = 0;
  }

  private drop(): void {
    while (this.bytes > this.maxBytes) {
      const { seq, rolledTo } = this.parts.shift()!;
      // Added up anew: a batch that cannot be written again counts as more than any bound.
      this.bytes = this.parts.reduce((sum, { bytes }) => sum + bytes, 0);
      this.seq = seq;
      this.rolledTo = rolledTo;
    }
  }
}
