import { type DeviceKey, deviceKey } from '../../../model/ids.js';
import { isDomain } from '../../../model/reading.js';
import { numbersOf, textsOf } from '../decode/answer-block.js';
import { answerBlocks, type DeviceEpochs, type Epoch } from '../influx-source.js';
import type { InfluxStatement } from '../read/statements.js';
import { EPOCH_FIELDS, EPOCHS, type PointTags } from '../schema.js';
import type { Transport } from '../transport.js';
import { epochLine, lineHead } from './line-protocol.js';

/** Most epochs of one device; a later change of park or enterprise does not move its points. */
const MAX_EPOCHS = 1_000;
const EPOCHS_AT_ONCE = 1_000;

/** An epoch with the beginning of its points' lines. */
interface WritingEpoch extends Epoch {
  readonly key: string;
}

/** State of a device that the next write of its points needs. */
export interface DeviceState {
  readonly device: DeviceKey;
  /** Time of the newest point ever written; -Infinity before the first. */
  newest: number;
  /** The same including points whose write may have failed. */
  tried: number;
  /** By `from`, rising. */
  readonly epochs: WritingEpoch[];
  /** The encoding that last changed `newest`. */
  changedBy: number;
}

/**
 * Epochs and newest point of every device. A point's tags follow from its device and time alone, so that a repeated or
 * late reading reaches the same point. Therefore an epoch never changes, and none begins where points may exist. Only
 * one process may write to a bucket.
 */
export class Devices implements DeviceEpochs {
  private states = new Map<DeviceKey, DeviceState>();
  /** Lines of epochs that the server has not acknowledged; written before any point encoded later. */
  private unwritten: string[] = [];
  /** All epochs begun in this run. */
  private begun: string[] = [];
  /** The server's content is unknown: new epochs are not written, because they could overwrite true ones. */
  blind = false;

  of(device: DeviceKey): readonly WritingEpoch[] {
    return this.states.get(device)?.epochs ?? [];
  }

  state(device: DeviceKey): DeviceState {
    let state = this.states.get(device);
    if (state === undefined) {
      const never = Number.NEGATIVE_INFINITY;
      state = { device, newest: never, tried: never, epochs: [], changedBy: 0 };
      this.states.set(device, state);
    }
    return state;
  }

  /** Begins an epoch after all points of the device; returns false if it would begin after `ts`. */
  begin(state: DeviceState, ts: number, tags: PointTags): boolean {
    const last = state.epochs.at(-1);
    const from = last === undefined ? 0 : Math.max(state.newest, state.tried, last.from) + 1;
    if (from > ts || state.epochs.length >= MAX_EPOCHS) return false;
    state.epochs.push(writingEpoch(state.device, from, tags));
    if (!this.blind) this.tell(epochLine(state.device, from, tags));
    return true;
  }

  /** The server may have lost epochs: writes those begun in this run again. */
  writeAgain(): void {
    this.unwritten = [...this.begun];
  }

  /** Passes unacknowledged epochs to `write`, some at a time, until none is left. */
  async writeEpochs(write: (lines: string) => Promise<void>): Promise<void> {
    while (this.unwritten.length > 0) {
      const lines = this.unwritten.slice(0, EPOCHS_AT_ONCE);
      const { unwritten } = this;
      await write(lines.join(''));
      unwritten.splice(0, lines.length);
    }
  }

  /** Forgets everything: the server's content cannot be read. */
  forget(): void {
    this.states = new Map();
    this.unwritten = [];
    this.blind = true;
  }

  /** Replaces everything by the server's content. */
  replace(epochs: ReadonlyMap<DeviceKey, readonly Epoch[]>, newest: ReadonlyMap<DeviceKey, number>): void {
    // Blind writes continued during the query: what they wrote since counts too.
    const since = this.blind ? this.states : new Map<DeviceKey, DeviceState>();
    this.states = new Map();
    this.unwritten = [];
    this.blind = false;
    for (const [device, of] of epochs) {
      const state = this.state(device);
      for (const { from, ...tags } of of) state.epochs.push(writingEpoch(device, from, tags));
    }
    for (const [device, ts] of newest) Object.assign(this.state(device), { newest: ts, tried: ts });
    for (const [device, blind] of since) {
      const state = this.state(device);
      state.newest = Math.max(state.newest, blind.newest);
      state.tried = Math.max(state.tried, blind.tried);
      if (state.epochs.length > 0) continue;
      state.epochs.push(...blind.epochs);
      for (const { from, ...tags } of blind.epochs) this.tell(epochLine(device, from, tags));
    }
  }

  /** Queues the line of an epoch for the server. */
  private tell(line: string): void {
    this.unwritten.push(line);
    this.begun.push(line);
  }
}

function writingEpoch(device: DeviceKey, from: number, tags: PointTags): WritingEpoch {
  return { from, ...tags, key: lineHead(tags.domain, device, tags) };
}

const SELECT_EPOCHS: InfluxStatement = {
  text: `SELECT ${EPOCH_FIELDS.map((field) => `"${field}"`).join(', ')} FROM "${EPOCHS}" GROUP BY "device"`,
  params: {},
  groupBy: ['device'],
};

/** Loads the epochs of all devices from the server. @throws InfluxError */
export async function loadEpochs(
  transport: Pick<Transport, 'api' | 'query'>,
  bucket: string,
  signal?: AbortSignal,
): Promise<Map<DeviceKey, Epoch[]>> {
  const all = new Map<DeviceKey, Epoch[]>();
  for await (const block of answerBlocks(transport, bucket, SELECT_EPOCHS, signal)) {
    const { device } = block.tags;
    if (device === undefined) continue;
    const times = numbersOf(block, 'time');
    const [park, district, enterprise, domain] = EPOCH_FIELDS.map((name) => textsOf(block, name));
    times.forEach((from, i) => {
      const [its, named] = [park![i] ?? '', domain![i] ?? ''];
      if (!isDomain(named)) return;
      const tags = { park: its, district: district![i] ?? '', enterprise: enterprise![i] ?? '' };
      // An older version named the device by its id alone.
      const key = device.includes('/') ? (device as DeviceKey) : deviceKey(its, device);
      const epochs = all.get(key) ?? [];
      all.set(key, epochs);
      epochs.push({ from, ...tags, domain: named });
    });
  }
  for (const epochs of all.values()) epochs.sort((a, b) => a.from - b.from);
  return all;
}
