import type { DeviceKey } from '../../../model/ids.js';
import type { DeviceReadings, Domain, Reading } from '../../../model/reading.js';
import { epochAt } from '../influx-source.js';
import type { Cursor } from './cursor.js';
import type { DeviceState, Devices } from './device-epochs.js';
import { DELAY_ASSIGNMENT, MetricText, statusLiteral } from './line-protocol.js';

/** District and enterprise of a device, by its park and registration; an empty text for no enterprise. */
export type TagsOf = (device: DeviceKey) => { readonly district: string; readonly enterprise: string };

interface EncoderParts {
  readonly devices: Devices;
  readonly tagsOf: TagsOf;
  /** Readings before `keptFrom` are not written, unless `reopenDay` accepts their day: the server would drop them. */
  readonly cursor: Pick<Cursor, 'keptFrom' | 'reopenDay'>;
  /** Called once for each metric of a domain. */
  readonly onMetric: (domain: Domain, metric: string) => void;
}

/** Readings as lines, in the order in which they must take effect. */
export interface Encoded {
  readonly first: string;
  /** Corrections of points in `first` or of earlier points. */
  readonly then: string;
  /** Reverts the encoding after a refused write: the next one begins where this one began. Undo the newest first. */
  undo(): void;
}

/** A reading whose point is or may be on the server. */
interface Late {
  readonly reading: Reading;
  readonly receivedAt: number;
}

/**
 * Encodes readings as lines. A point newer than all others of its device is short: values, one delay, and the status of
 * readings that are not good. Any other point may meet an older version of itself, so that it has all values, statuses
 * and delays; so has every point while the server's content is unknown. The later receipt wins, metric by metric,
 * without a read.
 */
export class Encoder {
  private readonly texts = new Map<Domain, Map<string, MetricText>>();
  private encodings = 0;
  private points = 0;
  /** Readings left out because they are before retention. */
  ignored = 0;

  constructor(private readonly parts: EncoderParts) {}

  encode(messages: readonly DeviceReadings[]): Encoded {
    this.encodings += 1;
    const work = new Work(this.encodings);
    const { keptFrom } = this.parts.cursor;
    for (const message of messages) this.message(message, keptFrom, work);
    return work.encoded(this);
  }

  text(domain: Domain, metric: string): MetricText {
    const metrics = of(this.texts, domain);
    let text = metrics.get(metric);
    if (text === undefined) {
      text = new MetricText(metric);
      metrics.set(metric, text);
      this.parts.onMetric(domain, metric);
    }
    return text;
  }

  private message(message: DeviceReadings, keptFrom: number, work: Work): void {
    const { readings, receivedAt } = message;
    const state = this.parts.devices.state(message.device);
    for (let from = 0; from < readings.length; ) {
      const { ts } = readings[from]!;
      let to = from + 1;
      while (to < readings.length && readings[to]!.ts === ts) to += 1;
      if (ts < keptFrom && !this.parts.cursor.reopenDay(ts)) this.ignored += to - from;
      else if (ts > state.newest) this.newPoint(message, state, from, to, work);
      else {
        if (state.epochs.length === 0) this.moveTo(message, state, ts);
        for (let i = from; i < to; i += 1) work.late(state, readings[i]!, receivedAt);
      }
      from = to;
    }
  }

  /** Encodes readings `from` to `to` of the message: one time, after all others of the device. */
  private newPoint(message: DeviceReadings, state: DeviceState, from: number, to: number, work: Work): void {
    const { readings, domain, receivedAt } = message;
    const { ts } = readings[from]!;
    this.moveTo(message, state, ts);
    this.points += 1;
    const point = this.points;
    const { blind } = this.parts.devices;
    let fields = '';
    for (let i = from; i < to; i += 1) {
      const reading = readings[i]!;
      const text = this.text(domain, reading.metric);
      if (text.point === point) {
        work.late(state, reading, receivedAt);
        continue;
      }
      text.point = point;
      if (!Number.isFinite(reading.value)) continue;
      fields += fields === '' ? text.value : `,${text.value}`;
      fields += reading.value;
      if (blind || reading.flag !== 'N' || reading.quality !== 'good') {
        fields += text.status + statusLiteral(reading.flag, reading.quality);
      }
      if (blind) fields += `${text.delay}${receivedAt - ts}i`;
    }
    if (fields === '') return;
    work.first += `${epochAt(state.epochs, ts).key}${fields}${DELAY_ASSIGNMENT}${receivedAt - ts}i ${ts}\n`;
    work.advance(state, ts);
  }

  /** Begins an epoch behind the newest point if the device's origin or tags changed. */
  private moveTo({ device, park, domain }: DeviceReadings, state: DeviceState, ts: number): void {
    const { district, enterprise } = this.parts.tagsOf(device);
    const last = state.epochs.at(-1);
    if (
      last !== undefined &&
      last.park === park &&
      last.domain === domain &&
      last.district === district &&
      last.enterprise === enterprise
    ) {
      return;
    }
    this.parts.devices.begin(state, ts, { park, district, enterprise, domain });
  }
}

/** State of one encoding. */
class Work {
  first = '';
  private readonly moved: { readonly state: DeviceState; readonly newest: number }[] = [];
  /** By device, time and metric: the later receipt replaces the earlier. */
  private readonly lateOnes = new Map<DeviceState, Map<number, Map<string, Late>>>();

  constructor(private readonly id: number) {}

  advance(state: DeviceState, ts: number): void {
    if (state.changedBy !== this.id) {
      this.moved.push({ state, newest: state.newest });
      state.changedBy = this.id;
    }
    state.newest = ts;
    if (ts > state.tried) state.tried = ts;
  }

  late(state: DeviceState, reading: Reading, receivedAt: number): void {
    if (!Number.isFinite(reading.value)) return;
    of(of(this.lateOnes, state), reading.ts).set(reading.metric, { reading, receivedAt });
  }

  encoded(encoder: Encoder): Encoded {
    let then = '';
    for (const [state, points] of this.lateOnes) {
      for (const [ts, point] of points) {
        const { key, domain } = epochAt(state.epochs, ts);
        let fields = '';
        for (const [metric, { reading, receivedAt }] of point) {
          const text = encoder.text(domain, metric);
          fields += `${fields === '' ? '' : ','}${text.value}${reading.value}`;
          fields += `${text.status}${statusLiteral(reading.flag, reading.quality)}${text.delay}${receivedAt - ts}i`;
        }
        then += `${key}${fields} ${ts}\n`;
      }
    }
    const { first, moved } = this;
    const undo = () => {
      for (const { state, newest } of moved) state.newest = newest;
    };
    return { first, then, undo };
  }
}

/** The inner map of a key, created if missing. */
function of<K, L, V>(maps: Map<K, Map<L, V>>, key: K): Map<L, V> {
  let map = maps.get(key);
  if (map === undefined) {
    map = new Map();
    maps.set(key, map);
  }
  return map;
}
