/** RFC 3339 date-time with an offset; `T` may be a space or lower case as the RFC's note allows. */
const RFC_3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d\d):(\d\d))$/;

/** The largest time a Date can hold, ECMAScript 2023 section 21.4.1.1. */
const MAX_EPOCH_MS = 8.64e15;

/**
 * Epoch milliseconds of a time on the wire: RFC 3339 with offset, or epoch milliseconds as a number. Null for anything
 * else, days that do not exist included; fractions of a millisecond are cut off, a leap second is the second after.
 */
export function parseInstant(given: unknown): number | null {
  if (typeof given === 'number') {
    return Number.isFinite(given) && Math.abs(given) <= MAX_EPOCH_MS ? Math.floor(given) : null;
  }
  if (typeof given !== 'string' || given.length > 40) return null;
  const match = RFC_3339.exec(given);
  if (match === null) return null;
  const [, year, month, day, hour, minute, second, fraction, sign, offsetHour, offsetMinute] = match;
  if (+hour! > 23 || +minute! > 59 || +second! > 60) return null;
  const days = Date.UTC(+year!, +month! - 1, +day!);
  if (+month! < 1 || +month! > 12 || new Date(days).getUTCDate() !== +day!) return null;
  let offset = 0;
  if (sign !== undefined) {
    if (+offsetHour! > 23 || +offsetMinute! > 59) return null;
    offset = (sign === '-' ? -1 : 1) * (+offsetHour! * 60 + +offsetMinute!);
  }
  const millis = fraction === undefined ? 0 : +fraction.slice(0, 3).padEnd(3, '0');
  return days + ((+hour! * 60 + +minute! - offset) * 60 + +second!) * 1000 + millis;
}
