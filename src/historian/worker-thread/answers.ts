import { ShareLimiter } from '../../model/share-limiter.js';
import { QueryTimedOutError, TooManyOwnQueriesError, TooManyQueriesError } from '../port/errors.js';
import type { Historian, HistorianQueries } from '../port/queries.js';
import type { Results } from '../port/results.js';
import { Allowance } from './pacing/allowance.js';
import { Turns } from './pacing/turns.js';
import {
  type AnswerPiece,
  type FromWorker,
  type HistorianQuestion,
  MAX_OPEN_QUERIES,
  MAX_OWN_QUERIES,
  PIECES_AHEAD,
} from './protocol.js';

/**
 * Queries that compute at the same time, in all and of one asker; the others wait, so that the writer keeps its share of
 * the processor, and an asker with little to ask does not wait for one with much.
 */
const RUNNING = { inAll: 3, ofOne: 2 };
/** Takes turns as one asker. */
const SERVICE = '';
/** Time after which a reader that accepts no piece counts as gone. */
const STALLED_MS = 60_000;
const LATEST_PER_PIECE = 4_096;

interface Open {
  credit: number;
  /** Fires when the reader has left or the query took too long. */
  readonly ending: AbortController;
  /** The reader has received the end; the store's work may take a moment longer. */
  ended: boolean;
  wake: (() => void) | null;
}

/** Answers queries piece by piece, at most `PIECES_AHEAD` pieces ahead of the reader. */
export class Answers {
  private readonly open = new Map<number, Open>();
  private readonly shares = new ShareLimiter(MAX_OPEN_QUERIES, MAX_OWN_QUERIES);
  private readonly turns = new Turns(RUNNING);

  /** `workMs`: milliseconds that one query may compute; waiting for a turn or for the reader does not count. */
  constructor(
    private readonly store: HistorianQueries & Partial<Pick<Historian, 'versions'> & Results>,
    private readonly post: (message: FromWorker, transfer: ArrayBuffer[]) => void,
    private readonly limits: { readonly workMs: number },
  ) {}

  /** `ready` resolves when queries see everything that was durable when the query came. */
  async answer(id: number, question: HistorianQuestion, ready: () => Promise<void>): Promise<void> {
    const giveBack = this.shares.lend(byOf(question));
    if (typeof giveBack === 'string') {
      const { limit, share } = this.shares;
      this.fail(id, giveBack === 'own' ? new TooManyOwnQueriesError(share) : new TooManyQueriesError(limit));
      return;
    }
    const state: Open = { credit: PIECES_AHEAD, ending: new AbortController(), ended: false, wake: null };
    this.open.set(id, state);
    try {
      await ready();
      await this.send(id, question, state);
      this.end(id, state, null);
    } catch (error) {
      this.end(id, state, error as Error);
    } finally {
      this.open.delete(id);
      giveBack();
    }
  }

  more(id: number): void {
    const state = this.open.get(id);
    if (state === undefined) return;
    state.credit += 1;
    state.wake?.();
  }

  cancel(id: number): void {
    const state = this.open.get(id);
    if (state === undefined) return;
    state.ending.abort();
    state.wake?.();
  }

  cancelAll(): void {
    for (const id of this.open.keys()) this.cancel(id);
  }

  private end(id: number, state: Open, error: Error | null): void {
    if (state.ended) return;
    state.ended = true;
    if (error === null) this.post({ type: 'end', id }, []);
    else this.fail(id, error);
  }

  private fail(id: number, { name, message, limit }: Error & { readonly limit?: number }): void {
    this.post({ type: 'failed', id, failure: { name, message, ...(limit !== undefined && { limit }) } }, []);
  }

  private async send(id: number, question: HistorianQuestion, state: Open): Promise<void> {
    const { workMs } = this.limits;
    const { signal } = state.ending;
    const turn = this.turns.turn(byOf(question) ?? SERVICE);
    const allowance = new Allowance(workMs, () => {
      const error = new QueryTimedOutError(workMs);
      state.ending.abort(error);
      // The store may take long to stop: neither the reader nor the next query waits for it.
      this.end(id, state, error);
      turn.leave();
    });
    const pieces = this.pieces(question, signal);
    await turn.wait(signal);
    try {
      while (!signal.aborted) {
        const next = await allowance.spend(() => pieces.next());
        if (next.done) break;
        if (state.credit === 0 && !signal.aborted) {
          turn.leave();
          await this.credit(state);
          await turn.wait(signal);
        }
        if (signal.aborted) break;
        if (turn.isWanted()) {
          turn.leave();
          await turn.wait(signal);
          if (signal.aborted) break;
        }
        state.credit -= 1;
        this.post({ type: 'piece', id, piece: next.value }, buffersOf(next.value));
      }
    } finally {
      turn.leave();
      await pieces.return(undefined);
    }
  }

  private async *pieces(
    { kind, query }: HistorianQuestion,
    signal: AbortSignal,
  ): AsyncGenerator<AnswerPiece, void, undefined> {
    if (kind === 'raw') yield* this.store.raw(query, signal);
    else if (kind === 'versions') yield* this.store.versions?.(query) ?? [];
    else if (kind === 'windows') yield* this.store.windows(query, signal);
    else if (kind === 'buckets') yield* this.store.buckets(query, signal);
    else if (kind === 'results') yield* this.store.results?.(query, signal) ?? [];
    else if (kind === 'replaceResults') yield { changed: (await this.store.replaceResults?.(query)) ?? 0 };
    else {
      const values = await this.store.latest(query, signal);
      for (let i = 0; i < values.length; i += LATEST_PER_PIECE) yield values.slice(i, i + LATEST_PER_PIECE);
    }
  }

  private async credit(state: Open): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('the reader took nothing for a minute')), STALLED_MS);
      state.wake = () => {
        clearTimeout(timer);
        state.wake = null;
        resolve();
      };
    });
  }
}

const byOf = ({ query }: HistorianQuestion): string | null => ('by' in query ? query.by : undefined) ?? null;

function buffersOf(piece: AnswerPiece): ArrayBuffer[] {
  if (!('series' in piece)) return [];
  const columns = Object.values(piece).filter((one): one is Float64Array<ArrayBuffer> | Uint8Array<ArrayBuffer> =>
    ArrayBuffer.isView(one),
  );
  // Columns may lie in one buffer.
  return [...new Set(columns.map((column) => column.buffer))];
}
