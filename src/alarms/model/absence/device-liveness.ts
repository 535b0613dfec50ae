import type { DeviceKey } from '../../../model/ids.js';
import type { DeviceReadings, Domain, Reading } from '../../../model/reading.js';
import { ExpectedInterval, type IntervalMemory } from './expected-interval.js';

/** Most series of one device that are followed apart. */
export const SERIES_PER_DEVICE = 64;

/** A series that stays away for more than this many of its former intervals no longer keeps them. */
const FORMER_STEPS = 3;

/** One series of a device that does not send all of them with each message. Times are those of a clock that does not jump. */
interface SeriesLiveness extends Watched {
  readonly metric: string;
  readonly interval: ExpectedInterval;
  /** As it was while it came with the others, in milliseconds; null once it has shown another. */
  formerMs: number | null;
}

/** A device or a series as the monitor knows it. */
export interface Watched {
  /** Of the device; `{device} {metric}` of a series. */
  readonly id: string;
  at: number;
  /** When it was last found silent. */
  silentSince: number;
  /** How long it may say nothing, in milliseconds; null: it is not judged. Undefined: the monitor does not know it. */
  boundMs: number | null | undefined;
}

/** What was learned of a device, as it outlives a restart. */
export interface LivenessMemory {
  readonly interval: IntervalMemory;
  readonly usual: readonly string[];
  /** By metric; null while all come together. */
  readonly series: Readonly<
    Record<string, { readonly interval: IntervalMemory; readonly formerMs: number | null }>
  > | null;
}

/**
 * A device as its messages show it. Most devices send the same metrics each time: then one time stands for all of their
 * series, and what a message costs does not depend on how many they are.
 */
export class DeviceLiveness implements Watched {
  at = Number.NEGATIVE_INFINITY;
  /** Heard since the last look. */
  fresh = false;
  /** When it was last found silent. */
  silentSince = Number.NEGATIVE_INFINITY;
  boundMs: number | null | undefined = undefined;
  /** The gateway under which the monitor has it; null before it does. */
  watchedThrough: string | null = null;
  /** How many series it had when the monitor was told of them. */
  watchedSeries: number | undefined = undefined;
  /** Series turned away by the bound. */
  turnedAway = 0;
  /** Null while all come together. */
  series: Map<string, SeriesLiveness> | null = null;
  /** Metrics of its usual message, in its order. */
  usual: readonly string[] = [];
  readonly interval: ExpectedInterval;

  /** @param memory what an earlier run learned of it */
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

  heard({ readings, gateway }: DeviceReadings, now: number): void {
    const newest = readings[readings.length - 1];
    if (newest === undefined) return;
    const before = this.at;
    this.at = now;
    this.gateway = gateway;
    this.interval.take(newest.ts, now);
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

  /** From now on each series is followed by itself. */
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
    series.interval.take(ts, now);
  }
}

/** What is expected of a series in milliseconds; null: nothing. */
export const expectedMs = ({ interval, formerMs }: SeriesLiveness): number | null => interval.estimateMs ?? formerMs;
