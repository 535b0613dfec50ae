import { setImmediate as nextTurn } from 'node:timers/promises';
import type { JournalBatch, JournalReader } from '../../journal/port.js';
import type { HistorianStore, ReadingsBatch, RollupStats } from '../port.js';
import { Backoff } from './backoff.js';
import { decodeBatch } from './decode.js';
import type { FromWorker, WorkerOptions, WorkerStatus } from './protocol.js';
import { retryAfterMs, WriteErrors } from './write-errors.js';

const NO_ROLLUPS: RollupStats = { rolledTo: null, dirtySeries: 0 };

/** How long the writer sleeps when nobody tells it of new batches. */
const IDLE_MS = 1_000;

/** Appends under way to the store: while it works on one, the next is made ready. */
const APPENDS_AT_ONCE = 2;
/** How long decoding goes on before queries get a turn. */
const SLICE_MS = 10;
/** An append that has not ended by then is worth saying. */
const STALLED_MS = 10_000;

export interface WriterOptions extends Pick<WorkerOptions, 'rawDays' | 'countedSeq'> {
  /** Readings that were kept because the store refused them. */
  readonly refused: () => number;
}

/** Moves the journal into the store, batch by batch, and keeps the store's house. */
export class Writer {
  appliedSeq: number;
  readings = 0;
  private appendError: string | null = null;
  private housekeepingError: string | null = null;
  private stalled: string | null = null;
  private readonly writeErrors = new WriteErrors();
  private readonly appendBackoff = new Backoff(100, 30_000);
  private readonly housekeepingBackoff = new Backoff(1_000, 30_000);
  private housekeeping: Promise<void> | null = null;
  private quietUntil = 0;
  private stopping = false;
  private wake: (() => void) | null = null;
  private endPause: (() => void) | null = null;
  /** Receipt of the newest message applied; what came before it is applied too. */
  private appliedReceipt = Number.NEGATIVE_INFINITY;
  private readonly waiting = new Set<{ readonly seq: number; readonly resolve: () => void }>();
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly store: HistorianStore,
    private readonly journal: JournalReader,
    private readonly options: WriterOptions,
    private readonly post: (message: FromWorker) => void,
    private readonly warn: (message: string) => void,
  ) {
    this.appliedSeq = store.durableSeq();
  }

  start(): void {
    this.running = this.run();
  }

  /** There may be more in the journal. */
  poke(): void {
    this.wake?.();
  }

  /** Seals, compacts and deletes what is due, unless that is going on or failed a moment ago. */
  tick(now: number): void {
    if (this.housekeeping !== null || performance.now() < this.quietUntil) return;
    this.housekeeping = this.store
      .maintain(now, now - this.options.rawDays * 86_400_000, this.settledTo(now))
      .then(
        () => {
          this.housekeepingBackoff.succeeded();
          this.housekeepingError = null;
        },
        (error: unknown) => {
          if (this.stopping) return;
          this.quietUntil = performance.now() + this.housekeepingBackoff.delay();
          this.failHousekeeping(error);
        },
      )
      .finally(() => {
        this.housekeeping = null;
        if (!this.stopping) this.tell();
      });
  }

  /** A seal beside the writer failed; `tick` tries it again. */
  failHousekeeping(error: unknown): void {
    this.housekeepingError = messageOf(error);
    this.warn(`housekeeping: ${this.housekeepingError}`);
    throwIfLost(error);
  }

  /** Resolves when batches up to `seq` are visible, or after `timeoutMs`. */
  async visible(seq: number, timeoutMs: number): Promise<void> {
    if (this.appliedSeq >= seq) return;
    this.poke();
    await new Promise<void>((resolve) => {
      const waiter = { seq, resolve: () => done() };
      const timer = setTimeout(() => done(), timeoutMs);
      const done = () => {
        clearTimeout(timer);
        this.waiting.delete(waiter);
        resolve();
      };
      this.waiting.add(waiter);
    });
  }

  status(): WorkerStatus {
    const { appliedSeq, readings, store } = this;
    return {
      appliedSeq,
      durableSeq: store.durableSeq(),
      readings,
      failing: this.appendError ?? this.stalled ?? this.housekeepingError,
      refused: this.options.refused(),
      writeErrors: this.writeErrors.counts,
      batchBytes: store.batchBytes(),
      rollups: store.rollupStats?.() ?? NO_ROLLUPS,
    };
  }

  /** All that was received until then is in the store. */
  private settledTo(now: number): number {
    return this.appliedSeq >= this.journal.head() ? now : this.appliedReceipt;
  }

  /** Ends after the batch in hand; what is left in the journal is taken up at the next start. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.poke();
    this.endPause?.();
    await this.running;
    for (const { resolve } of this.waiting) resolve();
  }

  private async run(): Promise<void> {
    while (!this.stopping) {
      let moved = false;
      try {
        moved = await this.catchUp();
      } catch (error) {
        throwIfLost(error);
        this.writeErrors.count(error);
        if (this.appendError === null) this.warn(`writing: ${messageOf(error)}`);
        this.appendError = messageOf(error);
        this.tell();
        await this.pause(Math.max(this.appendBackoff.delay(), retryAfterMs(error)));
        continue;
      }
      this.tell();
      if (!moved) await this.idle();
    }
  }

  /**
   * Hands on what the journal has, the next batches while the store still works on those before. Whether there was any.
   * @throws what an append failed with, once none is under way
   */
  private async catchUp(): Promise<boolean> {
    const underWay: Promise<void>[] = [];
    const from = this.appliedSeq;
    let handed = from;
    try {
      while (!this.stopping) {
        const batches = this.journal.read(handed, this.store.batchBytes());
        if (batches.length > 0) {
          const decoded = await this.decode(batches);
          handed = batches.at(-1)!.seq;
          const taken = this.hand(decoded);
          // It may fail while another one is waited for.
          taken.catch(() => undefined);
          underWay.push(taken);
        }
        if (underWay.length === 0) break;
        if (batches.length === 0 || underWay.length === APPENDS_AT_ONCE) await underWay.shift();
      }
      return handed > from;
    } finally {
      await Promise.allSettled(underWay);
    }
  }

  /** In slices, so that queries get their turns. */
  private async decode(batches: readonly JournalBatch[]): Promise<ReadingsBatch[]> {
    const decoded: ReadingsBatch[] = [];
    const unreadable = (topic: string, error: unknown) => this.warn(`unreadable entry on ${topic}: ${String(error)}`);
    let since = performance.now();
    for (const batch of batches) {
      decoded.push(decodeBatch(batch, this.options.rawDays, unreadable));
      if (performance.now() - since < SLICE_MS) continue;
      await nextTurn();
      since = performance.now();
    }
    return decoded;
  }

  private async hand(batches: readonly ReadingsBatch[]): Promise<void> {
    const late = setTimeout(() => {
      this.stalled = `the store has not answered for ${STALLED_MS / 1000} s`;
      this.tell();
    }, STALLED_MS);
    try {
      await this.store.append(batches);
    } finally {
      clearTimeout(late);
      this.stalled = null;
    }
    this.appendBackoff.succeeded();
    this.appendError = null;
    for (const { seq, messages } of batches) {
      this.appliedSeq = seq;
      this.appliedReceipt = messages.at(-1)?.receivedAt ?? this.appliedReceipt;
      if (seq <= this.options.countedSeq) continue;
      for (const { readings } of messages) this.readings += readings.length;
    }
    for (const waiter of this.waiting) if (waiter.seq <= this.appliedSeq) waiter.resolve();
    this.tell();
    await nextTurn();
  }

  private async idle(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, IDLE_MS);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.wake = null;
  }

  /** Waits before the next try; closing does not wait for it. */
  private async pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.endPause = null;
  }

  private tell(): void {
    this.post({ type: 'status', status: this.status() });
  }
}

/** DuckDB gives up after an internal error: only a new one helps, and nothing is lost with the old. */
function throwIfLost(error: unknown): void {
  if (/invalidated|INTERNAL Error/i.test(messageOf(error))) {
    setImmediate(() => {
      throw error;
    });
  }
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
