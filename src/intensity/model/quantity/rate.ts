import { HOUR_MS, MINUTE_MS } from '../../../model/time/duration.js';
import type { Period } from '../../../model/time/windows.js';
import { toThousandths } from './grid.js';
import { SLICE_MS } from './slices.js';

/** One good reading of power or flow, in register units per hour: kW, m³/h, t/h. `ts` is epoch ms. */
export interface RateReading {
  readonly ts: number;
  readonly perHour: number;
}

/** A rate holds until the next one, and at most this long: the roll-ups hold values so too. */
export const HOLD_MS = 15 * MINUTE_MS;

/** A stretch of time in which the rate is known, and what it comes to, in thousandths that are not whole. */
export interface Held extends Period {
  readonly thousandths: number;
}

/**
 * The rates as they held in a period, cut at its quarters of an hour. A register of what comes in does not count
 * backwards, so a rate below 0 is 0.
 * @param rates rising in time, from `HOLD_MS` before the period on
 */
export function held(rates: readonly RateReading[], { from, to }: Period): Held[] {
  const pieces: Held[] = [];
  for (let i = 0; i < rates.length; i += 1) {
    const { ts, perHour } = rates[i]!;
    const until = Math.min(rates[i + 1]?.ts ?? Number.POSITIVE_INFINITY, ts + HOLD_MS, to);
    for (let at = Math.max(ts, from); at < until; ) {
      const end = Math.min(until, Math.floor(at / SLICE_MS) * SLICE_MS + SLICE_MS);
      append(pieces, at, end, (Math.max(0, toThousandths(perHour)) * (end - at)) / HOUR_MS);
      at = end;
    }
  }
  return pieces;
}

/** Adds to the newest piece where both lie in one quarter of an hour and touch. */
function append(pieces: Held[], from: number, to: number, thousandths: number): void {
  const last = pieces.at(-1);
  if (last?.to === from && from % SLICE_MS !== 0) {
    pieces[pieces.length - 1] = { from: last.from, to, thousandths: last.thousandths + thousandths };
  } else pieces.push({ from, to, thousandths });
}
