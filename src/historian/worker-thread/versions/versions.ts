import type { DeviceKey } from '../../../model/ids.js';
import type { DeviceReadings, Reading } from '../../../model/reading.js';
import { endsWithin } from '../../../model/time/within.js';
import type { RawChunk } from '../../port/queries.js';
import type { VersionStats } from '../../port/stats.js';
import type { Chore, HistorianStore, ReadingsBatch } from '../../port/store.js';
import { Backoff } from '../pacing/waiting.js';
import { leavesUnanswered } from '../write-errors.js';
import { LookUps, type Wanted } from './look-ups.js';
import { readingKey } from './replays.js';
import type { Noted, SenderSince, Version, VersionFile } from './version-file.js';

/** How long a write waits for a look-up of overwritten readings, and how long look-ups then pause without an answer. */
const ANSWER_MS = 30_000;
const [REST_MS, MOST_REST_MS] = [1_000, 60_000];
/** Most tries of a failing query before the write continues without it. */
const TRIES = 3;

/** Readings that may be the second of their series and time. */
type SecondOnes = ReadonlyMap<DeviceKey, ReadonlySet<string>>;

/** Changed in place: one map look-up per reading, not two. */
interface Newest {
  ts: number;
}

interface VersionsOptions {
  readonly warn?: (message: string) => void;
  /** Receives the error of a query when the write continues without its answer. */
  readonly onError?: (error: unknown) => void;
  /** Milliseconds that one query may take. */
  readonly answerMs?: number;
  /** Monotonic milliseconds. */
  readonly clock?: () => number;
}

/**
 * Keeps overwritten versions and their senders before the store loses them. A reading in time order costs one
 * comparison; only a reading at or before the newest of its series can overwrite one. If the store does not answer,
 * versions are lost and counted, and the write continues.
 */
export class OverwrittenVersions {
  /** Newest time of each series: of what was written in this run or, once read, of the whole store. */
  private readonly newest = new Map<DeviceKey, Map<string, Newest>>();
  private isKnown = false;
  private learning: Promise<void> | null = null;
  private restUntil = Number.NEGATIVE_INFINITY;
  private readonly rests = new Backoff(REST_MS, MOST_REST_MS);
  private failures = 0;
  private unanswered = 0;
  private readonly answerMs: number;
  private readonly clock: () => number;
  private readonly senders: Map<DeviceKey, string>;
  private unlooked = 0;
  readonly chore: Chore = {
    name: 'versions',
    work: async ({ keepFrom }) => this.file.drop(keepFrom),
  };

  constructor(
    private readonly store: Pick<HistorianStore, 'raw' | 'latest' | 'blind'>,
    private readonly file: VersionFile,
    private readonly options: VersionsOptions = {},
  ) {
    this.answerMs = options.answerMs ?? ANSWER_MS;
    this.clock = options.clock ?? (() => performance.now());
    this.senders = file.lastSenders();
  }

  get stats(): VersionStats {
    const { kept, full } = this.file;
    const { unlooked, unanswered } = this;
    return { kept, full, unlooked, ...(unanswered > 0 && { unanswered }) };
  }

  /** The readings that may overwrite one, null if none can. Counts the batches as written. */
  async secondOnes(batches: readonly ReadingsBatch[]): Promise<SecondOnes | null> {
    const rests = this.clock() < this.restUntil || this.isBlind;
    if (!this.isKnown && !rests) await this.learn();
    this.noteSenders(batches);
    const found = new Map<DeviceKey, Set<string>>();
    for (const { messages } of batches) {
      for (const { device, replayedAt, readings } of messages) {
        let newest = this.newest.get(device);
        if (newest === undefined) {
          newest = new Map();
          this.newest.set(device, newest);
        }
        for (const { metric, ts } of readings) {
          const before = newest.get(metric);
          const first = before === undefined || ts > before.ts;
          if (before === undefined) newest.set(metric, { ts });
          else if (first) before.ts = ts;
          // A replay's sender is stored now, because nothing later tells it.
          if (first && replayedAt === undefined) continue;
          let keys = found.get(device);
          if (keys === undefined) {
            keys = new Set();
            found.set(device, keys);
          }
          keys.add(readingKey(device, metric, ts));
        }
      }
    }
    if (this.isKnown && !rests) return found.size === 0 ? null : found;
    if (this.isKnown) for (const keys of found.values()) this.unanswered += keys.size;
    else for (const { messages } of batches) for (const { readings } of messages) this.unanswered += readings.length;
    return null;
  }

  /**
   * Keeps the versions that the batches overwrite, however long the look-up takes; calls `goOn` between queries.
   * Returns false, and keeps nothing, when `goOn` does. The store must already have every earlier batch.
   */
  async keep(batches: readonly ReadingsBatch[], second: SecondOnes, goOn = () => true): Promise<boolean> {
    const current = await this.stored(batches, second, goOn);
    if (current === null) return false;
    const noted: Noted[] = [];
    for (const { key, message, reading } of readingsOf(batches, second)) {
      const there = current.get(key);
      const one = { version: versionOf(message, reading), sure: true };
      const other = there !== undefined && !sameValue(there.version, one.version);
      if (other) noted.push(there, one);
      else if (there === undefined && message.replayedAt !== undefined) noted.push(one);
      if (there === undefined || (other && message.receivedAt >= there.version.receivedAt)) current.set(key, one);
    }
    this.file.write(noted, []);
    return true;
  }

