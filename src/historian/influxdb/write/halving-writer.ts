import type { DeviceReadings } from '../../../model/reading.js';
import type { KeepRefused, RefusedReadings } from '../../port/store.js';
import { InfluxError } from '../errors.js';
import type { InfluxSource } from '../influx-source.js';
import { CANARY, rollupsBucket } from '../schema.js';
import type { Devices } from './device-epochs.js';
import type { Encoded, Encoder } from './encoder.js';

/** Most refused readings in memory before they go to quarantine. */
const MAX_REFUSED_HELD = 1_000;
const CANARY_SLOT_MS = 3_600_000;

/** A line that any healthy server accepts; `now` in epoch ms. */
export const canary = (now: number) => `${CANARY} value=1 ${Math.floor(now / CANARY_SLOT_MS) * CANARY_SLOT_MS}`;

interface DeliveryParts {
  readonly source: InfluxSource;
  readonly devices: Devices;
  readonly encoder: Encoder;
  readonly keepRefused: KeepRefused;
  readonly clock: () => number;
  /** Called when the server finds a write too large. */
  readonly onTooLarge: () => void;
}

/**
 * Writes readings to the server. If it refuses some because of their content, halving finds them and quarantine keeps
 * them; all others are written. A part accepted before the failure is written again, which changes nothing.
 */
export class HalvingWriter {
  constructor(private readonly parts: DeliveryParts) {}

  /** Writes an encoding; if it throws, the caller has to undo the encoding. @throws InfluxError */
  async send(encoded: Encoded): Promise<void> {
    const { devices, source } = this.parts;
    const { transport, bucket } = source;
    const { first, then } = encoded;
    await devices.writeEpochs((lines) => this.writeOwn(rollupsBucket(bucket), lines));
    // In 1.x and 2.x the later of two lines wins; in 3 Core that is certain only for two requests.
    const bodies = transport.api === 'v3' ? [first, then] : [first + then];
    for (const body of bodies) if (body !== '') await transport.write(bucket, body);
  }

  /** Writes the acceptable ones of messages refused together. @throws InfluxError when only a retry helps */
  async sort(messages: readonly DeviceReadings[], error: InfluxError): Promise<void> {
    const refused: RefusedReadings[] = [];
    await this.halves(messages, error, refused);
    if (refused.length > 0) await this.parts.keepRefused(refused);
  }

  private async halves(messages: readonly DeviceReadings[], error: InfluxError, refused: RefusedReadings[]) {
    if (error.remedy === 'retry') throw error;
    if (error.remedy === 'too_large') this.parts.onTooLarge();
    const halves = halve(messages);
    if (halves === null) {
      await this.refuse(messages[0]!, refused);
      return;
    }
    for (const half of halves) {
      const failure = await this.tryAll(half);
      if (failure !== null) await this.halves(half, failure, refused);
    }
  }

  private async tryAll(messages: readonly DeviceReadings[]): Promise<InfluxError | null> {
    const encoded = this.parts.encoder.encode(messages);
    try {
      await this.send(encoded);
      return null;
    } catch (error) {
      encoded.undo();
      if (error instanceof InfluxError) return error;
      throw error;
    }
  }

  /** A reading is bad only if the server accepts another line at the same moment, but not this one. */
  private async refuse(message: DeviceReadings, refused: RefusedReadings[]): Promise<void> {
    await this.writeOwn(this.parts.source.bucket, canary(this.parts.clock()));
    const failure = await this.tryAll([message]);
    if (failure === null) return;
    if (failure.remedy === 'retry') throw failure;
    refused.push({ message, reason: failure.words });
    if (refused.length >= MAX_REFUSED_HELD) await this.parts.keepRefused(refused.splice(0));
  }

  /** Writes lines of our own making. */
  private async writeOwn(bucket: string, lines: string): Promise<void> {
    try {
      await this.parts.source.transport.write(bucket, lines);
    } catch (error) {
      throw error instanceof InfluxError ? error.asServersFault() : error;
    }
  }
}

/** Halves messages, in order, down to single readings; null for a single reading. */
function halve(messages: readonly DeviceReadings[]): readonly (readonly DeviceReadings[])[] | null {
  if (messages.length > 1) {
    const middle = messages.length >> 1;
    return [messages.slice(0, middle), messages.slice(middle)];
  }
  const [message] = messages;
  const { readings } = message!;
  if (readings.length < 2) return null;
  const middle = readings.length >> 1;
  return [readings.slice(0, middle), readings.slice(middle)].map((half) => [{ ...message!, readings: half }]);
}
