import { DAY_MS } from '../time/duration.js';

/** The largest time of a Date, ECMAScript 2023 section 21.4.1.1. */
const MAX_EPOCH_MS = 8.64e15;

const LONGEST = 40;

const [DOT, PLUS, MINUS, COLON, SPACE, UPPER_T, LOWER_T] = [0x2e, 0x2b, 0x2d, 0x3a, 0x20, 0x54, 0x74];

/**
 * Epoch milliseconds of a time on the wire: RFC 3339 with offset, or epoch milliseconds as a number. Null for anything
 * else, also for dates that do not exist. Cuts off fractions of a millisecond; a leap second is the second after.
 */
export function parseInstant(given: unknown): number | null {
  if (typeof given === 'string') return parseRfc3339(given);
  if (typeof given !== 'number' || !Number.isFinite(given) || Math.abs(given) > MAX_EPOCH_MS) return null;
  return Math.floor(given);
}

/** RFC 3339 section 5.6, parsed digit by digit, because it runs once for every item. */
function parseRfc3339(text: string): number | null {
  if (text.length < 20 || text.length > LONGEST) return null;
  const separator = text.charCodeAt(10);
  if (separator !== UPPER_T && separator !== LOWER_T && separator !== SPACE) return null;
  if (text.charCodeAt(13) !== COLON || text.charCodeAt(16) !== COLON) return null;
  const day = dayStart(text);
  const hour = twoDigits(text, 11);
  const minute = twoDigits(text, 14);
  const second = twoDigits(text, 17);
  if (day === null || !(hour <= 23 && minute <= 59 && second <= 60)) return null;

  let at = 19;
  let millis = 0;
  if (text.charCodeAt(at) === DOT) {
    const first = at + 1;
    for (at = first; isDigit(text, at); at += 1) {
      if (at - first < 3) millis += digit(text, at) * 10 ** (2 - (at - first));
    }
    if (at === first) return null;
  }
  const offset = offsetMinutes(text, at);
  return offset === null ? null : day + ((hour * 60 + minute - offset) * 60 + second) * 1000 + millis;
}

let lastDayText = '';
let lastDay: number | null = null;

/** Start of the UTC day `YYYY-MM-DD` of the text; cached, because readings that arrive together mostly share a day. */
function dayStart(text: string): number | null {
  const dayText = text.slice(0, 10);
  if (dayText === lastDayText) return lastDay;
  lastDay = parseDay(dayText);
  lastDayText = dayText;
  return lastDay;
}

function parseDay(text: string): number | null {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return null;
  const start = Date.parse(`${text}T00:00:00Z`);
  // Some engines parse 31 February as 3 March, others as invalid.
  return Number.isInteger(start / DAY_MS) && new Date(start).toISOString().startsWith(text) ? start : null;
}

/** Minutes east of UTC from the `Z` or `±hh:mm` that ends the text; null for anything else. */
function offsetMinutes(text: string, at: number): number | null {
  const sign = text.charCodeAt(at);
  if ((sign | 0x20) === 0x7a) return at + 1 === text.length ? 0 : null;
  if ((sign !== PLUS && sign !== MINUS) || at + 6 !== text.length || text.charCodeAt(at + 3) !== COLON) return null;
  const hours = twoDigits(text, at + 1);
  const minutes = twoDigits(text, at + 4);
  if (!(hours <= 23 && minutes <= 59)) return null;
  return (sign === MINUS ? -1 : 1) * (hours * 60 + minutes);
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0x30 && code <= 0x39;
}

function digit(text: string, at: number): number {
  return text.charCodeAt(at) - 0x30;
}

/** NaN when either is not a digit, so that every comparison with a bound fails. */
function twoDigits(text: string, at: number): number {
  return isDigit(text, at) && isDigit(text, at + 1) ? digit(text, at) * 10 + digit(text, at + 1) : Number.NaN;
}
