import { HOUR_MS, MINUTE_MS, SECOND_MS } from './duration.js';

/**
 * Trust in time: age, interval and order of readings. This file alone decides whether a reading is the newest, whether
 * it is live, and for how long its value holds; rules, votes, absence, latest values and replays use it. All times are
 * epoch milliseconds. "Now" is always an argument: the receipt of the reading, or the clock when only time has passed.
 */

/** An older reading raises no alarm, unless its sender's clock is known to lag. */
export const LIVE_WINDOW_MS = 2 * MINUTE_MS;

/** How far ahead of its receipt a reading's time may be. */
export const MAX_AHEAD_MS = 5 * MINUTE_MS;

/**
 * Event time as alarms use it: a reading dated after its receipt counts as of its receipt, so that a clock that runs
 * ahead cannot make later right readings look old.
 */
export function eventTime(ts: number, receivedAt: number): number {
  return Math.min(ts, receivedAt);
}

export function isLate(ts: number, receivedAt: number): boolean {
  return receivedAt - ts > LIVE_WINDOW_MS;
}

/**
 * Whether the newest reading lies in the future. Event time never passes its receipt, so that the service's clock must
 * have been set back: the time then gives no order, and the next reading is the newest.
 */
export function isOfFuture(newest: number, now: number): boolean {
  return newest > now;
}

/** Whether a reading of time `at` is older than the newest so far. */
export function isOlder(at: number, newest: number, now: number): boolean {
  return at < newest && !isOfFuture(newest, now);
}

/**
 * Whether a reading received at `now` replaces the latest value of its series whatever its time: the latest is dated
 * further ahead than ingest allows, or both its time and its receipt are in the future.
 */
export function givesWay(newest: { readonly ts: number; readonly receivedAt: number }, now: number): boolean {
  return newest.ts > now && (newest.receivedAt > now || newest.ts > now + MAX_AHEAD_MS);
}

/** The shortest hold that a rule or the registry can set: a shorter step needs no look-up of the hold. */
export const LEAST_HOLD_MS = SECOND_MS;
/** A value holds for this many of its intervals. */
const INTERVALS = 3;
/** A learned interval is no promise: no value counts as stale before this. */
const LEAST_LEARNED_MS = 5 * MINUTE_MS;
/** For a device that reports on events only, or a first reading. */
const UNKNOWN_HOLD_MS = HOUR_MS;

/**
 * For how long a value holds after its reading while no newer one arrives: by the rule and the registry, else by the
 * learned interval, else for an hour.
 * @param maxGapS of the rule; it never shortens what a slow device needs
 * @param learnedMs from the newest steps alone
 * @param usualMs from many steps, also across restarts: the interval of a slow device where the registry has none
 */
export function holdMs(
  maxGapS: number | null,
  expectedIntervalS: number | null,
  learnedMs: number | null,
  usualMs: number | null = null,
): number {
  const said = Math.max(maxGapS ?? 0, INTERVALS * (expectedIntervalS ?? 0)) * SECOND_MS;
  if (said > 0) return expectedIntervalS === null ? Math.max(said, INTERVALS * (usualMs ?? 0)) : said;
  const intervalMs = learnedMs ?? usualMs;
  return intervalMs === null ? UNKNOWN_HOLD_MS : Math.max(LEAST_LEARNED_MS, INTERVALS * intervalMs);
}

/**
 * The common interval of the newest steps of event time, the newest first; 0 means unknown. Null when no step is known,
 * and when the steps are too uneven.
 */
export function learnedInterval(a: number, b: number, c: number): number | null {
  if (b === 0) return a === 0 ? null : a;
  if (c === 0) return Math.max(a, b);
  const median = Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
  return Math.max(a, b, c) > INTERVALS * median ? null : median;
}

/** The newest steps in milliseconds, the newest first; 0 means unknown. */
export type Steps = readonly [number, number, number];

/** How much the lag may vary, and its drift over the time of observation. */
const WAVER_MS = 30 * SECOND_MS;
const DRIFT = 0.1;
/** For how long a lag must stay the same to count as that of a clock. */
const STEADY_MS = MINUTE_MS;

