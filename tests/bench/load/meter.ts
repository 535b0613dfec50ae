import { readingsTopic } from '../../../src/model/wire/topic.js';
import { type PublishTemplate, publishTemplate } from './packets.js';

/** Readings in one message of an electricity meter. */
export const READINGS_PER_MESSAGE = 10;

const UTC_OFFSET_MS = 8 * 3_600_000;

/** A value with a fixed number of digits; its last `wander` digits change from message to message. */
interface Field {
  readonly metric: string;
  readonly text: string;
  readonly wander: number;
}

const FIELDS: readonly Field[] = [
  { metric: 'active_power_kw', text: '412.37', wander: 4 },
  { metric: 'reactive_power_kvar', text: '118.25', wander: 4 },
  { metric: 'power_factor', text: '0.9412', wander: 3 },
  { metric: 'voltage_a_v', text: '231.4', wander: 2 },
  { metric: 'voltage_b_v', text: '230.8', wander: 2 },
  { metric: 'voltage_c_v', text: '232.1', wander: 2 },
  { metric: 'current_a_a', text: '604.2', wander: 3 },
  { metric: 'current_b_a', text: '598.7', wander: 3 },
  { metric: 'current_c_a', text: '611.5', wander: 3 },
];
const COUNTER = { metric: 'import_energy_kwh', digits: 9 };

/** Writes `digits` decimal digits of a whole number so that the last one lands at `end - 1`; skips one decimal point. */
function writeDigits(into: Buffer, end: number, digits: number, value: number): void {
  let rest = value;
  let at = end - 1;
  for (let left = digits; left > 0; at -= 1) {
    if (into[at] === 0x2e) continue;
    into[at] = 0x30 + (rest % 10);
    rest = (rest / 10) | 0;
    left -= 1;
  }
}

/**
 * One meter's messages: an item of ten readings whose time is now and never repeats, whose values wander and whose
 * energy counter rises. Everything is patched in place in a packet encoded once.
 */
export class MeterMessages {
  readonly length: number;
  private readonly template: PublishTemplate;
  private readonly tsAt: number;
  private readonly fieldEnds: number[] = [];
  private readonly counterEnd: number;
  private lastTs = 0;
  private second = Number.NaN;
  private counter: number;
  private noise: number;

  /** `seed` sets the meter's first values apart from its neighbours'. */
  constructor(park: string, device: string, seed: number) {
    const ts = '2000-01-01T00:00:00.000+08:00';
    let payload = `{"ts":"${ts}","values":{`;
    const ends: number[] = [];
    for (const { metric, text } of FIELDS) {
      payload += `"${metric}":${text}`;
      ends.push(payload.length);
      payload += ',';
    }
    payload += `"${COUNTER.metric}":1000000.00`;
    const counterEnd = payload.length;
    payload += '}}';
    this.template = publishTemplate(readingsTopic(park, 'energy', device), Buffer.from(payload));
    this.length = this.template.bytes.length;
    this.tsAt = this.template.payloadAt + 7;
    this.fieldEnds = ends.map((end) => end + this.template.payloadAt);
    this.counterEnd = counterEnd + this.template.payloadAt;
    this.noise = (seed * 2_654_435_761 + 1) >>> 0;
    this.counter = 100_000_000 + (seed % 1000) * 100_000;
  }

  /** Bytes of the JSON payload. */
  get payloadLength(): number {
    return this.length - this.template.payloadAt;
  }

  /** Writes the next packet at `at` and returns the offset after it. `now` is epoch milliseconds. */
  write(into: Buffer, at: number, packetId: number, now: number): number {
    const { bytes, idAt } = this.template;
    const ts = now > this.lastTs ? now : this.lastTs + 1;
    this.lastTs = ts;
    this.patch(bytes, ts);
    bytes.copy(into, at);
    into[at + idAt] = packetId >> 8;
    into[at + idAt + 1] = packetId & 0xff;
    return at + this.length;
  }

  private patch(bytes: Buffer, ts: number): void {
    const second = Math.floor(ts / 1000);
    if (second !== this.second) {
      this.second = second;
      bytes.write(new Date(second * 1000 + UTC_OFFSET_MS).toISOString().slice(0, 19), this.tsAt, 'latin1');
    }
    writeDigits(bytes, this.tsAt + 23, 3, ts - second * 1000);
    let noise = this.noise;
    for (let i = 0; i < FIELDS.length; i += 1) {
      noise = (Math.imul(noise, 1_664_525) + 1_013_904_223) >>> 0;
      writeDigits(bytes, this.fieldEnds[i] as number, (FIELDS[i] as Field).wander, noise >>> 18);
    }
    this.noise = noise;
    this.counter += 1 + (noise >>> 30);
    writeDigits(bytes, this.counterEnd, COUNTER.digits, this.counter);
  }
}
