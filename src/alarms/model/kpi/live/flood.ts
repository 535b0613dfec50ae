import { MINUTE_MS, SECOND_MS } from '../../../../model/time/duration.js';
import { SteadyClock, WindowCount } from './counts.js';

/**
 * An alarm flood begins with more than 10 alarms in 10 minutes at one operator position and ends with fewer than 5
 * (ISA-18.2-2016 clause 16.4.4, EEMUA 191). The window has whole seconds.
 */
export const FLOOD_LIMITS = { windowMs: 10 * MINUTE_MS, startAbove: 10, endBelow: 5 };
type FloodLimits = Readonly<typeof FLOOD_LIMITS>;

/** One flood; times are epoch ms, cut to seconds. */
export interface Flood {
  readonly from: number;
  /** Null while it lasts. */
  readonly to: number | null;
  /** Alarms in it, including those that started it. */
  readonly alarms: number;
  /** Most alarms in any 10 minutes of it. */
  readonly peak: number;
}

export interface FloodChange {
  readonly event: 'began' | 'ended';
  readonly flood: Flood;
}

/** Detects floods at a position. Memory is fixed; a clock set back neither ends nor begins a flood. */
export class FloodDetector {
  readonly #limits: FloodLimits;
  readonly #clock = new SteadyClock();
  readonly #recent: WindowCount;
  #flood: { from: number; alarms: number; peak: number } | null = null;

  /** @throws RangeError when a flood would begin below where it ends */
  constructor(limits: FloodLimits = FLOOD_LIMITS) {
    if (limits.endBelow > limits.startAbove) throw new RangeError('a flood has to end below where it begins');
    this.#limits = limits;
    this.#recent = new WindowCount(limits.windowMs / SECOND_MS);
  }

  /** Counts an annunciation. It makes at most one change: after a flood ends, another takes more alarms to begin. */
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

  tick(at: number): FloodChange | null {
    const fell = this.#recent.advance(this.#clock.read(at), this.#limits.endBelow);
    if (fell === null) return null;
    const flood = this.flood;
    if (flood === null) return null;
    this.#flood = null;
    return { event: 'ended', flood: { ...flood, to: this.#clock.toClock(fell) } };
  }

  /** The present flood; null without one. */
  get flood(): Flood | null {
    return this.#flood && { ...this.#flood, from: this.#clock.toClock(this.#flood.from), to: null };
  }

  /** Alarms in the last 10 minutes, as of the last call. */
  get rate(): number {
    return this.#recent.total;
  }
}

/** Most floods listed for a period, the worst. */
export const MAX_FLOODS = 100;

/** A flood within a period: `to` is the end of the period where it lasted longer. */
interface FloodEpisode extends Flood {
  readonly to: number;
  /** Whether it outlasted the period. */
  readonly open: boolean;
}

/** The floods that touch `[from, to)`, from times that do not fall. */
export class FloodBook {
  readonly #detector: FloodDetector;
  readonly worst: FloodEpisode[] = [];
  count = 0;
  /** Milliseconds in flood within the period. */
  durationMs = 0;

  constructor(
    private readonly period: { readonly from: number; readonly to: number },
    limits: FloodLimits,
  ) {
    this.#detector = new FloodDetector(limits);
  }

  append(at: number): void {
    const change = this.#detector.append(at);
    if (change?.event === 'ended') this.#add(change.flood, false);
  }

  finish(): void {
    const change = this.#detector.tick(this.period.to);
    if (change) this.#add(change.flood, false);
    else if (this.#detector.flood) this.#add(this.#detector.flood, true);
  }

  #add(flood: Flood, open: boolean): void {
    const { from, to } = this.period;
    const end = Math.min(flood.to ?? to, to);
    if (end <= from) return;
    this.count += 1;
    this.durationMs += end - Math.max(from, flood.from);
    this.worst.push({ ...flood, to: end, open });
    this.worst.sort(worstFirst);
    if (this.worst.length > MAX_FLOODS) this.worst.pop();
  }
}

function worstFirst(a: Flood, b: Flood): number {
  return b.alarms - a.alarms || b.peak - a.peak || a.from - b.from;
}
