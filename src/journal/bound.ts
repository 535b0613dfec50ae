import type { Refusing } from './port.js';

/** Share of the bound that only urgent entries may use. */
const RESERVE = 0.05;
/** Share of the bound that must become free before a closed gate opens again. */
const HYSTERESIS = 0.01;

/** Closes when an entry would pass `limit`; opens again when the journal holds `reopenAt` bytes or fewer. */
class Admission {
  closed = false;

  constructor(
    private readonly limit: number,
    private readonly reopenAt: number,
  ) {}

  admits(bytes: number): boolean {
    if (bytes > this.limit) this.closed = true;
    return !this.closed;
  }

  measure(held: number): void {
    if (held <= this.reopenAt) this.closed = false;
  }
}

/** The most bytes that the journal holds on disk. Only urgent entries may use the last part. */
export class Bound {
  private readonly ordinary: Admission;
  private readonly urgent: Admission;

  constructor(readonly maxBytes: number) {
    const admission = (share: number) => new Admission(maxBytes * share, maxBytes * (share - HYSTERESIS));
    this.ordinary = admission(1 - RESERVE);
    this.urgent = admission(1);
  }

  /** Whether the journal may append an entry after which it holds `bytes`. */
  admits(bytes: number, urgent: boolean): boolean {
    return urgent ? this.urgent.admits(bytes) : this.ordinary.admits(bytes);
  }

  /** Bytes that the journal holds now. */
  measure(held: number): void {
    this.ordinary.measure(held);
    this.urgent.measure(held);
  }

  get refusing(): Refusing {
    if (this.urgent.closed) return 'everything';
    return this.ordinary.closed ? 'all_but_urgent' : 'nothing';
  }
}
