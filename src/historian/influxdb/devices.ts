import { isDomain } from '../../domain/reading.js';
import { answerBlocks } from './answer.js';
import { pointKey } from './line-protocol.js';
import type { DeviceEpochs, Epoch } from './read-source.js';
import { type DeviceTags, EPOCH_FIELDS, EPOCHS } from './schema.js';
import type { Statement } from './statements.js';
import type { Transport } from './transport.js';

/** An epoch with what the lines of its points begin with. */
export interface WritingEpoch extends Epoch {
  readonly key: string;
}

/** What must be known of a device to write its next point. */
export interface DeviceState {
  readonly device: string;
  /** Time of the newest point ever written; -Infinity before the first. */
  newest: number;
  /** By `from`, rising. */
  readonly epochs: WritingEpoch[];
  /** The encoding that last changed `newest`. */
  changedBy: number;
}

/**
 * What every device belonged to at any time, and its newest point. The tags of a point follow from its device and time
 * alone, so that whatever comes again or late lands on the same point. One process writes a bucket.
 */
export class Devices implements DeviceEpochs {
  private states = new Map<string, DeviceState>();

  of(device: string): readonly WritingEpoch[] {
    return this.states.get(device)?.epochs ?? [];
  }

  get size(): number {
    return this.states.size;
  }

  state(device: string): DeviceState {
    let state = this.states.get(device);
    if (state === undefined) {
      state = { device, newest: Number.NEGATIVE_INFINITY, epochs: [], changedBy: 0 };
      this.states.set(device, state);
    }
    return state;
  }

  /** Forgets all, and takes what the server has. */
  replace(epochs: ReadonlyMap<string, readonly Epoch[]>, newest: ReadonlyMap<string, number>): void {
    this.states = new Map();
    for (const [device, of] of epochs) for (const { from, ...tags } of of) begin(this.state(device), from, tags);
    for (const [device, ts] of newest) this.state(device).newest = ts;
  }
}

/** Adds an epoch; `from` must be after the last one's. */
export function begin(state: DeviceState, from: number, tags: DeviceTags): WritingEpoch {
  const epoch = { from, ...tags, key: pointKey(state.device, tags) };
  state.epochs.push(epoch);
  return epoch;
}

/** The epoch of a time. */
export function epochAt({ epochs }: DeviceState, ts: number): WritingEpoch {
  let i = epochs.length - 1;
  while (i > 0 && epochs[i]!.from > ts) i -= 1;
  return epochs[i]!;
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
): Promise<Map<string, Epoch[]>> {
  const all = new Map<string, Epoch[]>();
  for await (const block of answerBlocks(transport, bucket, SELECT_EPOCHS)) {
    const { device } = block.tags;
    if (device === undefined) continue;
    const times = block.numbers(block.columns.indexOf('time'));
    const [park, district, enterprise, domain] = EPOCH_FIELDS.map((name) => block.texts(block.columns.indexOf(name)));
    const epochs = all.get(device) ?? [];
    times.forEach((from, i) => {
      const named = domain![i] ?? '';
      if (!isDomain(named)) return;
      epochs.push({
        from,
        park: park![i] ?? '',
        district: district![i] ?? '',
        enterprise: enterprise![i] ?? '',
        domain: named,
      });
    });
    all.set(device, epochs);
  }
  for (const epochs of all.values()) epochs.sort((a, b) => a.from - b.from);
  return all;
}