  /** Reads the store's newest times; a store that is too slow is not asked again. @throws when it is unavailable */
  private async learn(): Promise<void> {
    if (this.learning !== null) return;
    this.learning = this.readNewest().finally(() => {
      this.learning = null;
    });
    try {
      await endsWithin(this.answerMs, this.learning);
    } catch (error) {
      this.goOnWithout(error);
    }
  }

  private async readNewest(): Promise<void> {
    for (const { device, metric, ts } of await this.store.latest({})) {
      const ofDevice = this.newest.get(device);
      if (ofDevice === undefined) this.newest.set(device, new Map([[metric, { ts }]]));
      else ofDevice.set(metric, { ts: Math.max(ts, ofDevice.get(metric)?.ts ?? ts) });
    }
    this.isKnown = true;
    this.answered();
  }

  private answered(): void {
    this.rests.succeeded();
    this.failures = 0;
  }

  /** The store reports that it cannot be read. */
  private get isBlind(): boolean {
    return (this.store.blind?.() ?? null) !== null;
  }

  /** @throws the error when the store is unavailable, because then writes fail too, and when it may still answer */
  private goOnWithout(error: unknown): void {
    if (!leavesUnanswered(error)) throw error;
    this.failures += 1;
    if (!this.isBlind && this.failures < TRIES) throw error;
    this.restUntil = this.clock() + this.rests.delay();
    this.options.onError?.(error);
    if (this.isBlind || this.failures > TRIES) return;
    this.options.warn?.(`the service keeps no overwritten versions while the store does not answer: ${String(error)}`);
  }

  /** A device belongs to one gateway at a time: its changes tell later who sent an overwritten version. */
  private noteSenders(batches: readonly ReadingsBatch[]): void {
    const changes: SenderSince[] = [];
    for (const { messages } of batches) {
      for (const { device, gateway, receivedAt, replayedAt } of messages) {
        if (replayedAt !== undefined || this.senders.get(device) === gateway) continue;
        changes.push({ device, since: receivedAt, gateway });
        this.senders.set(device, gateway);
      }
    }
    try {
      this.file.write([], changes);
    } catch (error) {
      for (const { device } of changes) this.senders.delete(device);
      throw error;
    }
  }

  /** The stored versions of these readings; null when `goOn` returned false. */
  private async stored(
    batches: readonly ReadingsBatch[],
    second: SecondOnes,
    goOn: () => boolean,
  ): Promise<Map<string, Noted> | null> {
    const found = new Map<string, Noted>();
    const lookUps = new LookUps(this.store, wantedOf(batches, second));
    try {
      for (this.unlooked = lookUps.left; this.unlooked > 0; this.unlooked = lookUps.left) {
        if (!goOn()) return null;
        await lookUps.next((chunk) => this.noteStored(chunk, second, found), AbortSignal.timeout(this.answerMs));
      }
      if (this.failures > 0) this.answered();
    } catch (error) {
      this.goOnWithout(error);
      this.unanswered += this.unlooked;
    } finally {
      this.unlooked = 0;
    }
    return found;
  }

  private noteStored(chunk: RawChunk, second: SecondOnes, found: Map<string, Noted>): void {
    const { device, metric } = chunk.series;
    const keys = second.get(device);
    for (let i = 0; i < chunk.ts.length; i += 1) {
      const key = readingKey(device, metric, chunk.ts[i]!);
      if (keys?.has(key)) found.set(key, { version: this.file.versionAt(chunk, i), sure: false });
    }
  }
}

/** The readings of the batches that are in `second`. */
function* readingsOf(batches: readonly ReadingsBatch[], second: SecondOnes) {
  for (const { messages } of batches) {
    for (const message of messages) {
      const keys = second.get(message.device);
      if (keys === undefined) continue;
      for (const reading of message.readings) {
        const key = readingKey(message.device, reading.metric, reading.ts);
        if (keys.has(key)) yield { key, message, reading };
      }
    }
  }
}

function wantedOf(batches: readonly ReadingsBatch[], second: SecondOnes): Wanted[] {
  const wanted = new Map<string, Wanted>();
  for (const { key, message, reading } of readingsOf(batches, second)) {
    wanted.set(key, { device: message.device, metric: reading.metric, ts: reading.ts });
  }
  return [...wanted.values()];
}

function versionOf({ device, gateway, receivedAt }: DeviceReadings, reading: Reading): Version {
  const { metric, ts, value, flag, quality } = reading;
  return { device, metric, ts, receivedAt, value, flag, quality, gateway };
}

/** Quality is not compared: it follows from value and flag. */
const sameValue = (a: Version, b: Version) => a.value === b.value && a.flag === b.flag;
