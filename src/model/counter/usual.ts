import { DAY_MS, HOUR_MS } from '../time/duration.js';

/**
 * The highest usual rate of a register, learned from what counted. In powers of two and whole days, so that a late
 * reading seldom changes it, and sums of fractions cannot differ between two paths to the same readings.
 */
export interface Usual {
  /** A power of two, units per hour. */
  readonly rate: number;
  /** Day of the epoch on which a rise last reached it. */
  readonly day: number;
  /** Rises that it was learned from, counted up to `ENOUGH`; 0 where the first of all is a guess, which the next replaces. */
  readonly rises: number;
}

/** This many times the usual rate is still ordinary: day follows night, work follows a holiday. */
export const GENEROUS = 8;
/** An unusual rise counts once this many readings stayed on its line, whatever their steps. */
export const STAYS = 4;
/** An unlikely rise within `GENEROUS` times the usual rate counts once this many readings stayed on its line. */
export const CONFIRMS = 2;
/** A step of up to this many times the usual one needs no other explanation. */
export const LIKELY = 2;
/** Rises after which the register's history bounds it better than its metric. */
export const ENOUGH = 4;
/** The usual rate halves when no rise reaches it for this many days. */
const FADES_DAYS = 32;
/** A register that updates in steps does not rise faster when it is read more often. */
export const MIN_SPAN_MS = 60_000;

const dayOf = (ts: number): number => Math.floor(ts / DAY_MS);

/** Units per hour; 0 while the rate is unknown. */
export function usualRate(usual: Usual | null, ts: number): number {
  if (usual === null || usual.rises === 0) return 0;
  const fades = Math.floor((dayOf(ts) - usual.day) / FADES_DAYS);
  return fades > 0 ? usual.rate / 2 ** fades : usual.rate;
}

/** Units per hour, over at least a minute. */
export const rateOf = (rise: number, spanMs: number): number => (rise * HOUR_MS) / Math.max(spanMs, MIN_SPAN_MS);

/** Learns from a rise that counted. */
export function learn(before: Usual | null, rate: number, ts: number): Usual | null {
  if (!(rate > 0)) return before;
  const usual = before?.rises === 0 ? null : before;
  // The common case: the rise teaches nothing new.
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
