import { QueryTimedOutError } from '../../historian/port/errors.js';
import type { HistorianQueries } from '../../historian/port/queries.js';
import type { DeviceKey } from '../../model/ids.js';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../model/time/duration.js';
import type { TimeZone } from '../../model/time/zone.js';
import { type Hour, localHour } from '../model/judge/baseline.js';
import type { SignalContext } from '../model/signal/signal.js';
import { errorText, type Log } from '../port.js';
import { type IntervalOf, reachMs, usualInHour } from './usual-hours.js';

export interface LiveBaselinesOptions {
  readonly historian: Pick<HistorianQueries, 'windows'>;
  readonly zone: TimeZone;
  /** Epoch milliseconds. */
  readonly clock: () => number;
  /** Milliseconds of a clock that does not jump. */
  readonly uptime?: () => number;
  readonly log: Log;
  readonly everyMs?: number;
  /** Where an hour says nothing of a series that comes rarely, those around it do; without it there is no such series. */
  readonly intervalOf?: IntervalOf;
  /** Most series that are followed. */
  readonly maxSeries?: number;
}

/** A series and what is known of the hours around now. */
interface Followed {
  readonly device: DeviceKey;
  readonly metric: string;
  readonly weeks: number;
  /** By the begin of the hour. */
  readonly hours: Map<number, { readonly usual: number | null; readonly learnedAt: number }>;
  /** On the clock that does not jump. */
  askedAt: number;
}

/** The next hour is learned in the last minutes of the one before, so that none begins unknown. */
const AHEAD_MS = 10 * MINUTE_MS;
/** What is not known is asked again after this time: the past may have been filled in. */
const UNKNOWN_MS = 15 * MINUTE_MS;
/** A series that nobody asks for is followed no longer. Those that come once a day are followed all the time. */
const IDLE_MS = 26 * HOUR_MS;
const MAX_SERIES = 20_000;
/** Series to a question. */
const AT_ONCE = 200;
const RETRY_MS = [SECOND_MS, 5 * MINUTE_MS] as const;

/**
 * What is usual at this hour, for rules of the signal `deviation`. The engine asks and gets what is known, at once; what
 * is not known yet is learned from the historian in the background, hour by hour.
 */
export class LiveBaselines {
  readonly stats = {
    series: 0,
    /** Questions of series that were not taken on because there are too many. */
    turnedAway: 0,
    /** Questions to the historian that were answered, and that failed. */
    answered: 0,
    failed: 0,
    /** Why nothing can be learned just now; null while it can. */
    failing: null as string | null,
  };
  private readonly byDevice = new Map<string, Followed[]>();
  private readonly uptime: () => number;
  private readonly ending = new AbortController();
  private readonly timer: NodeJS.Timeout;
  private hour: Hour = [0, 0];
  private working: Promise<void> | null = null;
  private retryAt = Number.NEGATIVE_INFINITY;
  private retryMs: number = RETRY_MS[0];
  private atOnce = AT_ONCE;

  constructor(private readonly options: LiveBaselinesOptions) {
    const { uptime = () => performance.now(), everyMs = SECOND_MS } = options;
    this.uptime = uptime;
    this.timer = setInterval(() => void this.work(), everyMs).unref();
  }

  /** Null: not known, or not yet. */
  readonly usual: SignalContext['baseline'] = (device, metric, at, weeks) => {
    if (!(at >= this.hour[0] && at < this.hour[1])) this.hour = localHour(at, this.options.zone);
    const followed = this.find(device as DeviceKey, metric, weeks);
    return followed?.hours.get(this.hour[0])?.usual ?? null;
  };

  /** As `usual`; NaN while the historian has not been asked, or could not answer: then nobody knows yet. */
  readonly known: SignalContext['baseline'] = (device, metric, at, weeks) => {
    const usual = this.usual(device, metric, at, weeks);
    if (usual !== null) return usual;
    const followed = this.followed(device, metric, weeks);
    // A series that there is no room for will never be known.
    return followed === undefined || followed.hours.has(this.hour[0]) ? null : Number.NaN;
  };

  /** Learns what is missing just now; resolves when that is done or has failed. */
  work(): Promise<void> {
    if (this.ending.signal.aborted || this.uptime() < this.retryAt) return Promise.resolve();
    this.working ??= this.learn()
      .then(
        () => this.succeeded(),
        (error) => this.failed(error),
      )
      .finally(() => {
        this.working = null;
      });
    return this.working;
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    this.ending.abort();
    await this.working;
  }

