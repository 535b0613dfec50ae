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
  /** Called with events once they are durable. */
  readonly publish: (events: readonly AlarmEvent[]) => void;
  /** Epoch milliseconds. */
  readonly clock: () => number;
  readonly saveEveryMs: number;
  readonly retryMs: number;
}

/** Bytes that one step of catching up reads; between steps the event loop runs. */
const CATCH_UP_BYTES = 1024 * 1024;
/** Signal memories stored at a time: they change with every reading, and alarms must not wait for them. */
const SAVE_MEMORIES = 100;

/**
 * Follows the journal: evaluates each batch inside its commit, so that one sync makes decisions and readings durable,
 * and publishes after it. While it catches up, or the disk fails, it evaluates after the commit and stores decisions
 * with the cursor. `blocked`: a write failed; decisions wait in memory, later batches in the journal.
 */
export class Follower {
  private mode: 'catching_up' | 'live' | 'blocked' | 'closed' = 'catching_up';
  private cursor: Position;
  /** The engine holds readings of a batch that the journal rolled back. */
  private startOver = false;
  private readonly sinceSaved = new SaveMeter();
  /** The batch evaluated inside a commit that has not finished. */
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

  /** Evaluates the journal after the cursor, then goes live. Resolves at once when a write fails. */
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

  /** Runs engine work that no reading triggers: measurements, due times. Skipped while writes fail. */
  accept(what: string, work: (engine: AlarmEngine) => void): void {
    this.land();
    if (this.mode !== 'live') return;
    try {
      work(this.options.engine);
    } catch (error) {
      this.options.log.error({ err: error, what }, 'the alarm engine failed to evaluate');
    }
    this.storeDecided();
  }

  /** As `accept`, but never skipped before `close`: while writes fail, its decisions wait with the others. */
  change(work: (engine: AlarmEngine) => void): void {
    this.land();
    if (this.mode === 'closed') return;
    work(this.options.engine);
    if (this.mode !== 'blocked' && this.inFlight === null) this.storeDecided();
  }

  /**
   * Performs an operator's action, and `also` in the same transaction; durable when it returns.
   * @throws StorageUnavailableError when the disk fails, and what `work` throws; nothing changed then
   */
  command<T>(work: (engine: AlarmEngine) => T, also: () => void): T {
    const { engine, store } = this.options;
    this.land();
    if (this.mode !== 'live' || this.inFlight !== null) {
      throw new StorageUnavailableError('alarms cannot change just now; try again');
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

  /** Stores the cursor and pending conditions if they changed; called periodically. */
  save(): Promise<void> {
    if (this.mode === 'closed' || this.mode === 'blocked' || !this.hasMoved()) return Promise.resolve();
    const { state, store, engine, log } = this.options;
    let saved = BEGINNING;
    let undo = () => {};
    this.saving ??= state
      .commit(() => {
        // The state at the commit counts: events may have been stored since `save` was called, or wait for the disk.
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
        log.warn({ err: error }, 'cannot store the alarm cursor, trying again');
      })
      .finally(() => {
        this.saving = null;
      });
    return this.saving;
  }

  /** Stores pending conditions and stops. */
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

  /** Events decided and in no transaction yet: the stored cursor must not pass them. */
  private eventsWait(): boolean {
    const { events } = this.options.engine.unstored;
    return events.length > 0 && events !== this.inFlight?.events;
  }

  private writing(batch: JournalBatch<AlarmInput>): void {
    const { engine, store, state, log } = this.options;
    // On a failing disk the engine would start over at every try.
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
      // A bug in alarms must not block the storage of readings: the follower stores the decisions after the commit.
      log.error({ err: error }, 'cannot store alarms in the commit of their readings');
    }
  }

  /** Settles the batch in flight, whose commit is durable: other code can only run after that commit. */
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

  /** The journal rolled the batch back; the engine must forget what it decided from it. */
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
      if (stats.failing === null) log.error({ err: error }, 'cannot store alarms, trying again');
      stats.failedWrites += 1;
      this.block(error);
      return;
    }
    if (stats.failing !== null) log.info('alarms are stored again');
    stats.failing = null;
    this.settle(events, this.cursor);
  }

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
