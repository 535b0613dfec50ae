import { DAY_MS, HOUR_MS } from '../../src/model/time/duration.js';

/** Calendar of the parks: China Standard Time has been UTC+8 without summer time since 1991. */
const OFFSET_MS = 8 * HOUR_MS;
const DAYS_PER_YEAR = 365.2425;

export const BUCKETS_PER_DAY = 144;
export const BUCKET_MS = DAY_MS / BUCKETS_PER_DAY;

export type DayKind = 'workday' | 'saturday' | 'sunday';

/** Day number since 1970-01-01 of local time. */
export function localDay(ts: number): number {
  return Math.floor((ts + OFFSET_MS) / DAY_MS);
}

/** The instant a local day starts, epoch milliseconds. */
export function dayStart(day: number): number {
  return day * DAY_MS - OFFSET_MS;
}

export function dayKind(day: number): DayKind {
  const weekday = (((day + 4) % 7) + 7) % 7;
  return weekday === 0 ? 'sunday' : weekday === 6 ? 'saturday' : 'workday';
}

/** A yearly wave around 1 that is highest on `peakDayOfYear`. */
export interface Season {
  readonly amplitude: number;
  readonly peakDayOfYear: number;
}

export const SUMMER = 205;
export const WINTER = 20;

export function seasonFactor(season: Season, day: number): number {
  return (
    1 + season.amplitude * Math.cos((2 * Math.PI * ((day % DAYS_PER_YEAR) - season.peakDayOfYear)) / DAYS_PER_YEAR)
  );
}
