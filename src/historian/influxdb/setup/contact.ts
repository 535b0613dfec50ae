import type { DeviceKey } from '../../../model/ids.js';
import { InfluxError } from '../errors.js';
import type { Epoch, InfluxSource } from '../influx-source.js';
import { newestOfDevices } from '../read/load-latest.js';
import { rollupsBucket } from '../schema.js';
import type { Transport } from '../transport.js';
import { type Devices, loadEpochs } from '../write/device-epochs.js';
import { canary } from '../write/halving-writer.js';
import { setUpServer } from './set-up.js';

/** The first writes wait this long for the first queries; not at all if the token may not read. */
const PATIENCE_MS = 30_000;
/** Wait between two tries to read from a server that did not answer; doubles with each failure. */
const [AGAIN_MS, MOST_MS] = [1_000, 60_000];

export interface ContactParts {
  readonly transport: Transport;
  readonly source: InfluxSource;
  readonly devices: Devices;
  readonly org: string | undefined;
  readonly rawDays: number;
  readonly clock: () => number;
  readonly warn: (message: string) => void;
  /** Monotonic milliseconds. */
  readonly steady?: () => number;
  /** Queries whatever else must be known. */
  readonly onLook?: (signal: AbortSignal | undefined) => Promise<void>;
  /** Receives the server's newest time, epoch ms; -Infinity if it has no readings. */
  readonly onSeen?: (newest: number) => void;
}

/** Content of a server. */
interface Seen {
  readonly epochs: ReadonlyMap<DeviceKey, readonly Epoch[]>;
  readonly newest: ReadonlyMap<DeviceKey, number>;
}

/**
 * Prepares the server before any write or query: checks the set-up and reads what it knows of devices. If the server
 * accepts writes but does not answer, for lack of permission or because it is overloaded, writes continue blind: each
 * point is complete, because it may meet an older version of itself.
 */
export class Contact {
  /** Whether `ensure` would resolve at once. */
  done = false;
  /** Why the server's content is unknown while it is written to; null if it is known. */
  blind: InfluxError | null = null;
  private making: Promise<void> | null = null;
  private looking: Promise<void> | null = null;
  private seen: Seen | null = null;
  private lookAt = 0;
  private pauseMs = AGAIN_MS;
  /** When the server was first queried. */
  private since: number | null = null;
  private readonly steady: () => number;

  constructor(private readonly parts: ContactParts) {
    this.steady = parts.steady ?? (() => performance.now());
  }

  /** Prepares the server unless that is done; each call tries again. @throws InfluxError */
  ensure(): Promise<void> {
    if (this.done) return Promise.resolve();
    this.making ??= this.make().finally(() => {
      this.making = null;
    });
    return this.making;
  }

  /** The server lost its set-up: the next `ensure` prepares everything again. */
  lost(): void {
    this.done = false;
  }

  /** A query failed: without permission to read, all others would fail too. What is known of devices stays valid. */
  failed(error: unknown): void {
    if (!this.done || this.blind !== null || !(error instanceof InfluxError)) return;
    if (lacksRight(error)) this.goBlind(error);
  }

  /** Queries a silent server now and then, and reads its content once it answers; no write may be in flight. */
  lookAgain(): void {
    if (!this.done || this.blind === null) return;
    if (this.seen !== null) {
      this.adopt(this.seen);
      this.parts.warn('InfluxDB answers again: history can be read');
    } else if (this.looking === null && this.steady() >= this.lookAt) {
      this.looking = this.look(undefined)
        .then(
          (seen) => {
            if (this.blind !== null) this.seen = seen;
          },
          () => this.waitLonger(),
        )
        .finally(() => {
          this.looking = null;
        });
    }
  }

  /** Checks that the set-up is still correct. @throws InfluxError */
  async check(): Promise<void> {
    const { transport, source, org, rawDays, warn } = this.parts;
    try {
      await setUpServer({ transport, org, warn }, { api: transport.api, bucket: source.bucket, rawDays });
    } catch (error) {
      // The readings are not at fault, only the set-up: they are tried again.
      throw error instanceof InfluxError && error.remedy !== 'retry' ? error.toRetry() : error;
    }
  }

  private async make(): Promise<void> {
    let notSetUp: InfluxError | null = null;
    try {
      await this.check();
    } catch (error) {
      if (!(error instanceof InfluxError) || error.timedOut || !(await this.takesWrites())) throw error;
      // A token that may only write cannot see the whole set-up.
      notSetUp = error;
    }
    this.since ??= this.steady();
    try {
      this.adopt(await this.lookFor(PATIENCE_MS));
    } catch (error) {
      if (!(error instanceof InfluxError)) throw error;
      const reason = lacksRight(error) ? error : (notSetUp ?? error);
      if (!lacksRight(error) && this.steady() - this.since < PATIENCE_MS) throw reason;
      if (!(await this.takesWrites())) throw reason;
      this.parts.devices.forget();
      this.goBlind(reason);
    }
    this.done = true;
  }

  /** Reads the server's content. @throws InfluxError */
  private async look(signal: AbortSignal | undefined): Promise<Seen> {
    const { transport, source, clock, onLook } = this.parts;
    const epochs = await loadEpochs(transport, rollupsBucket(source.bucket), signal);
    const newest = await newestOfDevices(source, epochs, clock(), signal);
    await onLook?.(signal);
    return { epochs, newest };
  }

  private async lookFor(ms: number): Promise<Seen> {
    const signal = AbortSignal.timeout(ms);
    try {
      return await this.look(signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      const message = `InfluxDB at ${this.parts.transport.where} does not report its content within ${ms / 1_000} s`;
      throw new InfluxError('retry', message, { timedOut: true, cause: error });
    }
  }

  private adopt(seen: Seen): void {
    const { devices, onSeen } = this.parts;
    devices.replace(seen.epochs, seen.newest);
    this.blind = null;
    this.seen = null;
    this.since = null;
    this.pauseMs = AGAIN_MS;
    let newest = Number.NEGATIVE_INFINITY;
    for (const ts of seen.newest.values()) newest = Math.max(newest, ts);
    onSeen?.(newest);
  }

  private goBlind(error: InfluxError): void {
    const { warn, source } = this.parts;
    this.blind = error;
    this.seen = null;
    this.waitLonger();
    const { bucket } = source;
    const remedy = lacksRight(error)
      ? `; give INFLUX_TOKEN the permission to read ${bucket} and ${rollupsBucket(bucket)}`
      : '';
    warn(
      'InfluxDB accepts readings but cannot be read: the service writes them, but cannot query, roll up or ' +
        `compare them with the readings that they overwrite${remedy} (${error.message})`,
    );
  }

  private waitLonger(): void {
    this.lookAt = this.steady() + this.pauseMs;
    this.pauseMs = Math.min(MOST_MS, this.pauseMs * 2);
  }

  private async takesWrites(): Promise<boolean> {
    const { transport, source, clock } = this.parts;
    try {
      await transport.write(source.bucket, canary(clock()));
      return true;
    } catch {
      return false;
    }
  }
}

const lacksRight = (error: unknown): boolean =>
  error instanceof InfluxError && (error.status === 401 || error.status === 403);
