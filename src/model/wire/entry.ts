import { type DeviceKey, deviceKey } from '../ids.js';
import type { Domain } from '../reading.js';
import type { DecodedEntry, ReadingsEntry } from './decoded.js';
import { PacketEntryDecoder } from './hj212/entry.js';
import { decodeReadings, type ItemRejection, MAX_PAYLOAD_BYTES } from './readings.js';
import { parseTopic } from './topic.js';

interface DecoderOptions {
  /** Retention in days: ingest rejects an item older than that at its receipt. */
  readonly rawDays?: number;
}

interface Source {
  readonly park: string;
  readonly domain: Domain;
  readonly device: DeviceKey;
}

const TOPIC_CACHE = 50_000;
const NONE: readonly ItemRejection[] = [];

/**
 * The only decoder of entries, so that history and alarms find in the journal what ingest accepted. The same entry,
 * options and days always give the same result.
 */
export class EntryDecoder {
  private readonly sources = new Map<string, Source>();
  private readonly packets = new PacketEntryDecoder();
  private readonly utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

  constructor(private readonly options: DecoderOptions = {}) {}

  /** @param rawDays retention when ingest judged the entry, where known, so that the verdict stays the same */
  decode(entry: ReadingsEntry, rawDays = this.options.rawDays): DecodedEntry {
    const { gateway, receivedAt, replayedAt, payload } = entry;
    const source = this.sourceOf(entry.topic);
    // Only after the readings topics, so that packets cost a message on MQTT nothing.
    if (source === null) {
      return this.packets.decode(entry, rawDays) ?? refused('invalid_topic', 'no readings topic of the contract');
    }
    if (payload.length > MAX_PAYLOAD_BYTES) {
      return refused('payload_too_large', `${payload.length} bytes, at most ${MAX_PAYLOAD_BYTES} in a message`);
    }
    const { park, domain, device } = source;
    const text = this.utf8.decode(payload);
    const { readings, rejections } = decodeReadings(text, domain, receivedAt, rawDays, replayedAt ?? receivedAt);
    const taken = { park, domain, device, gateway, receivedAt, readings };
    const message = replayedAt === undefined ? taken : { ...taken, replayedAt };
    return { message: readings.length === 0 ? null : message, rejections: rejections.length === 0 ? NONE : rejections };
  }

  private sourceOf(topic: string): Source | null {
    const known = this.sources.get(topic);
    if (known !== undefined) return known;
    const parsed = parseTopic(topic);
    if (parsed?.kind !== 'readings') return null;
    const { park, domain, device } = parsed;
    const source = { park, domain, device: deviceKey(park, device) };
    if (this.sources.size >= TOPIC_CACHE) this.sources.clear();
    this.sources.set(topic, source);
    return source;
  }
}

function refused(code: ItemRejection['code'], reason: string): DecodedEntry {
  return { message: null, rejections: [{ index: null, code, reason }] };
}
