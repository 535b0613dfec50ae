import { DAY_MS, HOUR_MS } from '../time/duration.js';

/**
 * How fast a register usually rises at most, learned from what was counted. In powers of two and whole days, so that a
 * late reading seldom changes it, and no sum of fractions can differ between two ways to the same readings.
 */
export interface Usual {
  /** A power of two, units per hour. */
  readonly rate: number;
  /** Day of the epoch on which it was last reached. */
  readonly day: number;
  /** Rises it is learned from, counted up to `ENOUGH`. */
  readonly rises: number;
}

/** So many times the usual is still ordinary: a night is followed by a day, a holiday by work. */
export const GENEROUS = 8;
/** An unusual rise counts once so many readings stayed on its line, however they went on. */
export const STAYS = 4;
/** A step of so many times the usual one needs no other explanation. */
export const LIKELY = 2;
/** Rises after which the register is known better by its own history than by its metric. */
export const ENOUGH = 4;
/** The usual rate halves when it was not reached for so long. */
const FADES_DAYS = 32;
/** A register that is refreshed in steps does not rise faster for being read more often. */
export const MIN_SPAN_MS = 60_000;

const dayOf = (ts: number): number => Math.floor(ts / DAY_MS);

/** Units per hour; 0 while nothing is known. */
export function usualRate(usual: Usual | null, ts: number): number {
  if (usual === null) return 0;
  const fades = Math.floor((dayOf(ts) - usual.day) / FADES_DAYS);
  return fades > 0 ? usual.rate / 2 ** fades : usual.rate;
}

/** Units per hour, over a minute at least. */
export const rateOf = (rise: number, spanMs: number): number => (rise * HOUR_MS) / Math.max(spanMs, MIN_SPAN_MS);

/** Takes a rise that was counted. */
export function learn(usual: Usual | null, rate: number, ts: number): Usual | null {
  if (!(rate > 0)) return usual;
  // Nearly always there is nothing new.
  if (usual !== null && usual.rises === ENOUGH && rate <= usual.rate && dayOf(ts) <= usual.day) return usual;
  const known = usualRate(usual, ts);
  const rises = Math.min((usual?.rises ?? 0) + 1, ENOUGH);
  const level = 2 ** Math.ceil(Math.log2(rate));
  if (usual !== null && level < known) return rises === usual.rises ? usual : { ...usual, rises };
  const day = Math.max(dayOf(ts), usual?.day ?? Number.NEGATIVE_INFINITY);
  return usual !== null && level === usual.rate && day === usual.day && rises === usual.rises
    ? usual
    : { rate: level, day, rises };
}
