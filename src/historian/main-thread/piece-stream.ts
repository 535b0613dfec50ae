import type { Piece } from '../worker-thread/protocol.js';

/** The reader's end of an answer: pieces in order; each one read asks for another, and leaving early cancels. */
export class PieceStream implements AsyncIterableIterator<Piece, undefined, undefined> {
  private readonly pieces: Piece[] = [];
  private ended = false;
  private error: Error | null = null;
  private wake: (() => void) | null = null;

  constructor(
    private readonly onRead: () => void,
    private readonly cancel: () => void,
  ) {}

  push(piece: Piece): void {
    this.pieces.push(piece);
    this.wake?.();
  }

  end(error: Error | null = null): void {
    this.ended = true;
    this.error = error;
    this.wake?.();
  }

  async next(): Promise<IteratorResult<Piece, undefined>> {
    for (;;) {
      const piece = this.pieces.shift();
      if (piece !== undefined) {
        this.onRead();
        return { done: false, value: piece };
      }
      if (this.error !== null) throw this.error;
      if (this.ended) return { done: true, value: undefined };
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
      this.wake = null;
    }
  }

  async return(): Promise<IteratorResult<Piece, undefined>> {
    if (!this.ended) this.cancel();
    this.end();
    this.pieces.length = 0;
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
