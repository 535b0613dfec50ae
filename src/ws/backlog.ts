import type { WsStats } from './port.js';

/** A client with unsent bytes. */
interface Debtor {
  /** Cuts the connection at once, which frees its bytes. */
  shed(): void;
}

/** Unsent bytes of all clients. Above the bound the client that has lagged longest is cut off first. */
export class UnsentBacklog {
  /** By begin of the lag. */
  private readonly unsent = new Map<Debtor, number>();

  constructor(
    private readonly maxBytes: number,
    private readonly stats: WsStats,
  ) {}

  /** Sets the unsent bytes of a client; 0 also once it is gone. */
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
