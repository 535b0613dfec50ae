import { HOUR_MS, MINUTE_MS, SECOND_MS } from './duration.js';

/**
 * Trust in time: how old, how often, in what order. The one place that says whether a reading is the newest, whether it
 * is live, and for how long it goes on holding; judges, votes, absence, latest values and replays ask here. All times are
 * epoch milliseconds. "Now" is always an argument: the receipt of what is judged, or the clock where time alone passes.
 */

/** Older readings raise no alarm, unless the clock of what sent them is known to lag. */
export const LIVE_WINDOW_MS = 2 * MINUTE_MS;

/** How far ahead of its receipt a reading may be dated. */
export const MAX_AHEAD_MS = 5 * MINUTE_MS;

/**
 * Event time as alarms count it: a reading dated after its receipt counts as of its receipt, so that a clock running
 * ahead cannot make the right readings after it look old.
 */
export function eventTime(ts: number, receivedAt: number): number {
  return Math.min(ts, receivedAt);
}

export function isLate(ts: number, receivedAt: number): boolean {
  return receivedAt - ts > LIVE_WINDOW_MS;
}

/**
 * Whether the newest so far is of the future: event time never passes its receipt, so our clock was set back since. It
 * tells nothing of order then, and what comes next is the newest.
 */
export function isOfFuture(newest: number, now: number): boolean {
  return newest > now;
}

/** Whether something of `at` is older than the newest so far. */
export function isOlder(at: number, newest: number, now: number): boolean {
  return at < newest && !isOfFuture(newest, now);
}

/**
 * Whether the newest value of a series that is shown gives way to one received at `now` whatever its time: it is dated
 * further ahead than anything is taken, or both it and its receipt are of the future.
 */
export function givesWay(newest: { readonly ts: number; readonly receivedAt: number }, now: number): boolean {
  return newest.ts > now && (newest.receivedAt > now || newest.ts > now + MAX_AHEAD_MS);
}

/** What a rule and the registry can say at the least: a shorter step needs no look at what holds for how long. */
export const LEAST_HOLD_MS = SECOND_MS;
/** A value goes on holding for so many of its intervals. */
const INTERVALS = 3;
/** What was learned is no promise: below this no value counts as stale. */
const LEAST_LEARNED_MS = 5 * MINUTE_MS;
/** For what reports on events, or is heard for the first time. */
const UNKNOWN_HOLD_MS = HOUR_MS;

/**
 * For how long a value goes on holding after its reading, while no newer one comes: by what the rule and the registry
 * say, else by the interval that was learned, else for an hour.
 * @param maxGapS of the rule; it never shortens what a slow device needs
 * @param learnedMs from the newest steps alone
 * @param usualMs from many, over restarts too: where the registry says nothing, it tells what a slow device needs
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
 * The interval that the newest steps of event time keep, the newest first, 0: not known; null while none is known, and
 * where they are too uneven to keep one.
 */
export function learnedInterval(a: number, b: number, c: number): number | null {
  if (b === 0) return a === 0 ? null : a;
  if (c === 0) return Math.max(a, b);
  const median = Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
  return Math.max(a, b, c) > INTERVALS * median ? null : median;
}

/** The newest steps in milliseconds, the newest first; 0: not known. */
export type Steps = readonly [number, number, number];

/** How much the lag may waver, and drift with the time over which it is watched. */
const WAVER_MS = 30 * SECOND_MS;
const DRIFT = 0.1;
/** For how long a lag has to stay the same to count as that of a clock. */
const STEADY_MS = MINUTE_MS;

/**
 * Tells a slow clock from a backlog by the age at receipt of what is the newest each time: a slow clock keeps it the
 * same for a minute and more; a backlog catches up, so its age shrinks, or it comes at once. A backlog that is handed in
 * at the pace at which it was recorded looks like a slow clock.
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

  /** By how much the clock lags, in milliseconds; null while it is not known to. */
  get lagMs(): number | null {
    return this.#last - this.#from >= STEADY_MS ? this.#least : null;
  }
}

/** The lag by which something of this age is live: 0 where its age is, null where it came too late. */
export function liveLag(ageMs: number, lag: SteadyLag | null | undefined): number | null {
  if (ageMs <= LIVE_WINDOW_MS) return 0;
  const lagMs = lag?.lagMs ?? null;
  return lagMs !== null && ageMs - lagMs <= LIVE_WINDOW_MS ? lagMs : null;
}

/** How often it is asked what a series usually is, in event time. */
const USUAL_MS = 10 * MINUTE_MS;

/** What is known of the time of one series: its newest reading, how often it comes, and by how much its clock lags. */
export class SeriesClock {
  /** Event time of the newest reading, whatever its quality. */
  newestAt = Number.NEGATIVE_INFINITY;
  #a = 0;
  #b = 0;
  #c = 0;
  /** Only while it is late. */
  #lag: SteadyLag | null = null;
  #usualMs: number | null = null;
  #askedAt = Number.NaN;

  /** @param usual what is known of its interval beside its own steps, in milliseconds */
  constructor(private readonly usual: () => number | null = () => null) {}

  /**
   * The lag by which a reading is live, null where it came too late; to be asked once for each that is late, before
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

  /** Takes a reading in once it is judged. */
  heard(at: number, receivedAt: number): void {
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
   * How often it usually comes, else what its newest steps agree on; null while nobody knows. Not worked out for each
   * reading of a quick series.
   */
  get usualMs(): number | null {
    if (!(this.newestAt - this.#askedAt < USUAL_MS)) {
      this.#askedAt = this.newestAt;
      this.#usualMs = this.usual();
    }
    return this.#usualMs ?? (this.#c === 0 ? null : this.learnedMs);
  }

  /** Takes over what another knew, or what was stored. */
  resume(newestAt: number, [a, b, c]: Steps): void {
    this.newestAt = Math.max(this.newestAt, newestAt);
    this.#a = a;
    this.#b = b;
    this.#c = c;
  }
}
