/** Bytes of the journal in one write: few while there is little to do, for they are seen at once. */
const SMALLEST = 256 * 1024;
/** Many while catching up, for each request costs; a bound of what is held in memory, too. */
const LARGEST = 4 * 1024 * 1024;
/** What a server that takes no more can still be asked to take. */
const LEAST = 16 * 1024;
/**
 * A write below this share of what one may carry was all there was. Lines are shorter than the journal's entries, and a
 * write was asked for up to two doublings ago: a smaller share would take catching up for idling.
 */
const IDLE_SHARE = 1 / 8;
/** A larger batch is tried when the last was answered within so many milliseconds. */
const QUICK_MS = 1_500;

/** How much one write should carry: more while the writer is behind and the server is quick, less when it complains. */
export class BatchSize {
  bytes = SMALLEST;
  private bound = LARGEST;

  /** Lines of so many bytes were written in so many milliseconds. */
  wrote(bytes: number, ms: number): void {
    if (bytes < this.bytes * IDLE_SHARE) {
      this.bound = LARGEST;
      this.bytes = Math.min(this.bytes, SMALLEST);
    } else if (ms < QUICK_MS) {
      this.bytes = Math.min(this.bound, this.bytes * 2);
    }
  }

  /** The server found a batch too large, or did not answer in time. */
  tooMuch(): void {
    this.bytes = Math.max(LEAST, this.bytes / 2);
    this.bound = this.bytes;
  }
}
