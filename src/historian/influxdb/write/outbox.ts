import type { DeviceReadings } from '../../../model/reading.js';
import type { ReadingsBatch } from '../../port.js';
import { InfluxError } from '../errors.js';
import type { BatchSize } from './batch-size.js';
import type { Delivery } from './delivery.js';
import type { Encoded, Encoder } from './encoder.js';

export interface OutboxParts {
  readonly encoder: Encoder;
  readonly delivery: Delivery;
  readonly size: BatchSize;
  /** Whether `ready` would resolve at once. */
  readonly isReady: () => boolean;
  /** Resolves when the server is set up and what is needed for encoding is known. */
  readonly ready: () => Promise<void>;
  readonly onSending: (messages: readonly DeviceReadings[]) => void;
  /** The server has them. May throw: they will come again. */
  readonly onStored: (seq: number, messages: readonly DeviceReadings[], bytes: number) => void;
  readonly onFailed: (error: unknown) => void;
}

interface Job {
  readonly seq: number;
  /** Of the journal. */
  readonly bytes: number;
  readonly messages: readonly DeviceReadings[];
  encoded: Encoded | null;
}

/** Sends batches one request at a time, in order; the lines of the next are made while the server works on one. */
export class Outbox {
  private jobs: Job[] = [];
  private tail: Promise<void> = Promise.resolve();

  constructor(private readonly parts: OutboxParts) {}

  /** Resolves when the server took them; when it did not, this and all that were added since are as if never added. */
  add(batches: readonly ReadingsBatch[]): Promise<void> {
    const job: Job = {
      seq: batches.at(-1)!.seq,
      bytes: batches.reduce((sum, { bytes = Number.POSITIVE_INFINITY }) => sum + bytes, 0),
      messages: batches.flatMap(({ messages }) => messages),
      encoded: null,
    };
    if (this.parts.isReady() && this.jobs.every(({ encoded }) => encoded !== null)) this.encode(job);
    this.jobs.push(job);
    const done = this.tail.then(() => this.run(job));
    this.tail = done;
    // Whoever added it is told.
    done.catch(() => undefined);
    return done;
  }

  /** Resolves or rejects with what was added last. */
  settled(): Promise<void> {
    return this.tail;
  }

  private async run(job: Job): Promise<void> {
    try {
      await this.parts.ready();
      await this.deliver(job);
      this.parts.onStored(job.seq, job.messages, job.bytes);
      this.jobs.shift();
    } catch (error) {
      this.undo(0);
      this.jobs = [];
      this.tail = Promise.resolve();
      this.parts.onFailed(error);
      throw error;
    }
  }

  private async deliver(job: Job): Promise<void> {
    const { delivery, size, onSending } = this.parts;
    const encoded = this.encode(job);
    onSending(job.messages);
    const started = performance.now();
    try {
      await delivery.send(encoded);
      size.wrote(encoded.first.length + encoded.then.length, performance.now() - started);
    } catch (error) {
      if (!(error instanceof InfluxError)) throw error;
      if (error.timedOut) size.tooMuch();
      if (error.remedy === 'retry') throw error;
      this.undo(0);
      await delivery.sort(job.messages, error);
    }
    // Taken: nothing of it is undone any more.
    job.encoded = null;
  }

  private encode(job: Job): Encoded {
    job.encoded ??= this.parts.encoder.encode(job.messages);
    return job.encoded;
  }

  /** Undoes encodings, the newest first. */
  private undo(from: number): void {
    for (const job of this.jobs.slice(from).reverse()) {
      job.encoded?.undo();
      job.encoded = null;
    }
  }
}
