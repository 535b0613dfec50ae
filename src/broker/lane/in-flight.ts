import type { Duplex } from 'node:stream';

/** Longest time for the client to close an ended connection. */
const LINGER_MS = 2_000;

/**
 * Counts the messages of one connection that are in flight. A refusal ends the connection, so that its gateway resends
 * what got no PUBACK. The end waits until all others have their PUBACK: otherwise the gateway would resend those too,
 * and fill a disk or a journal that has no room.
 */
export class InFlight {
  /** The broker refused a message: later ones must not be stored before it, and wait for the end. */
  refusing = false;
  /** The broker answers no further packet. */
  ended = false;
  private count = 0;
  private refused = false;

  constructor(
    private readonly stream: Duplex,
    private readonly onEnded: () => void = () => undefined,
  ) {}

  begin(): void {
    this.count += 1;
  }

  acknowledged(): void {
    this.settle();
  }

  willRefuse(): void {
    this.refusing = true;
  }

  refuse(): void {
    this.refusing = true;
    this.refused = true;
    this.settle();
  }

  private settle(): void {
    this.count -= 1;
    if (this.count === 0 && this.refused && !this.ended) this.end();
  }

  /** Ends gracefully: with unread bytes, a reset would make the client's kernel discard the last PUBACKs. */
  private end(): void {
    this.ended = true;
    this.stream.end();
    const cut = setTimeout(() => this.stream.destroy(), LINGER_MS).unref();
    this.stream.once('close', () => clearTimeout(cut));
    this.onEnded();
  }
}
