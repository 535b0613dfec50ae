import { type DeviceKey, deviceKey } from '../../../model/ids.js';
import { isDomain } from '../../../model/reading.js';
import { numbersOf, textsOf } from '../decode/answer-block.js';
import { answerBlocks, type DeviceEpochs, type Epoch } from '../influx-source.js';
import type { Statement } from '../read/statements.js';
import { type DeviceTags, EPOCH_FIELDS, EPOCHS } from '../schema.js';
import type { Transport } from '../transport.js';
import { epochLine, lineHead } from './line-protocol.js';

/** Changes of park or enterprise that are told apart in one device's history; later ones do not move its points. */
const MAX_EPOCHS = 1_000;
const EPOCHS_AT_ONCE = 1_000;

/** An epoch with what the lines of its points begin with. */
interface WritingEpoch extends Epoch {
  readonly key: string;
}

/** What must be known of a device to write its next point. */
export interface DeviceState {
  readonly device: DeviceKey;
  /** Time of the newest point ever written; -Infinity before the first. */
  newest: number;
  /** The same of points that may have been written, for all that is known. */
  tried: number;
  /** By `from`, rising. */
  readonly epochs: WritingEpoch[];
  /** The encoding that last changed `newest`. */
  changedBy: number;
}

/**
 * What every device belonged to at any time, and its newest point. The tags of a point follow from its device and time
 * alone, so that whatever comes again or late lands on the same point. So an epoch, once decided, stays, and none begins
 * where points may be already. One process writes a bucket.
 */
export class Devices implements DeviceEpochs {
  private states = new Map<DeviceKey, DeviceState>();
  /** Lines of epochs that the server has not confirmed; to be written before any point that is encoded later. */
  private unwritten: string[] = [];
  /** All that were begun in this life of the service. */
  private begun: string[] = [];
  /**
   * Nobody can say what the server has, and any point may be there already: what is begun is not told to it, where it
   * could replace what is true.
   */
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

  /** Begins an epoch behind all points of the device; whether there is room for it before `ts`. */
  begin(state: DeviceState, ts: number, tags: DeviceTags): boolean {
    const last = state.epochs.at(-1);
    const from = last === undefined ? 0 : Math.max(state.newest, state.tried, last.from) + 1;
    if (from > ts || state.epochs.length >= MAX_EPOCHS) return false;
    state.epochs.push(writingEpoch(state.device, from, tags));
    if (!this.blind) this.tell(epochLine(state.device, from, tags));
    return true;
  }

  /** The server may have lost epochs: those begun in this life are written again. */
  writeAgain(): void {
    this.unwritten = [...this.begun];
  }

  /** Hands unconfirmed epochs to `write`, some at a time, until none is left. */
  async writeEpochs(write: (lines: string) => Promise<void>): Promise<void> {
    while (this.unwritten.length > 0) {
      const lines = this.unwritten.slice(0, EPOCHS_AT_ONCE);
      const { unwritten } = this;
      await write(lines.join(''));
      unwritten.splice(0, lines.length);
    }
  }

  /** Forgets all: what the server has cannot be had. */
  forget(): void {
    this.states = new Map();
    this.unwritten = [];
    this.blind = true;
  }

  /** Forgets all, and takes what the server has. */
  replace(epochs: ReadonlyMap<DeviceKey, readonly Epoch[]>, newest: ReadonlyMap<DeviceKey, number>): void {
    // The server was asked while blind writing went on: what came after its answer counts too.
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

  /** Has the server know of an epoch. */
  private tell(line: string): void {
    this.unwritten.push(line);
    this.begun.push(line);
  }
}

function writingEpoch(device: DeviceKey, from: number, tags: DeviceTags): WritingEpoch {
  return { from, ...tags, key: lineHead(tags.domain, device, tags) };
}

const SELECT_EPOCHS: Statement = {
  text: `SELECT ${EPOCH_FIELDS.map((field) => `"${field}"`).join(', ')} FROM "${EPOCHS}" GROUP BY "device"`,
  params: {},
  groupBy: ['device'],
};

/** The epochs of all devices as the server has them. @throws InfluxError */
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
      // Named by its id alone where another version wrote it.
      const key = device.includes('/') ? (device as DeviceKey) : deviceKey(its, device);
      const epochs = all.get(key) ?? [];
      all.set(key, epochs);
      epochs.push({ from, ...tags, domain: named });
    });
  }
  for (const epochs of all.values()) epochs.sort((a, b) => a.from - b.from);
  return all;
}
