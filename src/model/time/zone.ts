import { DAY_MS, MINUTE_MS } from './duration.js';

/** Offsets of one UTC day in a zone: `before` applies until `change`, `after` from then on. All in ms. */
interface DayOffsets {
  readonly before: number;
  readonly change: number;
  readonly after: number;
}

/** Days cached per zone; a full cache is cleared, so that it never grows with the range of a query. */
export const CACHED_DAYS = 4096;

/**
 * An IANA time zone. Instants are epoch milliseconds; a *local* time is the wall clock read as if it were UTC. Offsets
 * are whole minutes, as RFC 3339 writes them; a UTC day has at most one change of offset.
 */
export class TimeZone {
  readonly #days = new Map<number, DayOffsets>();
  readonly #format: Intl.DateTimeFormat;
  #lastDay = Number.NaN;
  #last: DayOffsets = { before: 0, change: Number.POSITIVE_INFINITY, after: 0 };

  /** @throws RangeError when the name is not an IANA time zone */
  constructor(readonly name: string) {
    this.#format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' });
  }

  /** Local time minus UTC at an instant, in milliseconds. */
  offsetAt(instant: number): number {
    const day = Math.floor(instant / DAY_MS);
    if (day !== this.#lastDay) {
      this.#last = this.#offsetsOf(day);
      this.#lastDay = day;
    }
    return instant < this.#last.change ? this.#last.before : this.#last.after;
  }

  toLocal(instant: number): number {
    return instant + this.offsetAt(instant);
  }

  /**
   * The instants at which clocks show `local`, earliest first: two where clocks are set back. A time that clocks skip
   * counts as the instant of the change.
   */
  toInstants(local: number): readonly [number, ...number[]] {
    const before = local - this.offsetAt(local - DAY_MS);
    const after = local - this.offsetAt(local + DAY_MS);
    if (before === after) return [before];
    const first = this.toLocal(before) === local;
    const second = this.toLocal(after) === local;
    if (first && second) return [before, after];
    if (first) return [before];
    return [second ? after : (this.changeBetween(after, before) ?? after)];
  }

  /** The first instant at which clocks show `local`; see `toInstants` for skipped times. */
  toInstant(local: number): number {
    return this.toInstants(local)[0];
  }

  /** The instant of the change of offset in `(from, to]`, which are at most a few days apart; null without a change. */
  changeBetween(from: number, to: number): number | null {
    const offset = this.#ask(from);
    return this.#ask(to) === offset ? null : this.#search(from, to, offset);
  }

  #search(from: number, to: number, offset: number): number {
    let low = from;
    let high = to;
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.#ask(middle) === offset) low = middle;
      else high = middle;
    }
    return high;
  }

  #offsetsOf(day: number): DayOffsets {
    const known = this.#days.get(day);
    if (known) return known;
    const start = day * DAY_MS;
    const before = this.#ask(start);
    const after = this.#ask(start + DAY_MS);
    const change = before === after ? Number.POSITIVE_INFINITY : this.#search(start, start + DAY_MS, before);
    const offsets = { before, change, after };
    if (this.#days.size >= CACHED_DAYS) this.#days.clear();
    this.#days.set(day, offsets);
    return offsets;
  }

  #ask(instant: number): number {
    const text = this.#format.format(instant);
    const [, sign, hours, minutes, seconds] = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(text) ?? [];
    if (sign === undefined) return 0;
    const total = Number(hours) * 60 + Number(minutes) + Math.round(Number(seconds ?? 0) / 60);
    return (sign === '-' ? -total : total) * MINUTE_MS;
  }
}
