import type { DeviceKey } from '../../../model/ids.js';
import type { DeviceReadings, Domain, Reading } from '../../../model/reading.js';
import { ExpectedInterval, type IntervalMemory } from './expected-interval.js';

/** Most series of one device tracked apart. */
export const SERIES_PER_DEVICE = 64;

/** A series that stays away for more than this many former intervals no longer keeps them. */
const FORMER_STEPS = 3;

/** One series of a device that does not send all of them with each message. Times are of a monotonic clock. */
interface SeriesLiveness extends Liveness {
  readonly metric: string;
  readonly interval: ExpectedInterval;
  /** Interval while it came with the others, in milliseconds; null once it has shown another. */
  formerMs: number | null;
}

/** A device or a series as the monitor knows it. */
export interface Liveness {
  /** The device key; `{device} {metric}` for a series. */
  readonly id: string;
  at: number;
  /** When the monitor last found it silent. */
  silentSince: number;
  /** Longest silence that counts as normal, in milliseconds; null: not judged. Undefined: unknown to the monitor. */
  boundMs: number | null | undefined;
}

/** The learned intervals of a device in stored form. */
export interface LivenessMemory {
  readonly interval: IntervalMemory;
  readonly usual: readonly string[];
  /** By metric; null while all metrics come together. */
  readonly series: Readonly<
    Record<string, { readonly interval: IntervalMemory; readonly formerMs: number | null }>
  > | null;
}

/**
 * A device as its messages show it. Most devices send the same metrics each time: then one time stands for all their
 * series, and the cost of a message does not depend on their number.
 */
export class DeviceLiveness implements Liveness {
  at = Number.NEGATIVE_INFINITY;
  /** Whether it has reported since the last look. */
  fresh = false;
  silentSince = Number.NEGATIVE_INFINITY;
  boundMs: number | null | undefined = undefined;
  /** The gateway under which the monitor has it; null before. */
  watchedThrough: string | null = null;
  /** Number of its series when the monitor last got them. */
  watchedSeries: number | undefined = undefined;
  /** Series refused at the bound. */
  turnedAway = 0;
  /** Null while all metrics come together. */
  series: Map<string, SeriesLiveness> | null = null;
  /** Metrics of its usual message, in its order. */
  usual: readonly string[] = [];
  readonly interval: ExpectedInterval;

  /** @param memory intervals that an earlier run learned */
  constructor(
    readonly id: DeviceKey,
    readonly park: string,
    readonly domain: Domain,
    public gateway: string,
    memory?: LivenessMemory,
  ) {
    this.interval = new ExpectedInterval(memory?.interval);
    if (memory === undefined) return;
    this.usual = memory.usual;
    if (memory.series === null) return;
    this.series = new Map();
    for (const [metric, { interval, formerMs }] of Object.entries(memory.series)) {
      this.add(metric, Number.NEGATIVE_INFINITY, formerMs, interval);
    }
  }

  save(): LivenessMemory {
    const series = [...(this.series?.values() ?? [])].map(
      ({ metric, interval, formerMs }) => [metric, { interval: interval.save(), formerMs }] as const,
    );
    const { usual } = this;
    return { interval: this.interval.save(), usual, series: this.series === null ? null : Object.fromEntries(series) };
  }

  noteReceipt({ readings, gateway }: DeviceReadings, now: number): void {
    const newest = readings[readings.length - 1];
    if (newest === undefined) return;
    const before = this.at;
    this.at = now;
    this.gateway = gateway;
    this.interval.accept(newest.ts, now);
    if (this.series === null) {
      if (this.isUsual(readings)) return;
      if (this.usual.length === 0) {
        this.usual = readings.map(({ metric }) => metric);
        return;
      }
      this.part(before);
    }
    for (const { metric, ts } of readings) this.acceptSeries(metric, ts, now);
  }

  private isUsual(readings: readonly Reading[]): boolean {
    const { usual } = this;
    if (readings.length !== usual.length) return false;
    for (let index = 0; index < usual.length; index += 1) if (readings[index]!.metric !== usual[index]) return false;
    return true;
  }

  /** Tracks each series by itself from now on. */
  private part(at: number): void {
    this.series = new Map();
    const formerMs = this.interval.estimateMs;
    for (const metric of this.usual) this.add(metric, at, formerMs);
  }

  private add(
    metric: string,
    at: number,
    formerMs: number | null,
    memory?: IntervalMemory,
  ): SeriesLiveness | undefined {
    const known = this.series!.get(metric);
    if (known !== undefined) return known;
    if (this.series!.size >= SERIES_PER_DEVICE) {
      this.turnedAway += 1;
      return undefined;
    }
    const series: SeriesLiveness = {
      id: `${this.id} ${metric}`,
      metric,
      at,
      interval: new ExpectedInterval(memory),
      formerMs,
      silentSince: Number.NEGATIVE_INFINITY,
      boundMs: undefined,
    };
    this.series!.set(metric, series);
    return series;
  }

  private acceptSeries(metric: string, ts: number, now: number): void {
    const series = this.series!.get(metric) ?? this.add(metric, now, null);
    if (series === undefined) return;
    const heardBefore = series.at > Number.NEGATIVE_INFINITY;
    if (heardBefore && series.formerMs !== null && now - series.at > FORMER_STEPS * series.formerMs) {
      series.formerMs = null;
    }
    series.at = now;
    series.interval.accept(ts, now);
  }
}

/** Expected interval of a series in milliseconds; null: unknown. */
export const expectedMs = ({ interval, formerMs }: SeriesLiveness): number | null => interval.estimateMs ?? formerMs;
