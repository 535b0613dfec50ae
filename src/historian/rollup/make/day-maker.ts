import type { SeriesKey } from '../../port/queries.js';
import type { RollupDay } from '../model/calendar.js';
import { seriesName } from '../port.js';
import { makeDay } from './make-day.js';
import { Probe } from './probe.js';
import type { SharedParts } from './shared-parts.js';

/** Makes days of their hours. One that fails while a later one does not is passed over, and tried again by itself. */
export class DayMaker {
  private readonly probe = new Probe();
  private failure: unknown = null;

  constructor(private readonly shared: SharedParts) {}

  get isDue(): boolean {
    const { daysTo, calendar, rolledTo } = this.shared.progress;
    return Number.isFinite(daysTo) && calendar.dayOf(daysTo).end <= rolledTo;
  }

  /** Makes the next day. @throws what that failed with; nothing is lost, and the next call goes on */
  async work(signal?: AbortSignal): Promise<void> {
    const { progress } = this.shared;
    const next = this.wholeDay(progress.daysTo);
    if (next.end > progress.rolledTo) {
      progress.move({ daysTo: next.start });
      return;
    }
    const days = [next];
    for (let day = this.wholeDay(next.end); day.end <= progress.rolledTo; day = this.wholeDay(day.end)) {
      if (days.length > this.probe.wanted) break;
      days.push(day);
    }
    const passedOver = days.slice(0, this.probe.skip(days.length - 1));
    const day = days[passedOver.length]!;
    try {
      await this.makeOne(day, signal);
    } catch (error) {
      if (!signal?.aborted) this.probe.failed();
      this.failure = error;
      throw error;
    }
    if (day !== next) progress.days.add({ from: next.start, to: day.start });
    for (const { start } of passedOver) this.shared.retries.failed('day', start, this.failure);
    this.shared.saveProgress();
    progress.move({ daysTo: day.end });
    this.probe.succeeded();
  }

  /** A day that was passed over and may be tried again; null when there is none. */
  get waiting(): RollupDay | null {
    const { progress, retries } = this.shared;
    for (const { from, to } of progress.days.all) {
      for (let day = this.wholeDay(from); day.start < to; day = this.wholeDay(day.end)) {
        if (retries.isDue('day', day.start)) return day;
      }
    }
    return null;
  }

  async remake(day: RollupDay, signal?: AbortSignal): Promise<void> {
    const { progress, retries, saveProgress } = this.shared;
    try {
      await this.makeOne(day, signal);
      saveProgress();
      progress.days.remove({ from: day.start, to: day.end });
      retries.succeeded('day', day.start);
    } catch (error) {
      if (!signal?.aborted) retries.failed('day', day.start, error);
    }
  }

  private async makeOne(day: RollupDay, signal?: AbortSignal): Promise<void> {
    const { store, dirty, retries, written } = this.shared;
    const onFailed = (series: SeriesKey, error: unknown) => {
      dirty.noteHours(series, { from: day.start, to: day.end });
      retries.failed('series', seriesName(series), error);
    };
    written.days += await makeDay(store, day, onFailed, signal);
  }

  /** The first day at or behind `time` that is made of whole hours. */
  private wholeDay(time: number): RollupDay {
    const { calendar } = this.shared.progress;
    let day = calendar.dayOf(time);
    while (!day.whole) day = calendar.dayOf(day.end);
    return day;
  }
}
