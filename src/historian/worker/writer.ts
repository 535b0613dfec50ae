import type { JournalReader } from '../../journal/port.js';
import type { HistorianStore } from '../port.js';
import { Backoff } from './backoff.js';
import { decodeBatch } from './decode.js';
import type { WorkerOptions, WorkerStatus } from './protocol.js';

/** How long the writer sleeps when nobody tells it of new batches. */
const IDLE_MS = 1_000;

/** Moves the journal into the store, batch by batch, and keeps the store's house. */
export class Writer {
  appliedSeq: number;
  readings = 0;
  private appendError: string | null = null;
  private housekeepingError: string | null = null;
  private readonly appendBackoff = new Backoff(100, 5_000);
  private readonly housekeepingBackoff = new Backoff(1_000, 30_000);
  private housekeeping: Promise<void> | null = null;
  private quietUntil = 0;
  private stopping = false;
  private wake: (() => void) | null = null;
  private readonly waiting = new Set<{ readonly seq: number; readonly resolve: () => void }>();
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly store: HistorianStore,
    private readonly journal: JournalReader,
    private readonly options: Pick<WorkerOptions, 'rawDays' | 'countedSeq'>,
    private readonly report: (status: WorkerStatus) => void,
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
      .maintain(now, now - this.options.rawDays * 86_400_000)
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
    const { appliedSeq, readings } = this;
    const failing = this.appendError ?? this.housekeepingError;
    return { appliedSeq, durableSeq: this.store.durableSeq(), readings, failing };
  }

  /** Ends after the batch in hand; what is left in the journal is taken up at the next start. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.poke();
    await this.running;
    for (const { resolve } of this.waiting) resolve();
  }

  private async run(): Promise<void> {
    while (!this.stopping) {
      let moved = false;
      try {
        moved = await this.step();
        this.appendBackoff.succeeded();
        this.appendError = null;
      } catch (error) {
        throwIfLost(error);
        if (this.appendError === null) this.warn(`writing: ${messageOf(error)}`);
        this.appendError = messageOf(error);
        this.tell();
        await sleep(this.appendBackoff.delay());
        continue;
      }
      this.tell();
      if (moved) await new Promise((resolve) => setImmediate(resolve));
      else await this.idle();
    }
  }

  private async step(): Promise<boolean> {
    const batches = this.journal.read(this.appliedSeq, this.store.batchBytes());
    const decoded = batches.map((batch) =>
      decodeBatch(batch, (topic, error) => this.warn(`unreadable entry on ${topic}: ${String(error)}`)),
    );
    await this.store.append(decoded);
    for (const { seq, messages } of decoded) {
      this.appliedSeq = seq;
      if (seq <= this.options.countedSeq) continue;
      for (const { readings } of messages) this.readings += readings.length;
    }
    for (const waiter of this.waiting) if (waiter.seq <= this.appliedSeq) waiter.resolve();
    return batches.length > 0;
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

  private tell(): void {
    this.report(this.status());
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
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
