import type { DeviceReadings } from '../reading.js';
import { decodeReadings, type ItemRejection, MAX_PAYLOAD_BYTES } from './readings.js';
import { parseTopic, type Topic } from './topic.js';

/** A message on a readings topic as it arrived, and as the journal keeps it. `receivedAt` is epoch milliseconds. */
export interface ReadingsEntry {
  readonly topic: string;
  readonly gateway: string;
  readonly receivedAt: number;
  readonly payload: Uint8Array;
}

export interface DecoderOptions {
  /** Days that readings are kept: an item that was older at its receipt is not taken. */
  readonly rawDays?: number;
}

/** What an entry holds; `message` is null when nothing of it can be taken. */
export interface DecodedEntry {
  readonly message: DeviceReadings | null;
  readonly rejections: readonly ItemRejection[];
}

type ReadingsTopic = Extract<Topic, { kind: 'readings' }>;

const TOPIC_CACHE = 50_000;
const NONE: readonly ItemRejection[] = [];

/**
 * The one way from an entry to its readings: what ingest took is what history and alarms find in the journal later. The
 * same entry and options always give the same answer.
 */
export class EntryDecoder {
  private readonly topics = new Map<string, ReadingsTopic>();
  private readonly utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

  constructor(private readonly options: DecoderOptions = {}) {}

  decode(entry: ReadingsEntry): DecodedEntry {
    const { gateway, receivedAt, payload } = entry;
    const topic = this.parse(entry.topic);
    if (topic === null) return refused('invalid_topic', 'no readings topic of the contract');
    if (payload.length > MAX_PAYLOAD_BYTES) {
      return refused('payload_too_large', `${payload.length} bytes, at most ${MAX_PAYLOAD_BYTES} in a message`);
    }
    const { park, domain, device } = topic;
    const text = this.utf8.decode(payload);
    const { readings, rejections } = decodeReadings(text, domain, receivedAt, this.options.rawDays);
    const message = readings.length === 0 ? null : { park, domain, device, gateway, receivedAt, readings };
    return { message, rejections: rejections.length === 0 ? NONE : rejections };
  }

  private parse(topic: string): ReadingsTopic | null {
    const known = this.topics.get(topic);
    if (known !== undefined) return known;
    const parsed = parseTopic(topic);
    if (parsed?.kind !== 'readings') return null;
    if (this.topics.size >= TOPIC_CACHE) this.topics.clear();
    this.topics.set(topic, parsed);
    return parsed;
  }
}

function refused(code: ItemRejection['code'], reason: string): DecodedEntry {
  return { message: null, rejections: [{ index: null, code, reason }] };
}