  private find(device: DeviceKey, metric: string, weeks: number): Followed | undefined {
    const found = this.followed(device, metric, weeks);
    if (found !== undefined) {
      found.askedAt = this.uptime();
      return found;
    }
    if (this.stats.series >= (this.options.maxSeries ?? MAX_SERIES)) {
      this.stats.turnedAway += 1;
      return undefined;
    }
    const followed: Followed = { device, metric, weeks, hours: new Map(), askedAt: this.uptime() };
    this.byDevice.set(device, [...(this.byDevice.get(device) ?? []), followed]);
    this.stats.series += 1;
    return followed;
  }

  private followed(device: string, metric: string, weeks: number): Followed | undefined {
    return this.byDevice.get(device)?.find((one) => one.metric === metric && one.weeks === weeks);
  }

  private async learn(): Promise<void> {
    const { historian, zone, clock } = this.options;
    const now = clock();
    const hour = localHour(now, zone);
    const next = localHour(hour[1], zone);
    this.tidy(hour);
    for (const one of now >= hour[1] - AHEAD_MS ? [hour, next] : [hour]) {
      for (const [weeks, missing] of this.missing(one)) {
        while (missing.length > 0) {
          const some = missing.slice(0, this.atOnce);
          const usual = await usualInHour(historian, some, one, weeks, zone, this.ending.signal);
          this.stats.answered += 1;
          await this.lookAround(some, usual, one, weeks);
          missing.splice(0, some.length);
          const learnedAt = this.uptime();
          for (const [index, { hours }] of some.entries()) hours.set(one[0], { usual: usual[index]!, learnedAt });
        }
      }
    }
  }

  /** What the hour itself does not tell of series that come rarely. */
  private async lookAround(some: readonly Followed[], usual: (number | null)[], hour: Hour, weeks: number) {
    const { historian, zone, intervalOf } = this.options;
    if (intervalOf === undefined) return;
    const byReach = new Map<number, number[]>();
    for (const [index, { device, metric }] of some.entries()) {
      const reach = usual[index] === null ? reachMs(intervalOf(device, metric)) : 0;
      if (reach > 0) byReach.set(reach, [...(byReach.get(reach) ?? []), index]);
    }
    for (const [reach, unknown] of byReach) {
      const series = unknown.map((index) => some[index]!);
      const found = await usualInHour(historian, series, hour, weeks, zone, this.ending.signal, reach);
      this.stats.answered += 1;
      for (const [at, index] of unknown.entries()) usual[index] = found[at]!;
    }
  }

  /** By how many weeks they look back. */
  private missing([from]: Hour): Map<number, Followed[]> {
    const now = this.uptime();
    const groups = new Map<number, Followed[]>();
    for (const list of this.byDevice.values()) {
      for (const one of list) {
        const known = one.hours.get(from);
        if (known !== undefined && (known.usual !== null || now - known.learnedAt < UNKNOWN_MS)) continue;
        const group = groups.get(one.weeks);
        if (group) group.push(one);
        else groups.set(one.weeks, [one]);
      }
    }
    return groups;
  }

  /** Forgets hours that are over, but for the last, and series that nobody asks for. */
  private tidy([from]: Hour): void {
    const now = this.uptime();
    for (const [device, list] of this.byDevice) {
      const kept = list.filter((one) => now - one.askedAt < IDLE_MS);
      this.stats.series -= list.length - kept.length;
      if (kept.length === 0) this.byDevice.delete(device);
      else if (kept.length < list.length) this.byDevice.set(device, kept);
      for (const { hours } of kept) {
        for (const start of hours.keys()) if (Math.abs(start - from) > HOUR_MS) hours.delete(start);
      }
    }
  }

  private succeeded(): void {
    this.retryMs = RETRY_MS[0];
    this.atOnce = Math.min(2 * this.atOnce, AT_ONCE);
    if (this.stats.failing === null) return;
    this.stats.failing = null;
    this.options.log.info('baselines can be learned from the historian again');
  }

  private failed(error: unknown): void {
    if (this.ending.signal.aborted) return;
    this.stats.failed += 1;
    if (error instanceof QueryTimedOutError) this.atOnce = Math.max(1, Math.floor(this.atOnce / 2));
    this.retryAt = this.uptime() + this.retryMs;
    this.retryMs = Math.min(2 * this.retryMs, RETRY_MS[1]);
    if (this.stats.failing === null) {
      this.options.log.warn({ err: error }, 'baselines cannot be learned from the historian, trying again');
    }
    this.stats.failing = errorText(error);
  }
}
