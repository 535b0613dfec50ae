import type { DeviceKey } from '../../domain/ids.js';
import { DATA_FLAGS, type DeviceReadings, QUALITIES, type Reading } from '../../domain/reading.js';
import type { Chore, HistorianStore, RawChunk, ReadingsBatch, VersionStats } from '../port.js';
import { LookUps, type Wanted } from './look-ups.js';
import { keyOf } from './replays.js';
import type { Noted, Sender, Version, VersionFile } from './version-file.js';

/** Readings that may be the second of their series and time. */
export type SecondOnes = ReadonlyMap<DeviceKey, ReadonlySet<string>>;

/** Changed in place: one look in the map for each reading, not two. */
interface Newest {
  ts: number;
}

/**
 * Keeps what later arrivals overwrite, and who sent it, before the store forgets it. Readings that come in the order of
 * their time cost a comparison each; only one at or before the newest of its series can be the second for its time.
 */
export class Versions {
  /** Newest time of each series that the store has or was handed. */
  private newest: Map<DeviceKey, Map<string, Newest>> | null = null;
  private readonly senders: Map<DeviceKey, string>;
  private unlooked = 0;
  readonly chore: Chore = {
    name: 'versions',
    work: async ({ keepFrom }) => this.file.drop(keepFrom),
  };

  constructor(
    private readonly store: Pick<HistorianStore, 'raw' | 'latest'>,
    private readonly file: VersionFile,
  ) {
    this.senders = file.lastSenders();
  }

  get stats(): VersionStats {
    const { kept, full } = this.file;
    return { kept, full, unlooked: this.unlooked };
  }

  /** What of the batches may overwrite something, null where nothing can. Takes them for handed to the store. */
  async secondOnes(batches: readonly ReadingsBatch[]): Promise<SecondOnes | null> {
    this.newest ??= await this.readNewest();
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
          // Who sent what was replayed is told by nothing else later.
          if (first && replayedAt === undefined) continue;
          let keys = found.get(device);
          if (keys === undefined) {
            keys = new Set();
            found.set(device, keys);
          }
          keys.add(keyOf(device, metric, ts));
        }
      }
    }
    return found.size === 0 ? null : found;
  }

  /**
   * Keeps what the batches overwrite, however long it takes to look it up: `goOn` is asked now and then. False when it
   * said no, and nothing is kept. Everything before the batches has to be in the store.
   */
  async keep(batches: readonly ReadingsBatch[], second: SecondOnes, goOn = () => true): Promise<boolean> {
    const current = await this.stored(batches, second, goOn);
    if (current === null) return false;
    const noted: Noted[] = [];
    for (const { messages } of batches) {
      for (const message of messages) {
        const keys = second.get(message.device);
        if (keys === undefined) continue;
        for (const reading of message.readings) {
          const key = keyOf(message.device, reading.metric, reading.ts);
          if (!keys.has(key)) continue;
          const there = current.get(key);
          const one = { version: versionOf(message, reading), sure: true };
          const other = there !== undefined && !sameValue(there.version, one.version);
          if (other) noted.push(there, one);
          else if (there === undefined && message.replayedAt !== undefined) noted.push(one);
          if (there === undefined || (other && message.receivedAt >= there.version.receivedAt)) current.set(key, one);
        }
      }
    }
    this.file.write(noted, []);
    return true;
  }

  private async readNewest(): Promise<Map<DeviceKey, Map<string, Newest>>> {
    const newest = new Map<DeviceKey, Map<string, Newest>>();
    for (const { device, metric, ts } of await this.store.latest({})) {
      const ofDevice = newest.get(device);
      if (ofDevice === undefined) newest.set(device, new Map([[metric, { ts }]]));
      else ofDevice.set(metric, { ts });
    }
    return newest;
  }

  /** A device belongs to one gateway at a time: its changes tell who sent what is overwritten one day. */
  private noteSenders(batches: readonly ReadingsBatch[]): void {
    const changes: Sender[] = [];
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

  /** What the store has of them; null when it was not to go on. */
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
        await lookUps.next((chunk) => this.take(chunk, second, found));
      }
    } finally {
      this.unlooked = 0;
    }
    return found;
  }

  private take(chunk: RawChunk, second: SecondOnes, found: Map<string, Noted>): void {
    const { device, metric } = chunk.series;
    const keys = second.get(device);
    for (let i = 0; i < chunk.ts.length; i += 1) {
      const ts = chunk.ts[i]!;
      const key = keyOf(device, metric, ts);
      if (!keys?.has(key)) continue;
      const receivedAt = chunk.receivedAt[i]!;
      const version = {
        device,
        metric,
        ts,
        receivedAt,
        value: chunk.value[i]!,
        flag: DATA_FLAGS[chunk.flag[i]!]!,
        quality: QUALITIES[chunk.quality[i]!]!,
        gateway: this.file.senderAt(device, receivedAt),
      };
      found.set(key, { version, sure: false });
    }
  }
}

/** Each of them once. */
function wantedOf(batches: readonly ReadingsBatch[], second: SecondOnes): Wanted[] {
  const wanted = new Map<string, Wanted>();
  for (const { messages } of batches) {
    for (const { device, readings } of messages) {
      const keys = second.get(device);
      if (keys === undefined) continue;
      for (const { metric, ts } of readings) {
        const key = keyOf(device, metric, ts);
        if (keys.has(key)) wanted.set(key, { device, metric, ts });
      }
    }
  }
  return [...wanted.values()];
}

function versionOf({ device, gateway, receivedAt }: DeviceReadings, reading: Reading): Version {
  const { metric, ts, value, flag, quality } = reading;
  return { device, metric, ts, receivedAt, value, flag, quality, gateway };
}

/** Quality is the service's own verdict and follows from the two. */
const sameValue = (a: Version, b: Version) => a.value === b.value && a.flag === b.flag;
