import { MINUTE_MS, SECOND_MS } from '../../../../model/time/duration.js';
import { RollingCount } from './counts.js';
import { SteadyClock } from './steady-clock.js';

/**
 * An alarm flood begins with more than 10 alarms in 10 minutes at one operator position and ends with fewer than 5
 * (ISA-18.2-2016 clause 16.4.4, EEMUA 191). The window has whole seconds.
 */
export const FLOOD_LIMITS = { windowMs: 10 * MINUTE_MS, startAbove: 10, endBelow: 5 };
export type FloodLimits = Readonly<typeof FLOOD_LIMITS>;

/** One flood; times are epoch ms, cut to seconds. */
export interface Flood {
  readonly from: number;
  /** Null while it lasts. */
  readonly to: number | null;
  /** Alarms in it, those included that made it one. */
  readonly alarms: number;
  /** Most alarms in any 10 minutes of it. */
  readonly peak: number;
}

export interface FloodChange {
  readonly event: 'began' | 'ended';
  readonly flood: Flood;
}

/** Tells when a position is flooded. Memory is fixed; a clock that is set back neither ends nor begins a flood. */
export class FloodDetector {
  readonly #limits: FloodLimits;
  readonly #clock = new SteadyClock();
  readonly #recent: RollingCount;
  #flood: { from: number; alarms: number; peak: number } | null = null;

  /** @throws RangeError when a flood would begin below where it ends */
  constructor(limits: FloodLimits = FLOOD_LIMITS) {
    if (limits.endBelow > limits.startAbove) throw new RangeError('a flood has to end below where it begins');
    this.#limits = limits;
    this.#recent = new RollingCount(limits.windowMs / SECOND_MS);
  }

  /** An alarm was annunciated. At most one change comes of it: a flood that ended before takes more alarms to begin. */
  append(at: number): FloodChange | null {
    const ended = this.tick(at);
    this.#recent.add();
    const { total } = this.#recent;
    if (this.#flood) {
      this.#flood.alarms += 1;
      this.#flood.peak = Math.max(this.#flood.peak, total);
    } else if (total > this.#limits.startAbove) {
      const from = Math.floor(this.#clock.read(at) / SECOND_MS) * SECOND_MS;
      this.#flood = { from, alarms: total, peak: total };
      return { event: 'began', flood: this.flood! };
    }
    return ended;
  }

  /** Time has passed. */
  tick(at: number): FloodChange | null {
    const fell = this.#recent.advance(this.#clock.read(at), this.#limits.endBelow);
    if (fell === null) return null;
    const flood = this.flood;
    if (flood === null) return null;
    this.#flood = null;
    return { event: 'ended', flood: { ...flood, to: this.#clock.toClock(fell) } };
  }

  /** The flood that lasts; null without one. */
  get flood(): Flood | null {
    return this.#flood && { ...this.#flood, from: this.#clock.toClock(this.#flood.from), to: null };
  }

  /** Alarms in the last 10 minutes, as of the last call. */
  get rate(): number {
    return this.#recent.total;
  }
}
