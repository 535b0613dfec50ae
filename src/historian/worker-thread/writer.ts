import { setImmediate as nextTurn } from 'node:timers/promises';
import { type JournalReader, positionFrom, type StoredBatch } from '../../journal/port.js';
import { endsWithin } from '../../model/time/within.js';
import { messageOf } from '../port/errors.js';
import { type Failure, NO_STATS, NO_VERSIONS } from '../port/stats.js';
import type { HistorianStore, KeepRefused, ReadingsBatch } from '../port/store.js';
import { decodeBatches } from './decode.js';
import { Housekeeping } from './housekeeping/housekeeping.js';
import { Backoff, Pause } from './pacing/waiting.js';
import type { WorkerOptions, WorkerStatus } from './protocol.js';
import { holdsReplays, Replays } from './versions/replays.js';
import type { OverwrittenVersions } from './versions/versions.js';
import { failureKind, retryAfterMs, underlying, WriteErrors } from './write-errors.js';

/** How long the writer sleeps when no poke comes. */
const IDLE_MS = 1_000;
/** Appends in flight: while the store works on one, the writer decodes the next. */
const APPENDS_AT_ONCE = 2;
/** An append that takes longer is logged. */
const STALLED_MS = 10_000;

interface WriterOptions extends Pick<WorkerOptions, 'rawDays' | 'countedSeq'> {
  /** Keeps overwritten versions; without it they are lost. */
  readonly versions?: OverwrittenVersions;
  /** Stores replays that cannot be decided; without it they wait until the store answers. */
  readonly setAside?: KeepRefused;
  /** Number of readings that the store refused and quarantine keeps. */
  readonly refused: () => number;
  readonly report: (status: WorkerStatus) => void;
  readonly warn: (message: string) => void;
  /** Receives every error, to find those that need a new thread. */
  readonly onError: (error: unknown) => void;
}

/** Copies the journal into the store, batch by batch, and runs its housekeeping. */
export class Writer {
  appliedSeq: number;
  readings = 0;
  private failure: Failure | null = null;
  private stalled: Failure | null = null;
  private readonly writeErrors = new WriteErrors();
  private readonly backoff = new Backoff(100, 30_000);
  private readonly replays: Replays;
  private readonly idling = new Pause();
  private readonly resting = new Pause();
  private readonly housekeeping: Housekeeping;
  private stopping = false;
  /** The store has everything received until this time (epoch ms). */
  private settled = Number.NEGATIVE_INFINITY;
  /** Newest receipt applied. */
  private received = Number.NEGATIVE_INFINITY;
  private readonly waiting = new Set<{ readonly seq: number; readonly resolve: () => void }>();
  private running: Promise<void> = Promise.resolve();
  /** Batches up to here are already counted. */
  private countedSeq: number;

  constructor(
    private readonly store: HistorianStore,
    private readonly journal: JournalReader,
    private readonly options: WriterOptions,
  ) {
    this.appliedSeq = store.durableSeq();
    this.countedSeq = options.countedSeq;
    this.replays = new Replays(store, options.setAside);
    this.housekeeping = new Housekeeping(store, {
      rawDays: options.rawDays,
      ...(options.versions && { more: [options.versions.chore] }),
      settledTo: (now) => this.settledTo(now),
      onFailed: (error, again) => {
        if (!again) options.warn(`housekeeping: ${messageOf(error)}`);
        options.onError(error);
      },
      onDone: () => this.tell(),
    });
  }

  start(): void {
    this.running = this.run();
  }

  /** Wakes the writer: the journal may have new batches. */
  poke(): void {
    this.idling.end();
  }

  /** Starts housekeeping if it is due; `now` is epoch milliseconds. */
  tick(now: number): void {
    this.housekeeping.tick(now);
  }

  /** Records that a seal outside housekeeping failed; `tick` tries it again. */
  failHousekeeping(error: unknown): void {
    this.housekeeping.failed(error);
  }

  /** Resolves when queries see batches up to `seq`, or after `timeoutMs`. */
  async visible(seq: number, timeoutMs: number): Promise<void> {
    if (this.appliedSeq >= seq || this.stopping) return;
    this.poke();
    let waiter = { seq, resolve: () => {} };
    const there = new Promise<void>((resolve) => {
      waiter = { seq, resolve };
      this.waiting.add(waiter);
    });
    await endsWithin(timeoutMs, there);
    this.waiting.delete(waiter);
  }

  /** Newest receipt applied, epoch ms; null before the first batch. */
  get receivedTo(): number | null {
    return Number.isFinite(this.received) ? this.received : null;
  }

  status(): WorkerStatus {
    const { appliedSeq, readings, store } = this;
    const failure = this.failure ?? this.stalled ?? failureOf(this.housekeeping.error);
    return {
      appliedSeq,
      durableSeq: store.durableSeq(),
      receivedTo: this.receivedTo,
      releasedSeq: store.releasedSeq?.() ?? store.durableSeq(),
      readings,
      failing: failure?.reason ?? null,
      failingKind: failure?.kind ?? null,
      refused: this.options.refused(),
      writeErrors: this.writeErrors.counts,
      batchBytes: store.batchBytes(),
      ...NO_STATS,
      ...store.stats?.(),
      chores: this.housekeeping.failures,
      versions: this.options.versions?.stats ?? NO_VERSIONS,
      blind: failureOf(store.blind?.() ?? null),
    };
  }

