import type { DeviceKey } from '../../../model/ids.js';
import type { DeviceReadings, Domain } from '../../../model/reading.js';
import type { KeepRefused, ReadingsBatch } from '../../port.js';
import { InfluxError } from '../errors.js';
import type { InfluxSource } from '../influx-source.js';
import { rollupsBucket } from '../schema.js';
import { Contact } from '../setup/contact.js';
import type { Transport } from '../transport.js';
import { BatchSize } from './batch-size.js';
import type { Cursor } from './cursor.js';
import { Delivery } from './delivery.js';
import type { Devices } from './device-epochs.js';
import { Encoder, type TagsOf } from './encoder.js';
import { Outbox } from './outbox.js';

export interface WriteLoopParts {
  readonly transport: Transport;
  readonly source: InfluxSource;
  readonly devices: Devices;
  readonly cursor: Cursor;
  readonly org: string | undefined;
  readonly rawDays: number;
  readonly tagsOf: TagsOf;
  readonly keepRefused: KeepRefused;
  readonly clock: () => number;
  readonly warn: (message: string) => void;
  readonly onMetric: (domain: Domain, metric: string) => void;
  /** As in ContactParts. */
  readonly steady?: () => number;
  readonly onLook?: (signal: AbortSignal | undefined) => Promise<void>;
  readonly onSeen?: (newest: number) => void;
  /** Called for messages when they are sent, and again when the server took them. */
  readonly note: (messages: readonly DeviceReadings[]) => void;
  /** The server took these; what was noted of them has to be durable when it returns. */
  readonly onStored: (messages: readonly DeviceReadings[]) => void;
}

/** The writing side: takes batches, brings them to the server and moves the cursor behind them. */
export class WriteLoop {
  readonly contact: Contact;
  readonly encoder: Encoder;
  private readonly outbox: Outbox;
  private readonly size = new BatchSize();

  /** Readings since the start that were too old to be kept. */
  get ignored(): number {
    return this.encoder.ignored;
  }

  constructor(private readonly parts: WriteLoopParts) {
    const { transport, source, devices, tagsOf, keepRefused, clock, onMetric, cursor } = parts;
    this.contact = new Contact(parts);
    this.encoder = new Encoder({
      ...{ devices, tagsOf, onMetric },
      keptFrom: () => cursor.keptFrom,
      reopenDay: (ts) => cursor.reopenDay(ts),
    });
    const { bucket } = source;
    const onTooLarge = () => this.size.tooMuch();
    const delivery = new Delivery({
      transport,
      bucket,
      devices,
      encoder: this.encoder,
      keepRefused,
      clock,
      onTooLarge,
    });
    this.outbox = new Outbox({
      encoder: this.encoder,
      delivery,
      size: this.size,
      isReady: () => this.contact.done,
      ready: () => this.contact.ensure(),
      onSending: parts.note,
      onStored: (seq, messages, bytes) => this.stored(seq, messages, bytes),
      onFailed: (error) => this.failed(error),
    });
  }

  async append(batches: readonly ReadingsBatch[]): Promise<void> {
    const fresh = batches.filter(({ seq }) => seq > this.parts.cursor.seq);
    if (fresh.length > 0) await this.outbox.add(fresh);
  }

  batchBytes(): number {
    return this.size.bytes;
  }

  /** Resolves when what was appended is written, and the cursor with it. */
  async flush(): Promise<void> {
    await this.outbox.settled();
    this.parts.cursor.save();
  }

  /** Says what a device belongs to that has no readings here. */
  async takeOn(device: DeviceKey, { park, domain }: { readonly park: string; readonly domain: Domain }): Promise<void> {
    const { devices, transport, source, tagsOf } = this.parts;
    if (devices.of(device).length === 0) {
      devices.begin(devices.state(device), Number.POSITIVE_INFINITY, { park, domain, ...tagsOf(device) });
    }
    await devices.writeEpochs((lines) => transport.write(rollupsBucket(source.bucket), lines));
  }

  /** Resolves when nothing is under way any more, or rejects with why it failed. */
  settled(): Promise<void> {
    return this.outbox.settled();
  }

  private stored(seq: number, messages: readonly DeviceReadings[], bytes: number): void {
    this.parts.note(messages);
    this.parts.onStored(messages);
    this.parts.cursor.moveTo(seq, bytes);
  }

  /** Somebody may have removed the bucket: it is made again, or its absence named. */
  private failed(error: unknown): void {
    if (error instanceof InfluxError && error.status === 404) this.contact.lost();
  }
}
