/** Kept batches are released in parts of this fraction of the bound. */
const PARTS = 128;

interface Part {
  /** Last batch of the part. */
  seq: number;
  bytes: number;
  rolledTo: number;
}

/** The batches written last, which the journal still has so that they can be written again. Bytes of the journal. */
export class KeptBatches {
  bytes = 0;
  private parts: Part[] = [];

  constructor(
    readonly maxBytes: number,
    /** Kept batches come after this one. */
    public seq: number,
    /** Hours before this (epoch ms) were rolled up when that batch was written; Infinity if unknown. */
    public rolledTo: number,
  ) {}

  /** Adds batches up to `seq`; with `hold` it releases none in return. */
  add(seq: number, bytes: number, rolledTo: number, hold: boolean): void {
    const last = this.parts.at(-1);
    this.bytes += bytes;
    if (last !== undefined && last.bytes + bytes <= this.maxBytes / PARTS) {
      Object.assign(last, { seq, bytes: last.bytes + bytes, rolledTo });
    } else this.parts.push({ seq, bytes, rolledTo });
    if (!hold) this.drop();
  }

  /** Forgets the parts: all of them are being written again. */
  clear(): void {
    this.parts = [];
    this.bytes = 0;
  }

  private drop(): void {
    while (this.bytes > this.maxBytes) {
      const { seq, rolledTo } = this.parts.shift()!;
      // Sums anew: a batch that cannot be written again counts as larger than any bound.
      this.bytes = this.parts.reduce((sum, { bytes }) => sum + bytes, 0);
      this.seq = seq;
      this.rolledTo = rolledTo;
    }
  }
}
