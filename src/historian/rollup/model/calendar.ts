import { DAY_MS, HOUR_MS } from '../../../model/time/duration.js';
import type { TimeZone } from '../../../model/time/zone.js';
import type { Span } from './fold.js';

/** The hours that begin in one day of the zone; `start` and `end` are whole hours of UTC. */
export interface RollupDay extends Span {
  /** The day begins and ends on the hour, so that its hours add up to it. Other days are not rolled up. */
  readonly whole: boolean;
}

export const hourOf = (ts: number): number => Math.floor(ts / HOUR_MS) * HOUR_MS;
export const nextHour = (ts: number): number => Math.ceil(ts / HOUR_MS) * HOUR_MS;

/** Cuts time into hours of UTC. */
export const cutHours = (ts: number): Span => {
  const start = hourOf(ts);
  return { start, end: start + HOUR_MS };
};

/** Years in which the zone's offsets are checked for whole hours. */
const [FIRST_YEAR, LAST_YEAR] = [1970, 2060];

/** The days of a zone for roll-ups. */
export class RollupCalendar {
  /** The zone always differs from UTC by whole hours; otherwise there are no daily roll-ups. */
  readonly hasDays: boolean;
  private last: RollupDay = { start: Number.NaN, end: Number.NaN, whole: false };

  constructor(readonly zone: TimeZone) {
    this.hasDays = hasWholeHours(zone);
  }

  /** The day that contains `hour`, a whole hour of UTC. */
  dayOf(hour: number): RollupDay {
    if (!(hour >= this.last.start && hour < this.last.end)) this.last = this.find(hour);
    return this.last;
  }

  /** Whether a rolled-up day begins at `ts`. */
  isDayStart(ts: number): boolean {
    if (ts % HOUR_MS !== 0) return false;
    const { start, whole } = this.dayOf(ts);
    return whole && start === ts;
  }

  private find(hour: number): RollupDay {
    let day = Math.floor(this.zone.toLocal(hour) / DAY_MS);
    // If clocks are set back across midnight, the date goes back too, but the day does not begin twice.
    while (hour >= this.midnight(day + 1)) day += 1;
    const [start, end] = [this.midnight(day), this.midnight(day + 1)];
    const whole = this.hasDays && start % HOUR_MS === 0 && end % HOUR_MS === 0;
    return { start: nextHour(start), end: nextHour(end), whole };
  }

  private midnight(day: number): number {
    return this.zone.toInstant(day * DAY_MS);
  }
}

function hasWholeHours(zone: TimeZone): boolean {
  for (let month = 0; month < (LAST_YEAR - FIRST_YEAR) * 12; month += 1) {
    if (zone.offsetAt(Date.UTC(FIRST_YEAR, month)) % HOUR_MS !== 0) return false;
  }
  return true;
}