/**
 * Tells a slow clock from a backlog by the age at receipt of each newest reading. A slow clock keeps the age constant
 * for a minute or more; the age in a backlog shrinks, or all its readings arrive at once. A backlog replayed at the
 * pace of its recording looks like a slow clock.
 */
export class SteadyLag {
  #from = Number.NaN;
  #last = Number.NaN;
  #least = 0;
  #most = 0;

  accept(ageMs: number, receivedAt: number): void {
    if (receivedAt >= this.#last) {
      const least = Math.min(this.#least, ageMs);
      const most = Math.max(this.#most, ageMs);
      if (most - least <= WAVER_MS + DRIFT * (receivedAt - this.#from)) {
        [this.#last, this.#least, this.#most] = [receivedAt, least, most];
        return;
      }
    }
    this.#from = this.#last = receivedAt;
    this.#least = this.#most = ageMs;
  }

  /** The clock's lag in milliseconds; null while none is proven. */
  get lagMs(): number | null {
    return this.#last - this.#from >= STEADY_MS ? this.#least : null;
  }
}

/** Clock lag with which a reading of this age is live: 0 when the age alone suffices, null when it is too late. */
export function liveLag(ageMs: number, lag: SteadyLag | null | undefined): number | null {
  if (ageMs <= LIVE_WINDOW_MS) return 0;
  const lagMs = lag?.lagMs ?? null;
  return lagMs !== null && ageMs - lagMs <= LIVE_WINDOW_MS ? lagMs : null;
}

/** How often `usual` is called, in event time. */
const USUAL_MS = 10 * MINUTE_MS;

/** Timing of one series: its newest reading, its interval, and the lag of its clock. */
export class SeriesClock {
  /** Event time of the newest reading, whatever its quality. */
  newestAt = Number.NEGATIVE_INFINITY;
  #a = 0;
  #b = 0;
  #c = 0;
  /** Set only while the readings are late. */
  #lag: SteadyLag | null = null;
  #usualMs: number | null = null;
  #askedAt = Number.NaN;

  /** @param usual the interval from other sources than its own steps, in milliseconds */
  constructor(private readonly usual: () => number | null = () => null) {}

  /**
   * The clock's lag with which a reading is live, null when it is too late. Call it once for each late reading, before
   * `heard`.
   */
  lagOf(ts: number, receivedAt: number): number | null {
    const ageMs = receivedAt - ts;
    if (ageMs > LIVE_WINDOW_MS && !isOlder(eventTime(ts, receivedAt), this.newestAt, receivedAt)) {
      this.#lag ??= new SteadyLag();
      this.#lag.accept(ageMs, receivedAt);
    }
    return liveLag(ageMs, this.#lag);
  }

  /** Records a reading after its evaluation. */
  noteReceipt(at: number, receivedAt: number): void {
    const newest = this.newestAt;
    if (at > newest) {
      if (newest > 0) {
        this.#c = this.#b;
        this.#b = this.#a;
        this.#a = at - newest;
      }
    } else if (!(newest > receivedAt)) return;
    this.newestAt = at;
    if (this.#lag !== null && receivedAt - at <= LIVE_WINDOW_MS) this.#lag = null;
  }

  get steps(): Steps {
    return [this.#a, this.#b, this.#c];
  }

  get learnedMs(): number | null {
    return learnedInterval(this.#a, this.#b, this.#c);
  }

  /**
   * The usual interval, else that of its newest steps; null while both are unknown. Cached, because a quick series
   * would compute it for each reading.
   */
  get usualMs(): number | null {
    if (!(this.newestAt - this.#askedAt < USUAL_MS)) {
      this.#askedAt = this.newestAt;
      this.#usualMs = this.usual();
    }
    return this.#usualMs ?? (this.#c === 0 ? null : this.learnedMs);
  }

  /** Restores the state of another clock, or a stored one. */
  resume(newestAt: number, [a, b, c]: Steps): void {
    this.newestAt = Math.max(this.newestAt, newestAt);
    this.#a = a;
    this.#b = b;
    this.#c = c;
  }
}
