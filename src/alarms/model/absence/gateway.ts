/** A device as its watched series know it. */
export interface WatchedDevice {
  readonly id: string;
  /** When anything of it was last heard. */
  last: number;
  /** Its watched series; it is forgotten with the last of them. */
  series: number;
}

/** A series under watch; times are milliseconds of a monotonic clock. */
export interface WatchedSeries {
  readonly id: string;
  readonly device: WatchedDevice;
  readonly gateway: WatchedGateway;
  /** How long it may say nothing; Infinity where it is not judged. */
  readonly boundMs: number;
  last: number;
  /** It is given its full bound from here: service start, begin of the watch, return of its gateway. */
  grace: number;
  silent: boolean;
  /** No longer watched, though the heap may still hold it. */
  gone: boolean;
}

/** When a series is overdue. */
export function dueOf(series: WatchedSeries): number {
  return Math.max(series.last, series.grace) + series.boundMs;
}

/** Heard since it was last given grace: what others of its gateway can be measured by. */
function isLive(series: WatchedSeries): boolean {
  return !series.silent && series.last >= series.grace && series.boundMs < Number.POSITIVE_INFINITY;
}

/** Whether it had not been overdue at `from`, and had missed two of its three intervals by `to`. */
function wentOverdue(series: WatchedSeries, from: number, to: number): boolean {
  const due = dueOf(series);
  return due > from && due - series.boundMs / 3 <= to;
}

/** A gateway with the series that come through it. */
export class WatchedGateway {
  readonly series = new Set<WatchedSeries>();
  /** Overdue series that wait until the gateway is heard, which alone tells their silence from the gateway's. */
  readonly parked = new Set<WatchedSeries>();
  state: 'ok' | 'down' | 'silent' = 'ok';
  offlineSince: number | null = null;
  lastHeard = Number.NEGATIVE_INFINITY;
  #boundMs = Number.NaN;
  #shortestMs = Number.POSITIVE_INFINITY;

  constructor(
    readonly id: string,
    /** From when on it could be heard: service start, or when it was last back. */
    public since: number,
  ) {}

  /** Whether its series can be judged. */
  get speaks(): boolean {
    return this.state === 'ok' && this.offlineSince === null;
  }

  add(series: WatchedSeries): void {
    if (this.series.size === 0) this.since = Math.max(this.since, series.grace);
    this.series.add(series);
    this.#shortestMs = Math.min(this.#shortestMs, series.boundMs);
    this.#boundMs = Number.NaN;
  }

  remove(series: WatchedSeries): void {
    this.series.delete(series);
    this.parked.delete(series);
    this.#boundMs = Number.NaN;
  }

  /** The time from which the gateway's own silence counts. */
  get quietSince(): number {
    return Math.max(this.lastHeard, this.since);
  }

  /** Whether nothing has come through for as long as one of its series may be silent: worth a closer look. */
  isQuiet(now: number): boolean {
    return now - this.quietSince >= this.#shortestMs;
  }

  /** How many series `boundMs` has to look at; 0 while it remembers. */
  get toMeasure(): number {
    return Number.isNaN(this.#boundMs) ? this.series.size : 0;
  }

  /**
   * How long nothing at all may come through it: the longest bound of the series that are live or still have their
   * grace, but no more than `mostMs` unless even the shortest bound of the live ones is longer: one daily figure must
   * not hide a dead gateway for days.
   */
  boundMs(mostMs: number): number {
    if (Number.isNaN(this.#boundMs)) this.#boundMs = this.#measure(mostMs);
    return this.#boundMs;
  }

  #measure(mostMs: number): number {
    const { quietSince } = this;
    let [shortest, shortestLive] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    let [longest, longestAble] = [0, 0];
    for (const series of this.series) {
      const { boundMs } = series;
      if (boundMs === Number.POSITIVE_INFINITY) continue;
      const live = isLive(series);
      shortest = Math.min(shortest, boundMs);
      longest = Math.max(longest, boundMs);
      if (live) shortestLive = Math.min(shortestLive, boundMs);
      if (live || (!series.silent && dueOf(series) > quietSince)) longestAble = Math.max(longestAble, boundMs);
    }
    // Without series it is never silent.
    if (longest === 0) return Number.POSITIVE_INFINITY;
    const floor = Math.max(shortestLive < Number.POSITIVE_INFINITY ? shortestLive : shortest, mostMs);
    return Math.min(longestAble > 0 ? longestAble : longest, floor);
  }

  /** One of its series went silent: the gateway is measured by the others. */
  lost(): void {
    this.#boundMs = Number.NaN;
  }

  /**
   * Takes note that something came through at `at`. After a time in which all were mute, those that went overdue in it
   * get their bound anew: the gateway was mute, not they. All were mute when a series that had been heard missed two
   * of its three intervals; one that was given grace and stayed away proves nothing.
   */
  heard(at: number): void {
    const before = this.lastHeard;
    this.lastHeard = at;
    this.#boundMs = Number.NaN;
    if (before === Number.NEGATIVE_INFINITY) {
      this.giveGrace(at);
      return;
    }
    if (at - before < (this.#shortestMs * 2) / 3) return;
    let mute = false;
    for (const series of this.series) mute ||= isLive(series) && wentOverdue(series, before, at);
    if (!mute) return;
    for (const series of this.series) if (wentOverdue(series, before, at)) series.grace = at;
  }

  /** Gives every series its full bound from `at`. */
  giveGrace(at: number): void {
    for (const series of this.series) series.grace = Math.max(series.grace, at);
  }
}
