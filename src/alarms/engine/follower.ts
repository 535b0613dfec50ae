import { BEGINNING, comesNext, type Journal, type JournalBatch, type Position } from '../../journal/port.js';
import { asUnavailable, isStorageError, type State, StorageUnavailableError } from '../../state/port.js';
import type { AlarmEvent } from '../model/alarm.js';
import { type AlarmInput, errorText } from '../port.js';
import type { AlarmStore } from '../store/store.js';
import type { AlarmEngine } from './engine.js';
import { type BatchContext, evaluateBatch } from './evaluate-batch.js';
import { SaveMeter } from './save-meter.js';

interface FollowerOptions extends BatchContext {
  readonly state: State;
  readonly journal: Journal<AlarmInput>;
  readonly store: AlarmStore;
  /** Tells of events that are durable now. */
  readonly publish: (events: readonly AlarmEvent[]) => void;
  /** Epoch milliseconds. */
  readonly clock: () => number;
  readonly saveEveryMs: number;
  readonly retryMs: number;
}

/** What one step of catching up reads; between steps the event loop runs. */
const CATCH_UP_BYTES = 1024 * 1024;
/** Memories of signals that are stored at a time: they change with every reading, and alarms must not wait for them. */
const SAVE_MEMORIES = 100;

/**
 * Follows the journal: evaluates each batch inside its commit, so that what was decided is durable with the same sync as
 * the readings, and publishes after it. While it catches up, or the disk fails, it evaluates after the commit and stores
 * what was decided with the cursor. `blocked`: a write failed; what was decided is kept, later batches wait in the journal.
 */
export class Follower {
  private mode: 'catching_up' | 'live' | 'blocked' | 'closed' = 'catching_up';
  private cursor: Position;
  /** The engine holds what is not in the journal. */
  private startOver = false;
  private readonly sinceSaved = new SaveMeter();
  /** Evaluated inside a commit whose outcome is not known yet. */
  private inFlight: { readonly position: Position; readonly events: readonly AlarmEvent[] } | null = null;
  private saving: Promise<void> | null = null;
  private retry: NodeJS.Timeout | null = null;
  private readonly saver: NodeJS.Timeout;
  private readonly reader;
  private readonly follower;

  constructor(private readonly options: FollowerOptions) {
    const { journal, store, stats } = options;
    this.cursor = store.cursor();
    stats.cursor = this.cursor;
    stats.storedCursor = this.cursor;
    this.reader = journal.reader();
    this.follower = journal.follow('alarms', this.cursor);
    journal.onCommitted((batch) => this.committed(batch));
    journal.join({ writing: (batch) => this.writing(batch), undone: () => this.undone() });
    this.saver = setInterval(() => this.save(), options.saveEveryMs).unref();
  }

