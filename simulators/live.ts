import type { DataFlag } from '../src/model/reading.js';
import { readingsTopic } from '../src/model/wire/topic.js';
import type { Fleet, FleetPark } from './fleet.js';
import type { DeviceModel, Values } from './model/device.js';
import type { Truth } from './truth.js';

/** Changes a device's values on their way to the gateway; null sends nothing. */
type Effect = (ts: number, values: Values) => Values | null;
/** The data flags that a device sends with its values, by metric. */
type Flags = Readonly<Record<string, DataFlag>>;
type Flagger = (ts: number) => Flags | null;
/** Sees every reading that is sent. */
export type Observer = (ts: number, values: Values) => void;

interface LiveOptions {
  readonly fleet: Fleet;
  /** Milliseconds between two messages of one device. */
  readonly intervalMs: number;
  readonly now: () => number;
  readonly truth?: Truth;
}

interface Seat {
  readonly park: FleetPark;
  readonly device: DeviceModel;
  readonly topic: string;
  lastTs: number;
}

const TICK_MS = 20;

/** Publishes readings of all devices at their instants, spread evenly over the interval. */
export class LivePublisher {
  readonly stats = { messages: 0, readings: 0, acknowledged: 0, dropped: 0, skipped: 0 };
  private readonly seats: readonly Seat[];
  private readonly byDevice: ReadonlyMap<string, Seat>;
  private readonly effects = new Map<string, readonly Effect[]>();
  private readonly flaggers = new Map<string, readonly Flagger[]>();
  private readonly observers = new Map<string, readonly Observer[]>();
  private readonly actions: { readonly at: number; readonly run: () => void }[] = [];
  private readonly started: number;
  private next = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: LiveOptions) {
    this.seats = interleave(options.fleet);
    this.byDevice = new Map(this.seats.map((seat) => [seat.device.id, seat]));
    this.started = options.now();
  }

  /** Milliseconds between two messages of one device. */
  get intervalMs(): number {
    return this.options.intervalMs;
  }

  /** Lets `effect` change a device's values; the returned function ends it. */
  affect(device: string, effect: Effect): () => void {
    return add(this.effects, device, effect);
  }

  /** Lets `flagger` set a device's flags; the returned function ends it. */
  flag(device: string, flagger: Flagger): () => void {
    return add(this.flaggers, device, flagger);
  }

  /** Shows `observer` what a device sends; the returned function ends it. */
  observe(device: string, observer: Observer): () => void {
    return add(this.observers, device, observer);
  }

  /** Runs `action` once `at` (epoch ms) has come. */
  at(at: number, run: () => void): void {
    this.actions.push({ at, run });
    this.actions.sort((a, b) => a.at - b.at);
  }

  start(): void {
    this.timer = setInterval(() => this.tick(), TICK_MS);
    this.tick();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** Sends a device's reading now, as a device does that reports a change. */
  publishNow(device: string): void {
    const seat = this.byDevice.get(device);
    if (seat === undefined) throw new RangeError(`no device ${device}`);
    this.send(seat, this.options.now());
  }

  /** Runs everything due by now. More than one interval behind, it skips and counts the missed messages. */
  tick(): void {
    const now = this.options.now();
    while (this.actions[0] !== undefined && this.actions[0].at <= now) this.actions.shift()?.run();
    const spacing = this.options.intervalMs / this.seats.length;
    const due = Math.floor((now - this.started) / spacing);
    if (due - this.next > this.seats.length) {
      this.stats.skipped += due - this.next - this.seats.length;
      this.next = due - this.seats.length;
    }
    for (; this.next <= due; this.next += 1) {
      const seat = this.seats[this.next % this.seats.length];
      if (seat !== undefined) this.send(seat, Math.round(this.started + this.next * spacing));
    }
  }

  /** A device has one reading at an instant: a second one takes the next free millisecond. */
  private send(seat: Seat, at: number): void {
    const { truth } = this.options;
    const ts = Math.max(at, seat.lastTs + 1);
    seat.lastTs = ts;
    const { id } = seat.device;
    let values: Values | null = seat.device.values(ts);
    for (const effect of this.effects.get(id) ?? []) values &&= effect(ts, values);
    if (values === null) return;
    const sent = values;
    const flags = Object.assign({}, ...(this.flaggers.get(id) ?? []).map((flagger) => flagger(ts))) as Flags;
    const item = { ts: rfc3339(ts), values: sent, ...(Object.keys(flags).length > 0 && { flags }) };
    const readings = Object.keys(values).length;
    this.stats.messages += 1;
    this.stats.readings += readings;
    truth?.sent(id, ts, sent);
    for (const observer of this.observers.get(id) ?? []) observer(ts, sent);
    seat.park.link.publish(seat.topic, JSON.stringify(item)).then((outcome) => {
      if (outcome === 'dropped') {
        this.stats.dropped += 1;
        return;
      }
      this.stats.acknowledged += 1;
      truth?.acknowledged(id, ts, sent);
    });
  }
}

function add<T>(to: Map<string, readonly T[]>, device: string, one: T): () => void {
  to.set(device, [...(to.get(device) ?? []), one]);
  return () => {
    const left = (to.get(device) ?? []).filter((other) => other !== one);
    if (left.length > 0) to.set(device, left);
    else to.delete(device);
  };
}

/** All devices, alternating between parks, so that load spreads over the gateways. */
function interleave(fleet: Fleet): Seat[] {
  const longest = Math.max(0, ...fleet.map((park) => park.devices.length));
  return Array.from({ length: longest }, (_, i) => i).flatMap((i) =>
    fleet.flatMap((park) => {
      const device = park.devices[i];
      if (device === undefined) return [];
      return [{ park, device, topic: readingsTopic(park.site.id, device.domain, device.id), lastTs: 0 }];
    }),
  );
}

/** RFC 3339 with the parks' own offset. */
export function rfc3339(ts: number): string {
  return `${new Date(ts + 8 * 3_600_000).toISOString().slice(0, -1)}+08:00`;
}
