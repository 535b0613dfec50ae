import type { Journal, JournalEntry } from '../journal/port.js';
import type { DeviceReadings } from '../model/reading.js';
import { LIVE_WINDOW_MS } from '../model/time/trust.js';
import { EntryDecoder } from '../model/wire/entry.js';
import { EARLIEST_TS, type ItemRejection } from '../model/wire/readings.js';
import { REJECTION_CODES, type RejectionCode } from '../model/wire/rejection.js';
import type { DeviceAdmission, DeviceRefusal } from '../registry/port.js';
import { StorageUnavailableError } from '../state/port.js';
import {
  ClockNotSetError,
  type InboundMessage,
  type Ingest,
  type IngestStats,
  type Line,
  type Rejection,
} from './port.js';
import type { QuarantineStore } from './quarantine-store.js';
import { type Items, onlyItems } from './rejections.js';

/** A journal entry with its decoded readings, for followers on this thread. */
export interface IngestedEntry extends JournalEntry {
  readonly decoded: DeviceReadings;
  /** A reading of it is older than `LIVE_WINDOW_MS`. */
  readonly isLate?: boolean;
}

interface IngestOptions {
  readonly journal: Journal<IngestedEntry>;
  readonly devices: DeviceAdmission;
  readonly quarantine: QuarantineStore;
  readonly clock: () => number;
  /** Must decode as the journal's followers do. */
  readonly decoder?: EntryDecoder;
}

/** Result of a replay; `stored` resolves when the accepted items are durable. */
interface Replayed {
  readonly readings: number;
  readonly rejections: readonly Rejection[];
  readonly stored: Promise<void>;
}

/** The entry to store, null when there is none, and the rejections. */
interface JudgedMessage {
  readonly entry: IngestedEntry | null;
  readonly rejections: readonly Rejection[];
}

type RejectionListener = (gateway: string, park: string, rejections: readonly Rejection[]) => void;

const NOTHING = Promise.resolve();
const NONE: readonly Rejection[] = [];

const REFUSALS: Readonly<Record<DeviceRefusal, string>> = {
  unknown_device: 'the device is not in the registry, and discovery is off',
  device_in_other_domain: 'the device is registered for another domain',
  device_of_other_gateway: 'the device belongs to another gateway of the park, until an operator moves it',
  device_limit: 'the registry takes no more devices through this gateway',
  device_retired: 'the device is retired; an administrator can restore it',
  device_moved: 'the device was moved to another park; it can be registered here again',
};

/** Decodes and admits; appends valid readings to the journal and keeps rejected ones in quarantine. */
export class IngestService implements Ingest {
  readonly stats: IngestStats = {
    messages: 0,
    readings: 0,
    bytes: 0,
    late: 0,
    clockRefused: 0,
    rejected: Object.fromEntries(REJECTION_CODES.map((code) => [code, 0])) as Record<RejectionCode, number>,
  };
  private readonly listeners: RejectionListener[] = [];
  private readonly decoder: EntryDecoder;

  constructor(private readonly options: IngestOptions) {
    this.decoder = options.decoder ?? new EntryDecoder();
  }

  accept(message: InboundMessage): Promise<void> {
    const receivedAt = this.options.clock();
    if (receivedAt < EARLIEST_TS) return this.refuseClock(receivedAt);
    const judged = this.judge(message, receivedAt);
    return judged.rejections.length === 0
      ? this.append(judged.entry, message.line)
      : this.keepRejected(message, receivedAt, judged);
  }

  private refuseClock(now: number): Promise<never> {
    this.stats.clockRefused += 1;
    return Promise.reject(
      new ClockNotSetError(
        `nothing was stored: the service's clock is not set, it says ${new Date(now).toISOString()}`,
      ),
    );
  }

  onRejected(listener: RejectionListener): void {
    this.listeners.push(listener);
  }