  /** Evaluates what the journal holds after the cursor, then goes on live. Resolves at once when a write fails. */
  async catchUp(): Promise<void> {
    if (this.startOver) this.resetEngine();
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
  accept(what: string, work: (engine: AlarmEngine) => void): void {
    this.land();
    if (this.mode !== 'live') return;
    try {
      work(this.options.engine);
    } catch (error) {
      this.options.log.error({ err: error, what }, 'alarms could not be evaluated');
    }
    this.storeDecided();
  }

  /** As `accept`, at any time: while writes fail, what is decided waits with the rest. */
  change(work: (engine: AlarmEngine) => void): void {
    this.land();
    if (this.mode === 'closed') return;
    work(this.options.engine);
    if (this.mode !== 'blocked' && this.inFlight === null) this.storeDecided();
  }

  /**
   * Does what a person asked for, and `also` in the same transaction: all of it is durable when this returns.
   * @throws StorageUnavailableError when it could not be stored, and whatever `work` throws; nothing happened
   */
  command<T>(work: (engine: AlarmEngine) => T, also: () => void): T {
    const { engine, store } = this.options;
    this.land();
    if (this.mode !== 'live' || this.inFlight !== null) {
      throw new StorageUnavailableError('alarms cannot be changed just now; try again');
    }
    const attempt = engine.annunciator.try();
    let events: readonly AlarmEvent[];
    let result: T;
    try {
      result = work(engine);
      events = engine.unstored.events;
      store.write({ events, conditions: engine.unstored.conditions(), cursor: this.cursor }, also);
    } catch (error) {
      attempt.undo();
      throw asUnavailable(error);
    }
    attempt.done();
    this.settle(events, this.cursor);
    return result;
  }

  /** Stores the cursor and pending conditions when they moved; called now and then. */
  save(): Promise<void> {
    if (this.mode === 'closed' || this.mode === 'blocked' || !this.hasMoved()) return Promise.resolve();
    const { state, store, engine, log } = this.options;
    let saved = BEGINNING;
    let undo = () => {};
    this.saving ??= state
      .commit(() => {
        // Everything as of now: events may have been stored since this was asked for, or be waiting for the disk.
        if (this.mode === 'blocked' || this.eventsWait()) return;
        saved = this.cursor;
        engine.unstored.drainMemories(SAVE_MEMORIES);
        store.put({ events: [], conditions: engine.unstored.conditions(), cursor: saved });
        undo = engine.unstored.settle();
      })
      .then(() => {
        if (saved > BEGINNING) this.stored(saved);
      })
      .catch((error) => {
        undo();
        log.warn({ err: error }, 'the alarm cursor could not be stored, trying again');
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
      this.options.engine.unstored.drainMemories();
      this.storeAll();
    }
    this.mode = 'closed';
    if (this.retry) clearTimeout(this.retry);
    this.reader.close();
  }

  private hasMoved(): boolean {
    const { stats, engine } = this.options;
    return this.cursor !== stats.storedCursor || engine.unstored.hasConditions;
  }

  /** Decided and in no transaction yet: they may not be passed over by a cursor. */
  private eventsWait(): boolean {
    const { events } = this.options.engine.unstored;
    return events.length > 0 && events !== this.inFlight?.events;
  }

  private writing(batch: JournalBatch<AlarmInput>): void {
    const { engine, store, state, log } = this.options;
    // A disk that fails would have the engine start over with every try.
    if (this.mode !== 'live' || !comesNext(this.cursor, batch.position) || state.stats.failing !== null) return;
    this.inFlight = { position: batch.position, events: [] };
    this.evaluate(batch);
    const { events } = engine.unstored;
    if (events.length === 0) return;
    try {
      store.join({ events, conditions: engine.unstored.conditions(), cursor: this.cursor });
      this.inFlight = { position: batch.position, events };
    } catch (error) {
      if (isStorageError(error)) throw error;
      // A fault of ours must not keep readings from being stored: what was decided is stored after the commit.
      log.error({ err: error }, 'alarms could not be stored with their readings');
    }
  }

  /** What was evaluated inside a commit is durable: code that runs while it is in flight runs after the commit did. */
  private land(): void {
    const { state, store, stats } = this.options;
    if (this.inFlight === null || state.stats.failing !== null) return;
    const { position, events } = this.inFlight;
    this.inFlight = null;
    stats.cursor = position;
    if (events.length > 0) {
      store.committed(events);
      this.settle(events, position);
    } else {
      this.storeDecided();
      this.saveNowAndThen();
    }
  }

  /** The batch is not there, and what it made of the engine must not be either. */
  private undone(): void {
    if (this.inFlight === null) return;
    this.inFlight = null;
    this.startOver = true;
    this.mode = 'blocked';
    this.resume();
  }

  private resetEngine(): void {
    const { engine, store, clock } = this.options;
    this.cursor = store.cursor();
    engine.reset(store.conditions(Number.NEGATIVE_INFINITY), store.headSeq + 1, clock());
    this.startOver = false;
  }

  private committed(batch: JournalBatch<AlarmInput>): void {
    if (this.inFlight?.position === batch.position) {
      this.land();
      return;
    }
    if (this.mode !== 'live' || batch.position <= this.cursor) return;
    if (comesNext(this.cursor, batch.position)) this.follow(batch);
    else this.resume();
  }

  private follow(batch: JournalBatch<AlarmInput>): void {
    this.evaluate(batch);
    this.options.stats.cursor = batch.position;
    this.storeDecided();
    this.saveNowAndThen();
  }

  private evaluate(batch: JournalBatch<AlarmInput>): void {
    evaluateBatch(batch, this.options);
    this.sinceSaved.count(batch);
    this.cursor = batch.position;
  }

  private saveNowAndThen(): void {
    if (this.sinceSaved.due()) void this.save();
  }

  private storeDecided(): void {
    if (this.options.engine.unstored.events.length > 0) this.storeAll();
  }

  private storeAll(): void {
    const { engine, store, stats, log } = this.options;
    const { events } = engine.unstored;
    try {
      store.write({ events, conditions: engine.unstored.conditions(), cursor: this.cursor });
    } catch (error) {
      if (stats.failing === null) log.error({ err: error }, 'alarms cannot be stored, trying again');
      stats.failedWrites += 1;
      this.block(error);
      return;
    }
    if (stats.failing !== null) log.info('alarms are stored again');
    stats.failing = null;
    this.settle(events, this.cursor);
  }

  /** What was decided is durable. */
  private settle(events: readonly AlarmEvent[], cursor: Position): void {
    this.options.engine.unstored.settle();
    this.stored(cursor);
    if (events.length > 0) this.options.publish(events);
  }

  private stored(cursor: Position): void {
    const { stats } = this.options;
    stats.storedCursor = Math.max(stats.storedCursor, cursor);
    this.follower.release(cursor);
    this.sinceSaved.reset();
  }

  private block(error: unknown): void {
    this.options.stats.failing = errorText(error);
    this.mode = 'blocked';
    this.retry = setTimeout(() => this.resume(), this.options.retryMs).unref();
  }

  private resume(): void {
    this.catchUp().catch((error) => {
      this.options.log.error({ err: error }, 'alarms cannot read the journal, trying again');
      this.block(error);
    });
  }
}
