/** A device with its watched series. */
export interface WatchedDevice {
  readonly id: string;
  /** Last receipt of any of its series. */
  last: number;
  /** Number of watched series; the device goes with the last one. */
  series: number;
}

/** A series under watch; times are milliseconds of a monotonic clock. */
export interface WatchedSeries {
  readonly id: string;
  readonly device: WatchedDevice;
  readonly gateway: WatchedGateway;
  /** Longest silence that counts as normal; Infinity where it is not judged. */
  readonly boundMs: number;
  last: number;
  /** Start of its full bound: service start, begin of the watch, return of its gateway. */
  grace: number;
  silent: boolean;
  /** No longer watched, though the heap may still hold it. */
  gone: boolean;
}

export function dueOf(series: WatchedSeries): number {
  return Math.max(series.last, series.grace) + series.boundMs;
}

/** Whether it has reported since `grace`, so that its gateway's silence can be measured by it. */
function isLive(series: WatchedSeries): boolean {
  return !series.silent && series.last >= series.grace && series.boundMs < Number.POSITIVE_INFINITY;
}

/** Whether it was not overdue at `from`, and had missed two of its three intervals by `to`. */
function wentOverdue(series: WatchedSeries, from: number, to: number): boolean {
  const due = dueOf(series);
  return due > from && due - series.boundMs / 3 <= to;
}

/** A gateway with the series that come through it. */
export class WatchedGateway {
  readonly series = new Set<WatchedSeries>();
  /** Overdue series; only the gateway's next message shows whether they or the gateway are silent. */
  readonly parked = new Set<WatchedSeries>();
  state: 'ok' | 'down' | 'silent' = 'ok';
  offlineSince: number | null = null;
  lastReceiptAt = Number.NEGATIVE_INFINITY;
  #boundMs = Number.NaN;
  #shortestMs = Number.POSITIVE_INFINITY;

  constructor(
    readonly id: string,
    /** Since when it could report: service start, or its last return. */
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
    return Math.max(this.lastReceiptAt, this.since);
  }

  /** Whether nothing has come through for the shortest bound of its series: worth a closer look. */
  isQuiet(now: number): boolean {
    return now - this.quietSince >= this.#shortestMs;
  }

  /** Number of series that `boundMs` must look at; 0 while its result is cached. */
  get toMeasure(): number {
    return Number.isNaN(this.#boundMs) ? this.series.size : 0;
  }

  /**
   * Longest silence of the whole gateway that counts as normal: the longest bound of the series that are live or still
   * in grace, but no more than `mostMs`, unless even the shortest bound of the live ones is longer: one daily figure
   * must not hide a dead gateway for days.
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
    // A gateway without series is never silent.
    if (longest === 0) return Number.POSITIVE_INFINITY;
    const floor = Math.max(shortestLive < Number.POSITIVE_INFINITY ? shortestLive : shortest, mostMs);
    return Math.min(longestAble > 0 ? longestAble : longest, floor);
  }

  /** One of its series went silent: the others measure the gateway. */
  lost(): void {
    this.#boundMs = Number.NaN;
  }

  /**
   * Notes a receipt at `at`. After a time in which all series were mute, those that went overdue in it get their full
   * bound again: the gateway was mute, not they. All were mute when a live series missed two of its three intervals; a
   * series in grace that stays away proves nothing.
   */
  noteReceipt(at: number): void {
    const before = this.lastReceiptAt;
    this.lastReceiptAt = at;
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

  giveGrace(at: number): void {
    for (const series of this.series) series.grace = Math.max(series.grace, at);
  }
}