  /**
   * Accepts, from a message that waits since `receivedAt`, the items that wait still (`open`; null means all).
   * `readings` counts all readings of the message that ingest has accepted so far.
   */
  replay(message: InboundMessage, receivedAt: number, replayedAt: number, open: Items | null): Replayed {
    const { topic, gateway, payload } = message;
    const part = open === null ? message : { ...message, payload: onlyItems(payload, open) };
    const { entry, rejections } = this.judge(part, receivedAt, replayedAt);
    const stored = this.append(entry);
    if (open === null) return { readings: entry?.decoded.readings.length ?? 0, rejections, stored };
    const whole = this.decoder.decode({ topic, gateway, receivedAt, replayedAt, payload }).message;
    const indexed = rejections.map((one) => (one.index === null ? one : { ...one, index: open[one.index]! }));
    return { readings: whole?.readings.length ?? 0, rejections: indexed, stored };
  }

  private judge(message: InboundMessage, receivedAt: number, replayedAt?: number): JudgedMessage {
    const { topic, gateway, payload } = message;
    const entry = entryOf(message, receivedAt, replayedAt);
    const now = replayedAt ?? receivedAt;
    this.stats.messages += 1;
    this.stats.bytes += payload.length;
    const { message: decoded, rejections } = this.decoder.decode(entry);
    const rejected = rejections.length === 0 ? NONE : rejections.map((one) => this.reject(topic, receivedAt, one));
    if (decoded === null) return { entry: null, rejections: rejected };

    const { domain, device, readings } = decoded;
    const refusal = this.options.devices.admit(device, domain, gateway, now);
    if (refusal !== null) {
      const whole = this.reject(topic, receivedAt, { index: null, code: refusal, reason: REFUSALS[refusal] });
      return { entry: null, rejections: [whole, ...rejected] };
    }
    this.stats.readings += readings.length;
    const before = this.stats.late;
    for (const reading of readings) if (reading.ts < now - LIVE_WINDOW_MS) this.stats.late += 1;
    if (this.stats.late > before) entry.isLate = true;
    entry.decoded = decoded;
    return { entry: entry as IngestedEntry, rejections: rejected };
  }

  private append(entry: IngestedEntry | null, line?: Line, beside?: () => void): Promise<void> {
    if (entry === null) return NOTHING;
    const { journal } = this.options;
    const urgent = entry.decoded.domain === 'fire';
    if (line?.foundNoRoom && !urgent) {
      return Promise.reject(new StorageUnavailableError('nothing was stored: the journal refused an earlier message'));
    }
    const { refused } = journal.stats;
    // Returns the journal's own promise: by it the lane knows which messages share a commit. No caller uses its value.
    const stored: Promise<unknown> = journal.append(entry, urgent, beside);
    if (line !== undefined && journal.stats.refused > refused) line.foundNoRoom = true;
    return stored as Promise<void>;
  }

  private reject(topic: string, ts: number, item: ItemRejection): Rejection {
    this.stats.rejected[item.code] += 1;
    return { topic, index: item.index, code: item.code, reason: item.reason, ts };
  }

  /** One commit stores both parts: the client resends what is not stored, and each resend would fill the quarantine. */
  private async keepRejected(message: InboundMessage, receivedAt: number, judged: JudgedMessage): Promise<void> {
    const { entry, rejections } = judged;
    const beside = entry === null ? undefined : (work: () => void) => this.append(entry, message.line, work);
    await this.options.quarantine.keep(message, receivedAt, rejections, beside);
    for (const listener of this.listeners) listener(message.gateway, message.park, rejections);
  }
}

/** An entry before it is decoded; one object with all fields, because ingest makes one for every message. */
type NewEntry = JournalEntry & { decoded: DeviceReadings | null; isLate?: boolean };

function entryOf(message: InboundMessage, receivedAt: number, replayedAt: number | undefined): NewEntry {
  const { park, topic, gateway, payload } = message;
  if (replayedAt === undefined) return { park, topic, gateway, receivedAt, payload, decoded: null };
  return { park, topic, gateway, receivedAt, replayedAt, payload, decoded: null };
}
