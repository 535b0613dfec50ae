/** Units of a window's length: seconds, minutes, hours, then calendar days, weeks, months and years. */
const DURATION_UNITS = ['s', 'm', 'h', 'd', 'w', 'mo', 'y'] as const;
type DurationUnit = (typeof DURATION_UNITS)[number];

/** `count` times `unit`; from `d` upwards the length depends on the calendar and the time zone. */
export interface Duration {
  readonly count: number;
  readonly unit: DurationUnit;
}

/** The text is no duration that can cut windows; the message names the expected form. */
export class DurationError extends Error {
  override readonly name = 'DurationError';
}

export const SECOND_MS = 1000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

const CLOCK_MS: Partial<Record<DurationUnit, number>> = { s: SECOND_MS, m: MINUTE_MS, h: HOUR_MS };
/** Shortest length of each calendar unit, for bounds: 23-hour days, 28-day months. */
const SHORTEST_MS = { d: 23 * HOUR_MS, w: 7 * DAY_MS - HOUR_MS, mo: 28 * DAY_MS - HOUR_MS, y: 365 * DAY_MS - HOUR_MS };
const SHAPE = /^(\d{1,5})(s|mo|m|h|d|w|y)$/;

/**
 * Parses `10s`, `5m`, `1h`, `1d`, `1w`, `1mo`, `1y`. Lengths in seconds, minutes and hours must divide a day, so that
 * every day has the same edges.
 * @throws DurationError
 */
export function parseDuration(text: string): Duration {
  const [, digits, unit] = SHAPE.exec(text) ?? [];
  if (digits === undefined || unit === undefined) {
    throw new DurationError(`expected a whole number with a unit of ${DURATION_UNITS.join(', ')}, such as 5m or 1mo`);
  }
  const duration = { count: Number(digits), unit: unit as DurationUnit };
  if (duration.count === 0) throw new DurationError('a window cannot be 0 long');
  const step = clockMs(duration);
  if (step !== null && DAY_MS % step !== 0) {
    throw new DurationError(
      `${text} does not divide a day evenly; take a divisor such as 15m, 1h or 6h, or whole days`,
    );
  }
  return duration;
}

/** Milliseconds of a duration in seconds, minutes or hours; null for calendar units. */
export function clockMs(duration: Duration): number | null {
  const unit = CLOCK_MS[duration.unit];
  return unit === undefined ? null : unit * duration.count;
}

/** The shortest the duration can be in any time zone, in milliseconds. */
export function shortestMs(duration: Duration): number {
  const unit = duration.unit;
  if (unit === 's' || unit === 'm' || unit === 'h') return clockMs(duration) ?? 0;
  return SHORTEST_MS[unit] * duration.count;
}
