import type { DeviceReadings } from '../domain/reading.js';
import { decodeReadings, LIVE_WINDOW_MS, MAX_PAYLOAD_BYTES } from '../domain/wire/readings.js';
import { REJECTION_CODES, type RejectionCode } from '../domain/wire/rejection.js';
import { parseTopic, type Topic } from '../domain/wire/topic.js';
import type { Journal, JournalEntry } from '../journal/port.js';
import type { DeviceAdmission, DeviceRefusal } from '../registry/port.js';
import type { InboundMessage, Ingest, IngestStats, Rejection } from './port.js';
import type { QuarantineStore } from './quarantine-store.js';

/** A journal entry with what ingest made of it, for followers on this thread. */
export interface IngestedEntry extends JournalEntry {
  readonly decoded: DeviceReadings;
}

export interface IngestOptions {
  readonly journal: Journal<IngestedEntry>;
  readonly devices: DeviceAdmission;
  readonly quarantine: QuarantineStore;
  readonly clock: () => number;
}

/** What became of one message; `stored` resolves when the taken part is durable. */
export interface Taken {
  readonly readings: number;
  readonly rejections: readonly Rejection[];
  readonly stored: Promise<void>;
}

type ReadingsTopic = Extract<Topic, { kind: 'readings' }>;
type RejectionListener = (gateway: string, park: string, rejections: readonly Rejection[]) => void;

const NOTHING = Promise.resolve();
const TOPIC_CACHE = 50_000;

const REFUSALS: Readonly<Record<DeviceRefusal, string>> = {
  unknown_device: 'the device is not in the registry, and discovery is off',
  device_in_other_park: 'the device belongs to another park',
  device_in_other_domain: 'the device is registered for another domain',
  device_limit: 'the registry takes no more devices through this gateway',
};

/** Decodes and admits; appends what is good to the journal and keeps what is bad in quarantine. */
export class IngestService implements Ingest {
  readonly stats: IngestStats = {
    messages: 0,
    readings: 0,
    bytes: 0,
    late: 0,
    rejected: Object.fromEntries(REJECTION_CODES.map((code) => [code, 0])) as Record<RejectionCode, number>,
  };
  private readonly listeners: RejectionListener[] = [];
  private readonly topics = new Map<string, ReadingsTopic>();

  constructor(private readonly options: IngestOptions) {}

  accept(message: InboundMessage): Promise<void> {
    const receivedAt = this.options.clock();
    const taken = this.take(message, receivedAt);
    return taken.rejections.length === 0 ? taken.stored : this.keepRejected(message, receivedAt, taken);
  }

  onRejected(listener: RejectionListener): void {
    this.listeners.push(listener);
  }

  /** Appends what can be taken of the message as received at `receivedAt`, and says what can not. */
  take(message: InboundMessage, receivedAt: number): Taken {
    const { topic, payload } = message;
    const { park, domain, device } = this.parse(topic);
    this.stats.messages += 1;
    this.stats.bytes += payload.length;
    const refuse = (index: number | null, code: RejectionCode, reason: string): Rejection => {
      this.stats.rejected[code] += 1;
      return { topic, index, code, reason, ts: receivedAt };
    };
    if (payload.length > MAX_PAYLOAD_BYTES) {
      const reason = `${payload.length} bytes, at most ${MAX_PAYLOAD_BYTES} in a message`;
      return { readings: 0, rejections: [refuse(null, 'payload_too_large', reason)], stored: NOTHING };
    }
    const text = Buffer.from(payload.buffer, payload.byteOffset, payload.length).toString('utf8');
    const { readings, rejections: items } = decodeReadings(text, domain, receivedAt);
    const rejections = items.map((item) => refuse(item.index, item.code, item.reason));
    if (readings.length === 0) return { readings: 0, rejections, stored: NOTHING };

    const refusal = this.options.devices.admit(device, park, domain, message.gateway, receivedAt);
    if (refusal !== null) {
      rejections.unshift(refuse(null, refusal, REFUSALS[refusal]));
      return { readings: 0, rejections, stored: NOTHING };
    }
    this.stats.readings += readings.length;
    for (const reading of readings) if (reading.ts < receivedAt - LIVE_WINDOW_MS) this.stats.late += 1;
    const decoded = { park, domain, device, gateway: message.gateway, receivedAt, readings };
    const stored = this.options.journal.append({ topic, gateway: message.gateway, receivedAt, payload, decoded });
    return { readings: readings.length, rejections, stored };
  }

  private async keepRejected(message: InboundMessage, receivedAt: number, taken: Taken): Promise<void> {
    const kept = this.options.quarantine.keep(message, receivedAt, taken.rejections);
    await Promise.all([taken.stored, kept]);
    for (const listener of this.listeners) listener(message.gateway, message.park, taken.rejections);
  }

  private parse(topic: string): ReadingsTopic {
    const known = this.topics.get(topic);
    if (known !== undefined) return known;
    const parsed = parseTopic(topic);
    if (parsed?.kind !== 'readings') throw new TypeError(`${topic} is no readings topic`);
    if (this.topics.size >= TOPIC_CACHE) this.topics.clear();
    this.topics.set(topic, parsed);
    return parsed;
  }
}
