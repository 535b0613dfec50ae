/** Bytes of the journal in one write: few without a backlog, so that readings are visible soon. */
const SMALLEST = 256 * 1024;
/** Many with a backlog, because each request costs; also bounds the memory. */
const LARGEST = 4 * 1024 * 1024;
/** Least size of a write, even for a server that refuses larger ones. */
const LEAST = 16 * 1024;
/**
 * A write below this share of the allowed size means that there is no backlog. Lines are shorter than journal entries,
 * and the size may have doubled twice since: a smaller share would take a backlog for idling.
 */
const IDLE_SHARE = 1 / 8;
/** The size grows when the server answers within this many milliseconds. */
const QUICK_MS = 1_500;

/** Size of one write: grows while there is a backlog and the server is fast, shrinks when it complains. */
export class BatchSize {
  bytes = SMALLEST;
  private bound = LARGEST;

  /** Records a write: bytes of its lines, and its duration in milliseconds. */
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
