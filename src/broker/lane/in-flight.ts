import type { Duplex } from 'node:stream';

/** How long the other side may take to close a connection that was ended. */
const LINGER_MS = 2_000;

/**
 * The messages of one connection that are neither acknowledged nor refused. A refusal ends the connection, so that its
 * gateway sends again what got no PUBACK, but only once the others have got theirs: they would come again as well, and
 * fill a disk or a journal that has no room.
 */
export class InFlight {
  /** Something was refused: what comes now must not be stored before it, and waits for the end. */
  refusing = false;
  /** Nothing that comes now is answered. */
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

  /** Not cut off: what was unread would make the other side's system throw the last PUBACKs away. */
  private end(): void {
    this.ended = true;
    this.stream.end();
    const cut = setTimeout(() => this.stream.destroy(), LINGER_MS).unref();
    this.stream.once('close', () => clearTimeout(cut));
    this.onEnded();
  }
}
