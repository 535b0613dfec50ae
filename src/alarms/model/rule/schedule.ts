import { type FieldError, must } from '../../../model/field-error.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../model/time/duration.js';
import type { TimeZone } from '../../../model/time/zone.js';

/** Hours that begin on some days of the week, by the clocks of the zone. */
interface WeeklySpan {
  /** Days on which the span begins, ISO 8601: 1 is Monday, 7 Sunday. */
  readonly days: readonly number[];
  /** `HH:MM`, 00:00 to 23:59; belongs to the span. */
  readonly from: string;
  /** `HH:MM`; does not belong to it. Not after `from`: that time of the next day, so equal to it is 24 hours. */
  readonly to: string;
}

/** Weekly hours during which a condition counts (`inside`), or does not (`outside`). */
export interface Schedule {
  readonly mode: 'inside' | 'outside';
  readonly spans: readonly WeeklySpan[];
  /** Local dates `YYYY-MM-DD` on which no span begins; one that began the day before still ends as it should. */
  readonly holidays?: readonly string[] | undefined;
}

/** Bounds of a schedule. */
export const SCHEDULE_BOUNDS = { spans: 28, holidays: 128 } as const;
/** How far ahead `nextEdge` looks; holidays may be that far away, without them every week is alike. */
const HORIZON_DAYS = 400;
const PLAIN_HORIZON_DAYS = 16;

/**
 * Whether the condition counts at an instant. Where clocks are set back, a time that comes twice is the first one;
 * where they are set forward, a skipped time is that of the change: see `TimeZone.toInstants`.
 */
export function holds(schedule: Schedule, at: number, zone: TimeZone): boolean {
  let clock = clocks.get(schedule);
  if (clock?.zone !== zone) {
    clock = new ScheduleClock(schedule, zone);
    clocks.set(schedule, clock);
  }
  return clock.holds(at);
}

/** Readings ask at times that are close together, and rules share their schedules. */
const clocks = new WeakMap<Schedule, ScheduleClock>();

/** The first instant after `at` at which `holds` changes; null when it does not within about a year. */
export function nextEdge(schedule: Schedule, at: number, zone: TimeZone): number | null {
  const today = localDay(at, zone);
  const horizon = today + ((schedule.holidays?.length ?? 0) > 0 ? HORIZON_DAYS : PLAIN_HORIZON_DAYS);
  let coveredTo: number | null = null;
  for (let day = today - FURTHEST_START; day <= horizon; day += 1) {
    for (const [start, end] of spansOf(schedule, day, zone)) {
      if (end <= at) continue;
      if (coveredTo === null && start > at) return start;
      if (coveredTo !== null && start > coveredTo) return coveredTo;
      coveredTo = Math.max(coveredTo ?? end, end);
    }
  }
  return coveredTo !== null && coveredTo < zone.toInstant(horizon * DAY_MS) ? coveredTo : null;
}

/** `holds` for one schedule in one zone, remembering until when its answer is good: what readings are asked with. */
export class ScheduleClock {
  #from = Number.POSITIVE_INFINITY;
  #until = Number.NEGATIVE_INFINITY;
  #holds = false;

  constructor(
    private readonly schedule: Schedule,
    readonly zone: TimeZone,
  ) {}

  holds(at: number): boolean {
    if (!(at >= this.#from && at < this.#until)) {
      this.#holds = isCovered(this.schedule, at, this.zone) === (this.schedule.mode === 'inside');
      this.#from = at;
      this.#until = nextEdge(this.schedule, at, this.zone) ?? at + DAY_MS;
    }
    return this.#holds;
  }
}

/** Days before the local one whose spans may still run: 24 hours, and a date that clocks have skipped. */
const FURTHEST_START = 2;

function isCovered(schedule: Schedule, at: number, zone: TimeZone): boolean {
  const today = localDay(at, zone);
  // The next day may have begun already, where clocks are set back across midnight.
  for (let day = today - FURTHEST_START; day <= today + 1; day += 1) {
    for (const [start, end] of spansOf(schedule, day, zone)) if (start <= at && at < end) return true;
  }
  return false;
}

/** The spans that begin on a local day (days since 1970), by their begin, without those that clocks skip. */
function spansOf(schedule: Schedule, day: number, zone: TimeZone): [start: number, end: number][] {
  // 1970-01-01 was a Thursday.
  const weekday = ((((day + 3) % 7) + 7) % 7) + 1;
  const spans: [number, number][] = [];
  for (const span of schedule.spans) {
    if (!span.days.includes(weekday) || isHoliday(schedule, day)) continue;
    const [from, to] = [clock(span.from), clock(span.to)];
    const start = zone.toInstant(day * DAY_MS + from);
    const end = zone.toInstant((to > from ? day : day + 1) * DAY_MS + to);
    if (start < end) spans.push([start, end]);
  }
  return spans.length > 1 ? spans.sort(([a], [b]) => a - b) : spans;
}

function isHoliday(schedule: Schedule, day: number): boolean {
  if (schedule.holidays === undefined || schedule.holidays.length === 0) return false;
  return schedule.holidays.includes(new Date(day * DAY_MS).toISOString().slice(0, 10));
}

function localDay(at: number, zone: TimeZone): number {
  return Math.floor(zone.toLocal(at) / DAY_MS);
}

/** Milliseconds since midnight of `HH:MM`. */
function clock(text: string): number {
  return Number(text.slice(0, 2)) * HOUR_MS + Number(text.slice(3)) * MINUTE_MS;
}

const CLOCK = /^([01]\d|2[0-3]):[0-5]\d$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** What is wrong with a schedule; empty when nothing is. */
export function problemsOfSchedule(schedule: Schedule): FieldError[] {
  const { mode, spans, holidays = [] } = schedule;
  return [
    ...must(mode === 'inside' || mode === 'outside', 'mode', 'one of inside, outside'),
    ...counted('spans', spans.length, 1, SCHEDULE_BOUNDS.spans),
    ...spans.slice(0, SCHEDULE_BOUNDS.spans).flatMap(problemsOfSpan),
    ...counted('holidays', holidays.length, 0, SCHEDULE_BOUNDS.holidays),
    ...holidays
      .slice(0, SCHEDULE_BOUNDS.holidays)
      .flatMap((date, index) => must(isDate(date), `holidays.${index}`, 'a date such as 2026-10-01')),
  ];
}

function problemsOfSpan(span: WeeklySpan, index: number): FieldError[] {
  const { days } = span;
  const whole = days.every((day) => Number.isInteger(day) && day >= 1 && day <= 7);
  const once = days.length > 0 && new Set(days).size === days.length;
  return [
    ...must(whole && once, `spans.${index}.days`, 'days from 1 (Monday) to 7, each once'),
    ...(['from', 'to'] as const).flatMap((end) =>
      must(CLOCK.test(span[end]), `spans.${index}.${end}`, 'a time from 00:00 to 23:59, such as 08:30'),
    ),
  ];
}

const counted = (field: string, count: number, least: number, most: number) =>
  must(count >= least && count <= most, field, `${least} to ${most} entries, got ${count}`);

function isDate(text: string): boolean {
  const ts = DATE.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return !Number.isNaN(ts) && new Date(ts).toISOString().startsWith(text);
}
