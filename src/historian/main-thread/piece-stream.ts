import type { AnswerPiece } from '../worker-thread/protocol.js';

/** The reader's end of an answer: pieces in order. Each read asks the worker for another piece; `return` cancels. */
export class PieceStream implements AsyncIterableIterator<AnswerPiece, undefined, undefined> {
  private readonly pieces: AnswerPiece[] = [];
  private ended = false;
  private error: Error | null = null;
  private wake: (() => void) | null = null;

  constructor(
    private readonly onRead: () => void,
    private readonly cancel: () => void,
  ) {}

  push(piece: AnswerPiece): void {
    this.pieces.push(piece);
    this.wake?.();
  }

  end(error: Error | null = null): void {
    this.ended = true;
    this.error = error;
    this.wake?.();
  }

  async next(): Promise<IteratorResult<AnswerPiece, undefined>> {
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

  async return(): Promise<IteratorResult<AnswerPiece, undefined>> {
    if (!this.ended) this.cancel();
    this.end();
    this.pieces.length = 0;
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
