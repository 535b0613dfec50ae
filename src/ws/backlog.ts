import type { WsStats } from './port.js';

/** Who has unsent bytes. */
interface Debtor {
  /** Ends it at once, so that its bytes are gone. */
  shed(): void;
}

/**
 * Bytes handed over for all clients that the operating system has not taken yet. When there are too many, the client
 * that has lagged for longest is cut off first.
 */
export class Backlog {
  /** In the order in which they began to lag. */
  private readonly unsent = new Map<Debtor, number>();

  constructor(
    private readonly maxBytes: number,
    private readonly stats: WsStats,
  ) {}

  /** What is unsent for this one now; 0 also once it is gone. */
  set(debtor: Debtor, bytes: number): void {
    const before = this.unsent.get(debtor) ?? 0;
    if (bytes === before) return;
    this.stats.unsentBytes += bytes - before;
    if (bytes === 0) this.unsent.delete(debtor);
    else this.unsent.set(debtor, bytes);
    while (this.stats.unsentBytes > this.maxBytes) this.shedSlowest();
  }

  private shedSlowest(): void {
    for (const [debtor, bytes] of this.unsent) {
      this.unsent.delete(debtor);
      this.stats.unsentBytes -= bytes;
      this.stats.shed += 1;
      debtor.shed();
      return;
    }
  }
}
