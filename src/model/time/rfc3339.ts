import { parseInstant } from '../wire/instant.js';
import { DAY_MS, MINUTE_MS, SECOND_MS } from './duration.js';
import type { TimeZone } from './zone.js';

/** First and last instant accepted (0100-01-02 and 9998-12-31 UTC, epoch ms): RFC 3339 can write both in every zone. */
export const MIN_INSTANT = -59_011_372_800_000;
export const MAX_INSTANT = 253_370_764_799_999;

/** Writes an instant for clients, RFC 3339. */
export type WriteTime = (instant: number) => string;

const EPOCH_MS = /^-?\d{1,15}$/;
const FIRST_CENTURY = /^00\d\d-/;

/**
 * Parses a time on the wire: RFC 3339 with offset, or the digits of epoch milliseconds. Null for any other text, for a
 * date that does not exist, or when RFC 3339 could not write it in every zone.
 */
export function instantFromText(text: string): number | null {
  const instant = EPOCH_MS.test(text) ? Number(text) : FIRST_CENTURY.test(text) ? null : parseInstant(text);
  return instant !== null && instant >= MIN_INSTANT && instant <= MAX_INSTANT ? instant : null;
}

const two = Array.from({ length: 100 }, (_, n) => String(n).padStart(2, '0'));

/**
 * A writer of RFC 3339 times with the zone's offset, milliseconds only where they are not 0. It caches the last day, so
 * that rising times of one series cost little; use one per series and column.
 */
export function instantFormatter(zone: TimeZone): WriteTime {
  let dayStart = Number.NaN;
  let dayText = '';
  let lastOffset = Number.NaN;
  let offsetText = '';
  return (instant) => {
    const offset = zone.offsetAt(instant);
    if (offset !== lastOffset) {
      lastOffset = offset;
      const minutes = Math.abs(offset) / MINUTE_MS;
      offsetText = `${offset < 0 ? '-' : '+'}${two[Math.floor(minutes / 60)]}:${two[minutes % 60]}`;
    }
    const local = instant + offset;
    let rest = local - dayStart;
    if (!(rest >= 0 && rest < DAY_MS)) {
      dayStart = Math.floor(local / DAY_MS) * DAY_MS;
      rest = local - dayStart;
      dayText = `${new Date(dayStart).toISOString().slice(0, 10)}T`;
    }
    const seconds = Math.floor(rest / SECOND_MS);
    const millis = Math.floor(rest) - seconds * SECOND_MS;
    const minutes = Math.floor(seconds / 60);
    const clock = `${two[Math.floor(minutes / 60)]}:${two[minutes % 60]}:${two[seconds % 60]}`;
    return `${dayText}${clock}${millis === 0 ? '' : `.${String(millis).padStart(3, '0')}`}${offsetText}`;
  };
}

/** One instant as RFC 3339 with the zone's offset. */
export function formatInstant(instant: number, zone: TimeZone): string {
  return instantFormatter(zone)(instant);
}