  /** Stops after the current batches; the next start continues with the rest of the journal. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.housekeeping.stop();
    this.idling.close();
    this.resting.close();
    await this.running;
    for (const { resolve } of this.waiting) resolve();
  }

  private async run(): Promise<void> {
    while (!this.stopping) {
      try {
        const moved = await this.catchUp();
        this.recovered();
        this.tell();
        if (!moved) await this.idling.wait(IDLE_MS);
      } catch (failed) {
        const error = underlying(failed);
        this.fail(error);
        await this.resting.wait(Math.max(this.backoff.delay(), retryAfterMs(error)));
      }
    }
  }

  /**
   * Hands all journal batches to the store, the next ones while it still works on those before; starts earlier if the
   * store wants batches again. Returns whether there were any.
   * @throws the error of an append, once none is in flight
   */
  private async catchUp(): Promise<boolean> {
    const inFlight: Promise<void>[] = [];
    const { store } = this;
    if (store.goBack !== undefined) this.appliedSeq = Math.min(this.appliedSeq, await store.goBack());
    const from = this.appliedSeq;
    let position = positionFrom(from);
    try {
      while (!this.stopping && !(store.wantsAgain?.() ?? false)) {
        const batches = this.journal.read(position, store.batchBytes());
        if (batches.length > 0) {
          let decoded = await this.decode(batches);
          const again = await this.options.versions?.secondOnes(decoded);
          const replays = holdsReplays(decoded);
          if (again || replays) while (inFlight.length > 0) await inFlight.shift();
          if (again && !(await this.options.versions?.keep(decoded, again, () => this.goesOn()))) break;
          if (replays) decoded = await this.replays.decided(decoded);
          position = batches.at(-1)!.position;
          const handed = this.hand(decoded, inFlight.at(-1));
          // `handed` may reject while the loop awaits an earlier append.
          handed.catch(() => undefined);
          inFlight.push(handed);
        }
        if (inFlight.length === 0) break;
        if (batches.length === 0 || inFlight.length === APPENDS_AT_ONCE) await inFlight.shift();
      }
      return position > from;
    } finally {
      await Promise.allSettled(inFlight);
    }
  }

  /** Called during long look-ups: reports progress, and says whether to continue. */
  private goesOn(): boolean {
    this.tell();
    return !this.stopping;
  }

  private async decode(batches: readonly StoredBatch[]): Promise<readonly ReadingsBatch[]> {
    const decoded = await decodeBatches(batches, {
      rawDays: this.options.rawDays,
      onUnreadable: (topic, error) => this.options.warn(`unreadable entry on ${topic}: ${messageOf(error)}`),
    });
    return decoded.map((batch, i) => ({ ...batch, bytes: batches[i]!.bytes }));
  }

  /** Resolves when the store has these batches and those before, so that no store skips one. */
  private async hand(batches: readonly ReadingsBatch[], before: Promise<void> | undefined): Promise<void> {
    const append = this.store.append(batches);
    // `append` may reject while the batches before are awaited.
    append.catch(() => undefined);
    try {
      await before;
    } catch (error) {
      await Promise.allSettled([append]);
      throw error;
    }
    await this.watched(append);
    this.apply(batches);
    await nextTurn();
  }

  /** Logs an append that takes long; the others only wait for the oldest one. */
  private async watched(append: Promise<void>): Promise<void> {
    try {
      if (await endsWithin(STALLED_MS, append)) return;
      this.stalled = { reason: `the store has not answered for ${STALLED_MS / 1_000} s`, kind: 'timeout' };
      this.tell();
      await append;
    } finally {
      this.stalled = null;
    }
  }

  private apply(batches: readonly ReadingsBatch[]): void {
    for (const { seq, messages } of batches) {
      this.appliedSeq = seq;
      for (const { receivedAt } of messages) this.received = Math.max(this.received, receivedAt);
      if (seq <= this.countedSeq) continue;
      this.countedSeq = seq;
      for (const { readings } of messages) this.readings += readings.length;
    }
    for (const waiter of this.waiting) if (waiter.seq <= this.appliedSeq) waiter.resolve();
    this.recovered();
    this.tell();
  }

  /** Last receipt applied while there is a backlog, however old it is; `now` without a backlog. Never falls. */
  private settledTo(now: number): number {
    const idle = this.appliedSeq >= this.journal.head();
    this.settled = Math.max(this.settled, idle ? now : Math.min(now, this.received));
    return this.settled;
  }

  private fail(error: unknown): void {
    this.options.onError(error);
    this.writeErrors.count(error);
    const failure = failureOf(error)!;
    if (this.failure?.reason !== failure.reason) this.options.warn(`writing: ${failure.reason}`);
    this.failure = failure;
    this.tell();
  }

  private recovered(): void {
    // The cause that stopped the writer may have stopped housekeeping too.
    if (this.failure !== null) this.housekeeping.hurry();
    this.failure = null;
    this.backoff.succeeded();
  }

  private tell(): void {
    this.options.report(this.status());
  }
}

const failureOf = (error: unknown): Failure | null =>
  error === null ? null : { reason: messageOf(error), kind: failureKind(error) };
