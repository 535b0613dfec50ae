import type { AlarmEvent } from '../domain/alarm/alarm.js';
import type { DeviceReadings } from '../domain/reading.js';
import type { Journal, JournalBatch, JournalFollower, JournalReader } from '../journal/port.js';
import { isStorageError } from '../state/group-commit.js';
import { type State, StorageUnavailable } from '../state/port.js';
import { readingsOf } from './decode.js';
import type { AlarmEngine } from './engine.js';
import type { AlarmInput, AlarmStats, Log } from './port.js';
import type { AlarmStore } from './store.js';

/** What one step of catching up reads; between steps the event loop runs. */
const CATCH_UP_BYTES = 1024 * 1024;
/** Memories of signals that are stored at a time: they change with every reading, and the disk has better to do. */
const SAVE_MEMORIES = 500;
/** Batches, or bytes of them, after which the cursor is stored although nothing was decided: the journal waits for it. */
const SAVE_BATCHES = 5_000;
const SAVE_BYTES = 1024 * 1024;

export interface FollowerOptions {
  readonly state: State;
  readonly journal: Journal<AlarmInput>;
  readonly engine: AlarmEngine;
  readonly store: AlarmStore;
  readonly stats: AlarmStats;
  readonly log: Log;
  /** Tells of events that are durable now. */
  readonly publish: (events: readonly AlarmEvent[]) => void;
  readonly saveEveryMs: number;
  readonly retryMs: number;
}

/**
 * Follows the journal: evaluates each batch after its commit, stores what was decided together with the cursor, then
 * publishes. `blocked`: a write failed; what was decided is kept, later batches wait in the journal.
 */
export class Follower {
  private mode: 'catching_up' | 'live' | 'blocked' | 'closed' = 'catching_up';
  private cursor: number;
  private sinceSaved = 0;
  private bytesSinceSaved = 0;
  private saving: Promise<void> | null = null;
  private retry: NodeJS.Timeout | null = null;
  private readonly saver: NodeJS.Timeout;
  private readonly reader: JournalReader;
  private readonly follower: JournalFollower;

  constructor(private readonly options: FollowerOptions) {
    const { journal, store, stats } = options;
    this.cursor = store.cursor();
    stats.cursor = this.cursor;
    stats.storedCursor = this.cursor;
    this.reader = journal.reader();
    this.follower = journal.follow('alarms', this.cursor);
    journal.onCommitted((batch) => this.committed(batch));
    this.saver = setInterval(() => this.save(), options.saveEveryMs).unref();
  }

