import { Worker } from 'node:worker_threads';
import { endsWithin } from '../../model/time/within.js';
import {
  HistorianStuckError,
  HistorianUnavailableError,
  QueryTimedOutError,
  ResultTooLargeError,
  TooManyOwnQueriesError,
  TooManyQueriesError,
} from '../port/errors.js';
import type { KeepRefused } from '../port/store.js';
import type {
  FromWorker,
  HistorianQuestion,
  Late,
  QueryFailure,
  ToWorker,
  WorkerOptions,
  WorkerStatus,
} from '../worker-thread/protocol.js';
import { PieceStream } from './piece-stream.js';

interface WorkerEvents {
  onStatus(status: WorkerStatus): void;
  onWarning(message: string): void;
  onTurnedAway(): void;
  onLate(late: Late): void;
  readonly keepRefused: KeepRefused;
  /** The thread ended although `close` was not called; see `gone`. */
  onCrash(error: Error): void;
}

const TURNED_AWAY: readonly string[] = ['TooManyQueriesError', 'TooManyOwnQueriesError'];
/** Longest time for which `close` waits; only a stuck thread needs that long. */
const CLOSE_MS = 13_000;

/** One run of the worker thread. */
export class WorkerClient {
  private readonly streams = new Map<number, PieceStream>();
  private ids = 0;
  private closing = false;
  private down: Error | null = null;
  private opened!: { readonly resolve: (durableSeq: number) => void; readonly reject: (error: Error) => void };
  /** Resolves with the store's durable sequence once the store is open; rejects when it cannot be opened. */
  readonly ready: Promise<number>;
  /** Resolves when the thread has ended: only then may another thread open its store. */
  readonly gone: Promise<void>;
  private readonly worker: Worker;

  constructor(
    url: URL,
    options: WorkerOptions,
    private readonly events: WorkerEvents,
    private readonly closeMs = CLOSE_MS,
  ) {
    this.ready = new Promise((resolve, reject) => {
      this.opened = { resolve, reject };
    });
    this.worker = new Worker(url, { workerData: options, name: 'historian' });
    this.worker.on('message', (message: FromWorker) => this.receive(message));
    this.worker.on('error', (error) => this.lost(error instanceof Error ? error : new Error(String(error))));
    this.gone = new Promise((resolve) => {
      this.worker.once('exit', (code) => {
        this.lost(new Error(`the historian's thread ended with code ${code}`));
        resolve();
      });
    });
  }

  send(message: ToWorker): void {
    if (this.down === null) this.worker.postMessage(message);
  }

  ask(question: HistorianQuestion, seq: number): PieceStream {
    const id = ++this.ids;
    const stream = new PieceStream(
      () => this.send({ type: 'more', id }),
      () => {
        this.streams.delete(id);
        this.send({ type: 'cancel', id });
      },
    );
    if (this.down !== null) stream.end(unavailable(this.down));
    else {
      this.streams.set(id, stream);
      this.send({ type: 'ask', id, question, seq });
    }
    return stream;
  }

  /**
   * Asks the worker to finish and end; resolves when the thread has ended. It never ends the thread itself: the whole
   * process would abort if native code ran in it.
   * @throws HistorianStuckError after `closeMs`; the thread no longer keeps the process alive
   */
  async close(): Promise<void> {
    this.closing = true;
    this.send({ type: 'close' });
    if (await endsWithin(this.closeMs, this.gone)) return;
    this.worker.unref();
    throw new HistorianStuckError(`the historian's thread did not end within ${this.closeMs / 1_000} s`);
  }

  private receive(message: FromWorker): void {
    // Ignores what a crashed thread still sends.
    if (this.down !== null) return;
    switch (message.type) {
      case 'open':
        this.opened.resolve(message.durableSeq);
        break;
      case 'status':
      case 'closed':
        this.events.onStatus(message.status);
        break;
      case 'warning':
        this.events.onWarning(message.message);
        break;
      case 'crashed':
        this.lost(Object.assign(new Error(message.failure.message), message.failure));
        break;
      case 'refused':
        this.events.keepRefused(message.refused).then(
          () => this.send({ type: 'kept', id: message.id, error: null }),
          (error: unknown) => this.send({ type: 'kept', id: message.id, error: String(error) }),
        );
        break;
      case 'late':
        this.events.onLate(message);
        break;
      case 'piece':
        this.streams.get(message.id)?.push(message.piece);
        break;
      case 'end':
        this.finish(message.id, null);
        break;
      case 'failed':
        if (TURNED_AWAY.includes(message.failure.name)) this.events.onTurnedAway();
        this.finish(message.id, revive(message.failure));
    }
  }

  private finish(id: number, error: Error | null): void {
    this.streams.get(id)?.end(error);
    this.streams.delete(id);
  }

  private lost(error: Error): void {
    if (this.down !== null) return;
    this.down = error;
    for (const id of [...this.streams.keys()]) this.finish(id, unavailable(error));
    this.opened.reject(error);
    if (!this.closing) this.events.onCrash(error);
  }
}

function unavailable(cause: Error): HistorianUnavailableError {
  return new HistorianUnavailableError(`history cannot be read just now: ${cause.message}`, { cause });
}

function revive({ name, message, limit }: QueryFailure): Error {
  if (name === 'ResultTooLargeError') return new ResultTooLargeError(limit ?? 0);
  if (name === 'TooManyOwnQueriesError') return new TooManyOwnQueriesError(limit ?? 0);
  if (name === 'TooManyQueriesError') return new TooManyQueriesError(limit ?? 0);
  if (name === 'QueryTimedOutError') return new QueryTimedOutError(limit ?? 0);
  if (name === 'HistorianUnavailableError') return new HistorianUnavailableError(message);
  return Object.assign(new Error(message), { name });
}
