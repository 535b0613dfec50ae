import type { DeviceKey } from '../../domain/ids.js';
import { DATA_FLAGS, type DeviceReadings, QUALITIES, type Reading } from '../../domain/reading.js';
import { type Chore, type HistorianStore, type ReadingsBatch, ResultTooLarge, type VersionStats } from '../port.js';
import { keyOf, stretches } from './replays.js';
import type { Noted, Sender, Version, VersionFile } from './version-file.js';

/** Bounds of what one batch may ask the store: a large backlog of what is there already must not keep the writer. */
const MAX_QUESTIONS = 64;
const MAX_READ = 2_000_000;
const SERIES_A_QUESTION = 256;
/** Readings closer than this are looked up together. */
const SPAN_MS = 3_600_000;

/** Readings that may be the second of their series and time. */
export type SecondOnes = ReadonlyMap<DeviceKey, ReadonlySet<string>>;

/** Changed in place: one look in the map for each reading, not two. */
interface Newest {
  ts: number;
}

interface Question {
  readonly series: readonly { readonly device: DeviceKey; readonly metric: string }[];
  readonly from: number;
  readonly to: number;
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

  /** Keeps what the batches overwrite. Everything before them has to be in the store. */
  async keep(batches: readonly ReadingsBatch[], second: SecondOnes): Promise<void> {
    const current = await this.stored(batches, second);
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

  /** What the store has of them. */
  private async stored(batches: readonly ReadingsBatch[], second: SecondOnes): Promise<Map<string, Noted>> {
    const found = new Map<string, Noted>();
    for (const question of this.questions(batches, second)) {
      try {
        await this.look(question, second, found);
      } catch (error) {
        if (!(error instanceof ResultTooLarge)) throw error;
        this.unlooked += question.series.length;
      }
    }
    return found;
  }

  private async look({ series, from, to }: Question, second: SecondOnes, found: Map<string, Noted>): Promise<void> {
    for await (const chunk of this.store.raw({ series, from, to, limit: MAX_READ })) {
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

  /** Few questions that read little besides: hours in which the same series are asked become one. */
  private questions(batches: readonly ReadingsBatch[], second: SecondOnes): Question[] {
    const hours = new Map<number, { readings: { ts: number }[]; series: Map<string, Question['series'][number]> }>();
    for (const { messages } of batches) {
      for (const { device, readings } of messages) {
        const keys = second.get(device);
        if (keys === undefined) continue;
        for (const { metric, ts } of readings) {
          if (!keys.has(keyOf(device, metric, ts))) continue;
          const at = Math.floor(ts / SPAN_MS);
          let hour = hours.get(at);
          if (hour === undefined) {
            hour = { readings: [], series: new Map() };
            hours.set(at, hour);
          }
          hour.readings.push({ ts });
          hour.series.set(`${device} ${metric}`, { device, metric });
        }
      }
    }
    const bySeries = new Map<string, { readings: { ts: number }[]; series: Question['series'] }>();
    for (const at of [...hours.keys()].sort((a, b) => a - b)) {
      const { readings, series } = hours.get(at)!;
      const names = [...series.keys()].sort().join('\n');
      const same = bySeries.get(names);
      if (same === undefined) bySeries.set(names, { readings, series: [...series.values()] });
      else for (const reading of readings) same.readings.push(reading);
    }
    const questions: Question[] = [];
    for (const { readings, series } of bySeries.values()) {
      for (const { from, to } of stretches(readings)) {
        for (let i = 0; i < series.length; i += SERIES_A_QUESTION) {
          questions.push({ series: series.slice(i, i + SERIES_A_QUESTION), from, to });
        }
      }
    }
    for (const { series } of questions.slice(MAX_QUESTIONS)) this.unlooked += series.length;
    return questions.slice(0, MAX_QUESTIONS);
  }
}

function versionOf({ device, gateway, receivedAt }: DeviceReadings, reading: Reading): Version {
  const { metric, ts, value, flag, quality } = reading;
  return { device, metric, ts, receivedAt, value, flag, quality, gateway };
}

/** Quality is the service's own verdict and follows from the two. */
const sameValue = (a: Version, b: Version) => a.value === b.value && a.flag === b.flag;