  /** Evaluates what the journal holds after the cursor, then goes on live. Resolves at once when a write fails. */
  async catchUp(): Promise<void> {
    this.mode = 'catching_up';
    this.storeDecided();
    while (this.mode === 'catching_up') {
      const batches = this.reader.read(this.cursor, CATCH_UP_BYTES);
      if (batches.length === 0) {
        this.mode = 'live';
        this.options.stats.failing = null;
        return;
      }
      for (const batch of batches) {
        this.follow(batch);
        if (this.mode !== 'catching_up') return;
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Lets the engine take in what no reading brings: measurements, passing time. While writes fail the next one has to do. */
  take(what: string, work: (engine: AlarmEngine) => void): void {
    if (this.mode !== 'live') return;
    try {
      work(this.options.engine);
    } catch (error) {
      this.options.log.error({ err: error, what }, 'alarms could not be evaluated');
    }
    this.storeDecided();
  }

  /** As `take`, at any time: while writes fail, what is decided waits with the rest. */
  change(work: (engine: AlarmEngine) => void): void {
    if (this.mode === 'closed') return;
    work(this.options.engine);
    if (this.mode !== 'blocked') this.storeDecided();
  }

  /**
   * Does what a person asked for, and `also` in the same transaction: all of it is durable when this returns.
   * @throws StorageUnavailable when it could not be stored, and whatever `work` throws; nothing happened
   */
  command<T>(work: (engine: AlarmEngine) => T, also: () => void): T {
    const { engine, store, publish } = this.options;
    if (this.mode !== 'live') throw new StorageUnavailable('alarms cannot be changed just now; try again');
    const attempt = engine.record.try();
    let events: readonly AlarmEvent[];
    let result: T;
    try {
      result = work(engine);
      events = engine.record.events;
      store.write({ events, conditions: engine.record.conditions(), cursor: this.cursor }, also);
    } catch (error) {
      attempt.undo();
      if (!isStorageError(error)) throw error;
      throw new StorageUnavailable(`nothing was stored: ${(error as Error).message}`, { cause: error });
    }
    attempt.done();
    engine.record.settle();
    this.stored(this.cursor);
    if (events.length > 0) publish(events);
    return result;
  }

  /** Stores the cursor and pending conditions when they moved; called now and then. */
  save(): Promise<void> {
    if (this.mode === 'closed' || this.mode === 'blocked' || !this.hasMoved()) return Promise.resolve();
    const { state, store, engine, log } = this.options;
    let saved = 0;
    let undo = () => {};
    this.saving ??= state
      .commit(() => {
        // Everything as of now: events may have been stored since this was asked for, or be waiting for the disk.
        if (this.mode === 'blocked') return;
        saved = this.cursor;
        engine.record.recall(SAVE_MEMORIES);
        store.put({ events: [], conditions: engine.record.conditions(), cursor: saved });
        undo = engine.record.settle();
      })
      .then(() => this.stored(saved))
      .catch((error) => {
        undo();
        log.warn({ err: error }, 'alarm cursor not stored, trying again');
      })
      .finally(() => {
        this.saving = null;
      });
    return this.saving;
  }

  /** Stores what there is and stops. */
  async close(): Promise<void> {
    if (this.mode === 'closed') return;
    clearInterval(this.saver);
    await this.saving;
    if (this.mode !== 'blocked' && this.hasMoved()) {
      this.options.engine.record.recall();
      this.storeAll();
    }
    this.mode = 'closed';
    if (this.retry) clearTimeout(this.retry);
    this.reader.close();
  }

  private hasMoved(): boolean {
    const { stats, engine } = this.options;
    return this.cursor !== stats.storedCursor || engine.record.unstored;
  }

  private committed(batch: JournalBatch<AlarmInput>): void {
    if (this.mode !== 'live' || batch.seq <= this.cursor) return;
    if (batch.seq === this.cursor + 1) this.follow(batch);
    else this.resume();
  }

  private follow(batch: JournalBatch<AlarmInput>): void {
    this.evaluate(batch);
    this.cursor = batch.seq;
    this.options.stats.cursor = batch.seq;
    this.sinceSaved += 1;
    this.storeDecided();
    if (this.sinceSaved >= SAVE_BATCHES || this.bytesSinceSaved >= SAVE_BYTES) {
      this.sinceSaved = 0;
      this.bytesSinceSaved = 0;
      void this.save();
    }
  }

  /** Fire goes first (GB 26875.1-2011, 4.1.2.2). */
  private evaluate(batch: JournalBatch<AlarmInput>): void {
    const others: DeviceReadings[] = [];
    for (const entry of batch.entries) {
      this.bytesSinceSaved += entry.payload.length;
      const message = readingsOf(entry);
      if (message === null) continue;
      if (message.domain === 'fire') this.evaluateOne(message);
      else others.push(message);
    }
    for (const message of others) this.evaluateOne(message);
  }

  private evaluateOne(message: DeviceReadings): void {
    try {
      this.options.engine.evaluate(message);
    } catch (error) {
      this.options.stats.failedMessages += 1;
      this.options.log.error({ err: error, device: message.device }, 'a message could not be evaluated for alarms');
    }
  }

  private storeDecided(): void {
    if (this.options.engine.record.events.length > 0) this.storeAll();
  }

  private storeAll(): void {
    const { engine, store, stats, log, publish } = this.options;
    const { events } = engine.record;
    try {
      store.write({ events, conditions: engine.record.conditions(), cursor: this.cursor });
    } catch (error) {
      if (stats.failing === null) log.error({ err: error }, 'alarms cannot be stored, trying again');
      stats.failedWrites += 1;
      stats.failing = error instanceof Error ? error.message : String(error);
      this.block();
      return;
    }
    if (stats.failing !== null) log.info('alarms are stored again');
    stats.failing = null;
    engine.record.settle();
    this.stored(this.cursor);
    if (events.length > 0) publish(events);
  }

  private stored(cursor: number): void {
    const { stats } = this.options;
    stats.storedCursor = Math.max(stats.storedCursor, cursor);
    this.follower.released = cursor;
    this.sinceSaved = 0;
    this.bytesSinceSaved = 0;
  }

  private block(): void {
    this.mode = 'blocked';
    this.retry = setTimeout(() => this.resume(), this.options.retryMs).unref();
  }

  private resume(): void {
    this.catchUp().catch((error) => {
      this.options.stats.failing = error instanceof Error ? error.message : String(error);
      this.options.log.error({ err: error }, 'alarms cannot read the journal, trying again');
      this.block();
    });
  }
}
