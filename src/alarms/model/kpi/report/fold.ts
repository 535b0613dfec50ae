import { HOUR_MS, MINUTE_MS } from '../../../../model/time/duration.js';
import type { Period } from '../../../../model/time/windows.js';
import type { TimeZone } from '../../../../model/time/zone.js';
import { PRIORITIES, type Priority } from '../../class.js';
import { isAnnunciation, isLateEvent } from '../../transition.js';
import type { KpiEvent, KpiStanding } from '../event.js';
import { CLOCK_SLACK_MS } from '../live/counts.js';
import { FLOOD_LIMITS, FloodBook } from '../live/flood.js';
import { AlarmBook } from './alarm-book.js';
import { Days } from './days.js';
import { EvenWindows } from './even-windows.js';
import { NUISANCE_LIMITS, type NuisanceLimits } from './nuisance.js';

/** Events this long before the period belong in the fold too: a flood or chattering may have begun in them. */
export const WARM_UP_MS = HOUR_MS;

/** Limits of peaks: 10 in 10 minutes, 30 in an hour (ISA-18.2-2016 clause 16.4.3). */
const PER_10_MIN = { lengthMs: 10 * MINUTE_MS, limit: 10 };
const PER_HOUR = { lengthMs: HOUR_MS, limit: 30 };

export interface FoldOptions {
  readonly nuisance?: NuisanceLimits;
  /** Alarms told apart. */
  readonly maxAlarms?: number;
}

/**
 * Takes the events of one position, rising, into the numbers of a period: one pass, memory bounded by the alarms there
 * are and not by the events. First `begin` for what stands at `from`, then `append`, then `finish` once.
 */
export class KpiFold {
  readonly days: Days;
  readonly book: AlarmBook;
  readonly floods: FloodBook;
  readonly per10Min: EvenWindows;
  readonly perHour: EvenWindows;
  readonly byPriority: Record<Priority, number> = { low: 0, medium: 0, high: 0, critical: 0 };
  /** Events that the clock showed well before those in front of them; they count at the time of these. */
  clockSteps = 0;
  alarms = 0;
  /** Raises of the past, which came too late to ask anybody for attention. */
  late = 0;
  #last = Number.NEGATIVE_INFINITY;

  /** @throws RangeError unless the period has a length; TooManyWindowsError when it has more than MAX_DAYS days */
  constructor(
    readonly period: Period,
    readonly zone: TimeZone,
    { nuisance = NUISANCE_LIMITS, maxAlarms }: FoldOptions = {},
  ) {
    const { from, to } = period;
    this.days = new Days(from, to, zone);
    this.book = new AlarmBook(from, this.days, nuisance, maxAlarms);
    this.floods = new FloodBook(period, FLOOD_LIMITS);
    this.per10Min = new EvenWindows(from, to, PER_10_MIN.lengthMs, PER_10_MIN.limit);
    this.perHour = new EvenWindows(from, to, PER_HOUR.lengthMs, PER_HOUR.limit);
  }

  begin(standing: KpiStanding): void {
    this.book.begin(standing);
  }

  /** Events at or after the end of the period are left out. */
  append(event: KpiEvent): void {
    if (this.#last - event.at > CLOCK_SLACK_MS) this.clockSteps += 1;
    const at = Math.max(event.at, this.#last);
    if (at >= this.period.to) return;
    this.#last = at;
    if (isLateEvent(event.event)) {
      if (at >= this.period.from && event.event === 'raised_late') this.late += 1;
      return;
    }
    const counts = isAnnunciation(event.event);
    if (counts) this.floods.append(at);
    if (at < this.period.from) {
      this.book.warm(event);
      return;
    }
    this.book.append(event, at);
    if (!counts) return;
    this.alarms += 1;
    this.byPriority[event.priority] += 1;
    this.days.addAlarm(at);
    this.per10Min.append(at);
    this.perHour.append(at);
  }

  finish(): void {
    this.book.finish(this.period.to);
    this.floods.finish();
  }

  /** Share of the alarms that a priority has, percent; null without alarms. */
  priorityPct(priority: Priority): number | null {
    return this.alarms === 0 ? null : (100 * this.byPriority[priority]) / this.alarms;
  }

  priorities(): { readonly priority: Priority; readonly alarms: number; readonly pct: number | null }[] {
    return PRIORITIES.map((priority) => ({
      priority,
      alarms: this.byPriority[priority],
      pct: this.priorityPct(priority),
    }));
  }
}
