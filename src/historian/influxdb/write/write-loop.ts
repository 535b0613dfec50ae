import type { DeviceKey } from '../../../model/ids.js';
import type { DeviceReadings, Domain } from '../../../model/reading.js';
import type { DeviceOrigin } from '../../move/port.js';
import type { KeepRefused, ReadingsBatch } from '../../port/store.js';
import { InfluxError } from '../errors.js';
import { rollupsBucket } from '../schema.js';
import { Contact, type ContactParts } from '../setup/contact.js';
import { BatchSize } from './batch-size.js';
import type { Cursor } from './cursor.js';
import { type Encoded, Encoder, type TagsOf } from './encoder.js';
import { HalvingWriter } from './halving-writer.js';

interface WriteLoopParts extends ContactParts {
  readonly cursor: Cursor;
  readonly tagsOf: TagsOf;
  readonly keepRefused: KeepRefused;
  readonly onMetric: (domain: Domain, metric: string) => void;
  /** Called for messages when they are sent, and again when the server accepted them. */
  readonly note: (messages: readonly DeviceReadings[]) => void;
  /** The server accepted these messages; their notes must be durable when it returns. */
  readonly onStored: (messages: readonly DeviceReadings[]) => void;
}

interface Job {
  readonly seq: number;
  /** Bytes of the journal. */
  readonly bytes: number;
  readonly messages: readonly DeviceReadings[];
  encoded: Encoded | null;
}

/** Writes batches in order, one request at a time; moves the cursor; encodes the next batch meanwhile. */
export class WriteLoop {
  readonly contact: Contact;
  readonly encoder: Encoder;
  private readonly delivery: HalvingWriter;
  private readonly size = new BatchSize();
  private jobs: Job[] = [];
  private tail: Promise<void> = Promise.resolve();

  constructor(private readonly parts: WriteLoopParts) {
    const { source, devices, keepRefused, clock } = parts;
    this.contact = new Contact(parts);
    this.encoder = new Encoder(parts);
    const onTooLarge = () => this.size.tooMuch();
    this.delivery = new HalvingWriter({ source, devices, encoder: this.encoder, keepRefused, clock, onTooLarge });
  }

  /** Resolves when the server accepted the batches; on failure, these and later ones count as never appended. */
  async append(batches: readonly ReadingsBatch[]): Promise<void> {
    const fresh = batches.filter(({ seq }) => seq > this.parts.cursor.seq);
    if (fresh.length === 0) return;
    const job: Job = {
      seq: fresh.at(-1)!.seq,
      bytes: fresh.reduce((sum, { bytes = Number.POSITIVE_INFINITY }) => sum + bytes, 0),
      messages: fresh.flatMap(({ messages }) => messages),
      encoded: null,
    };
    if (this.contact.done && this.jobs.every(({ encoded }) => encoded !== null)) this.encode(job);
    this.jobs.push(job);
    const done = this.tail.then(() => this.run(job));
    this.tail = done;
    await done;
  }

  /** How many bytes of the journal one `append` should carry at present. */
  batchBytes(): number {
    return this.size.bytes;
  }

  /** Resolves when all appended batches are written and the cursor is saved. */
  async flush(): Promise<void> {
    await this.tail;
    this.parts.cursor.save();
  }

  /** Writes the epoch of a device without readings here. */
  async addSeries(device: DeviceKey, { park, domain }: DeviceOrigin): Promise<void> {
    const { devices, transport, source, tagsOf } = this.parts;
    if (devices.of(device).length === 0) {
      devices.begin(devices.state(device), Number.POSITIVE_INFINITY, { park, domain, ...tagsOf(device) });
    }
    await devices.writeEpochs((lines) => transport.write(rollupsBucket(source.bucket), lines));
  }

  /** Resolves when no write is in flight; rejects with the error of a failed one. */
  settled(): Promise<void> {
    return this.tail;
  }

  private async run(job: Job): Promise<void> {
    const { note, onStored, cursor } = this.parts;
    try {
      await this.contact.ensure();
      await this.deliver(job);
      note(job.messages);
      onStored(job.messages);
      cursor.moveTo(job.seq, job.bytes);
      this.jobs.shift();
    } catch (error) {
      this.undo();
      this.jobs = [];
      this.tail = Promise.resolve();
      // An operator may have removed the bucket: `ensure` creates it again or reports it missing.
      if (error instanceof InfluxError && error.status === 404) this.contact.lost();
      throw error;
    }
  }

  private async deliver(job: Job): Promise<void> {
    const { delivery, size } = this;
    const encoded = this.encode(job);
    this.parts.note(job.messages);
    const started = performance.now();
    try {
      await delivery.send(encoded);
      size.wrote(encoded.first.length + encoded.then.length, performance.now() - started);
    } catch (error) {
      if (!(error instanceof InfluxError)) throw error;
      if (error.timedOut) size.tooMuch();
      if (error.remedy === 'retry') throw error;
      this.undo();
      await delivery.sort(job.messages, error);
    }
    // The server has the batch: its encoding cannot be undone any more.
    job.encoded = null;
  }

  private encode(job: Job): Encoded {
    job.encoded ??= this.encoder.encode(job.messages);
    return job.encoded;
  }

  /** Undoes all encodings, the newest first. */
  private undo(): void {
    for (const job of this.jobs.toReversed()) {
      job.encoded?.undo();
      job.encoded = null;
    }
  }
}
