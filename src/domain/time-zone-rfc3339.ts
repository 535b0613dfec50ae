import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from './duration.js';
import type { TimeZone } from './time-zone.js';

/** First and last instant taken (0001-01-02 and 9998-12-31 UTC, epoch ms): RFC 3339 can write them in every zone. */
export const MIN_INSTANT = -62_135_510_400_000;
export const MAX_INSTANT = 253_370_764_799_999;

// RFC 3339 section 5.6, `date-time`; T and Z may be lower case.
const DATE_TIME = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))$/;
const EPOCH_MS = /^-?\d{1,15}$/;

/**
 * Parses a time of the wire: RFC 3339 with offset, or epoch milliseconds. Digits below the millisecond are cut off, a
 * leap second counts as the second after it. Null when the text is neither, or no such date exists.
 */
export function parseInstant(text: string): number | null {
  if (EPOCH_MS.test(text)) return withinYears(Number(text));
  const match = DATE_TIME.exec(text);
  if (!match) return null;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const [fraction = '', sign, offsetHours = '0', offsetMinutes = '0'] = match.slice(7);
  if (hour > 23 || minute > 59 || second > 60 || Number(offsetHours) > 23 || Number(offsetMinutes) > 59) return null;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null;
  const offset = (Number(offsetHours) * HOUR_MS + Number(offsetMinutes) * MINUTE_MS) * (sign === '-' ? -1 : 1);
  const millis = second * SECOND_MS + Number(fraction.slice(0, 3).padEnd(3, '0'));
  return withinYears(date.getTime() + hour * HOUR_MS + minute * MINUTE_MS + millis - offset);
}

const withinYears = (instant: number) => (instant >= MIN_INSTANT && instant <= MAX_INSTANT ? instant : null);

const two = Array.from({ length: 100 }, (_, n) => String(n).padStart(2, '0'));

/**
 * A writer of RFC 3339 times with the zone's offset, milliseconds only where they are not 0. It remembers the last day,
 * so rising times of one series cost little; keep one per series and column.
 */
export function instantFormatter(zone: TimeZone): (instant: number) => string {
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
