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

function shortestOf(list: readonly WatchedSeries[]): number {
  return list.reduce((least, { boundMs }) => Math.min(least, boundMs), Number.POSITIVE_INFINITY);
}

/** Infinity for none: a gateway without series is never silent. */
function longestOf(list: readonly WatchedSeries[]): number {
  return list.reduce((most, { boundMs }) => Math.max(most, boundMs), list.length > 0 ? 0 : Number.POSITIVE_INFINITY);
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

  /** Whether nothing has come through for longer than `boundMs`. */
  isMute(now: number, mostMs: number): boolean {
    const quiet = now - this.quietSince;
    return quiet >= this.#shortestMs && quiet >= this.boundMs(mostMs);
  }

  /**
   * How long nothing at all may come through it: the longest bound of the series that are live or still have their
   * grace, but no more than `mostMs` unless even the shortest bound of the live ones is longer: one daily figure must
   * not hide a dead gateway for days.
   */
  boundMs(mostMs: number): number {
    if (Number.isNaN(this.#boundMs)) {
      const judged = [...this.series].filter((one) => one.boundMs < Number.POSITIVE_INFINITY);
      const live = judged.filter(isLive);
      const able = judged.filter((one) => !one.silent && (isLive(one) || dueOf(one) > this.quietSince));
      const longest = longestOf(able.length > 0 ? able : judged);
      this.#boundMs = Math.min(longest, Math.max(shortestOf(live.length > 0 ? live : judged), mostMs));
    }
    return this.#boundMs;
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
    const lost = [...this.series].filter((one) => dueOf(one) > before && dueOf(one) - one.boundMs / 3 <= at);
    if (lost.some(isLive)) for (const series of lost) series.grace = at;
  }

  /** Gives every series its full bound from `at`. */
  giveGrace(at: number): void {
    for (const series of this.series) series.grace = Math.max(series.grace, at);
  }
}
