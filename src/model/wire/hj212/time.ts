import type { TimeZone } from '../../time/zone.js';

/**
 * Epoch milliseconds of `YYYYMMDDhhmmss` in the logger's zone, with milliseconds where 17 digits are allowed. Null for
 * anything else, also for times that do not exist.
 */
export function instantOf(text: string, zone: TimeZone, withMillis = false): number | null {
  if (!/^\d{14}(?:\d{3})?$/.test(text) || (text.length === 17 && !withMillis)) return null;
  const part = (from: number, to: number) => Number(text.slice(from, to));
  const parts = [
    part(0, 4),
    part(4, 6) - 1,
    part(6, 8),
    part(8, 10),
    part(10, 12),
    part(12, 14),
    part(14, 17),
  ] as const;
  const local = Date.UTC(...parts);
  // Date counts 31 February and 25 o'clock on, and takes years below 100 for those of the twentieth century.
  return digitsOf(local) === text.slice(0, 14) ? zone.toInstant(local) : null;
}

/** `YYYYMMDDhhmmss` of an instant in the zone. */
export function printInstant(instant: number, zone: TimeZone): string {
  return digitsOf(zone.toLocal(instant));
}

/** `YYYYMMDDhhmmsszzz`, the form of QN. */
export function printQn(instant: number, zone: TimeZone): string {
  return new Date(zone.toLocal(instant)).toISOString().replace(/\D/g, '');
}

const digitsOf = (local: number): string => new Date(local).toISOString().replace(/\D/g, '').slice(0, 14);
