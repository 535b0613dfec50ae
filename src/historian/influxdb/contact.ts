import { type Devices, loadEpochs } from './devices.js';
import { InfluxError } from './errors.js';
import { newestOfDevices } from './newest.js';
import type { ReadSource } from './read-source.js';
import { rollupsBucket } from './schema.js';
import { setUpServer } from './setup.js';
import type { Transport } from './transport.js';

export interface ContactParts {
  readonly transport: Transport;
  readonly source: ReadSource;
  readonly devices: Devices;
  readonly org: string | undefined;
  readonly rawDays: number;
  readonly clock: () => number;
  readonly warn: (message: string) => void;
  readonly onContact?: () => Promise<void>;
}

/** What must have been done with the server before anything is written or asked: its set-up, and what it knows of devices. */
export class Contact {
  /** Whether `made` would resolve at once. */
  done = false;
  private making: Promise<void> | null = null;

  constructor(private readonly parts: ContactParts) {}

  /** Makes the contact unless it is made; tried anew by each call until it worked. @throws InfluxError */
  made(): Promise<void> {
    if (this.done) return Promise.resolve();
    this.making ??= this.make().finally(() => {
      this.making = null;
    });
    return this.making;
  }

  /** The server has lost what was made: all is looked at again. */
  lost(): void {
    this.done = false;
  }

  /** Looks whether the set-up is still as it should be. @throws InfluxError */
  async check(): Promise<void> {
    const { transport, source, org, rawDays, warn } = this.parts;
    try {
      await setUpServer({ transport, org, warn }, { api: transport.api, bucket: source.bucket, rawDays });
    } catch (error) {
      // Nothing that was written is wrong: it is the set-up that cannot go on.
      if (error instanceof InfluxError && error.remedy !== 'retry') {
        const details = { cause: error, words: error.words, ...(error.status !== null && { status: error.status }) };
        throw new InfluxError('retry', error.message, details);
      }
      throw error;
    }
  }

  private async make(): Promise<void> {
    const { transport, source, devices, clock, onContact } = this.parts;
    await this.check();
    const epochs = await loadEpochs(transport, rollupsBucket(source.bucket));
    devices.replace(epochs, await newestOfDevices(source, epochs, clock()));
    await onContact?.();
    this.done = true;
  }
}
