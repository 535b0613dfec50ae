import type { DeviceReadings } from '../domain/reading.js';
import { EntryDecoder } from '../domain/wire/entry.js';
import { type ItemRejection, LIVE_WINDOW_MS } from '../domain/wire/readings.js';
import { REJECTION_CODES, type RejectionCode } from '../domain/wire/rejection.js';
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
  /** As whoever reads the journal decodes. */
  readonly decoder?: EntryDecoder;
}

/** What became of one message; `stored` resolves when the taken part is durable. */
export interface Taken {
  readonly readings: number;
  readonly rejections: readonly Rejection[];
  readonly stored: Promise<void>;
}

type RejectionListener = (gateway: string, park: string, rejections: readonly Rejection[]) => void;

const NOTHING = Promise.resolve();
const NONE: readonly Rejection[] = [];

const REFUSALS: Readonly<Record<DeviceRefusal, string>> = {
  unknown_device: 'the device is not in the registry, and discovery is off',
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
  private readonly decoder: EntryDecoder;

  constructor(private readonly options: IngestOptions) {
    this.decoder = options.decoder ?? new EntryDecoder();
  }

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
    const { topic: name, gateway, payload } = message;
    this.stats.messages += 1;
    this.stats.bytes += payload.length;
    const { message: decoded, rejections } = this.decoder.decode({ topic: name, gateway, receivedAt, payload });
    const rejected = rejections.length === 0 ? NONE : rejections.map((one) => this.reject(name, receivedAt, one));
    if (decoded === null) return { readings: 0, rejections: rejected, stored: NOTHING };

    const { domain, device, readings } = decoded;
    const refusal = this.options.devices.admit(device, domain, gateway, receivedAt);
    if (refusal !== null) {
      const whole = this.reject(name, receivedAt, { index: null, code: refusal, reason: REFUSALS[refusal] });
      return { readings: 0, rejections: [whole, ...rejected], stored: NOTHING };
    }
    this.stats.readings += readings.length;
    for (const reading of readings) if (reading.ts < receivedAt - LIVE_WINDOW_MS) this.stats.late += 1;
    const stored = this.options.journal.append(
      { topic: name, gateway, receivedAt, payload, decoded },
      domain === 'fire',
    );
    return { readings: readings.length, rejections: rejected, stored };
  }

  private reject(topic: string, ts: number, item: ItemRejection): Rejection {
    this.stats.rejected[item.code] += 1;
    return { topic, index: item.index, code: item.code, reason: item.reason, ts };
  }

  private async keepRejected(message: InboundMessage, receivedAt: number, taken: Taken): Promise<void> {
    // What is not stored comes again, and must not be in quarantine each time.
    await taken.stored;
    await this.options.quarantine.keep(message, receivedAt, taken.rejections);
    for (const listener of this.listeners) listener(message.gateway, message.park, taken.rejections);
  }
}
