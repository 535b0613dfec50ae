import type { Refusing } from './port.js';

/** Share of the bound that only urgent entries may use. */
const RESERVE = 0.05;
/** Share of the bound that has to become free before what was refused is taken again. */
const HYSTERESIS = 0.01;

/** Open until what comes would pass `limit`, then closed until no more than `reopenAt` is held. */
class Gate {
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

/** The most that the journal holds on disk. Its last part is kept for what is urgent. */
export class Bound {
  private readonly ordinary: Gate;
  private readonly urgent: Gate;

  constructor(readonly maxBytes: number) {
    const gate = (share: number) => new Gate(maxBytes * share, maxBytes * (share - HYSTERESIS));
    this.ordinary = gate(1 - RESERVE);
    this.urgent = gate(1);
  }

  /** Whether an entry may be taken after which `bytes` are held. */
  admits(bytes: number, urgent: boolean): boolean {
    return urgent ? this.urgent.admits(bytes) : this.ordinary.admits(bytes);
  }

  /** So much is held now. */
  measure(held: number): void {
    this.ordinary.measure(held);
    this.urgent.measure(held);
  }

  get refusing(): Refusing {
    if (this.urgent.closed) return 'everything';
    return this.ordinary.closed ? 'all_but_urgent' : 'nothing';
  }
}
