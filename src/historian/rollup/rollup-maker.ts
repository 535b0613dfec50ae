import type { Metric } from '../../model/catalogue/index.js';
import { HOUR_MS } from '../../model/time/duration.js';
import type { TimeZone } from '../../model/time/zone.js';
import type { SeriesKey } from '../port/queries.js';
import type { OwnStats, TimeSpan } from '../port/stats.js';
import { Corrections } from './make/corrections.js';
import { DayMaker } from './make/day-maker.js';
import { HourMaker } from './make/hour-maker.js';
import type { SharedParts } from './make/shared-parts.js';
import { MeterRates, type RateSource, seriesSince } from './meter-rates.js';
import { hourOf, nextHour, type RollupCalendar } from './model/calendar.js';
import { type RollupSource, type RollupStore, seriesName, seriesNamed } from './port.js';
import { DIRTY_BOUNDS, type DirtyBounds, DirtyHoursOfSeries } from './progress/dirty-hours.js';
import { Progress, type TakenOver } from './progress/progress.js';
import type { ProgressFile } from './progress/progress-file.js';
import { Retries } from './trouble/retries.js';
import { describeTrouble, gapsOf, troubleOf } from './trouble/trouble.js';

interface RollupMakerParts {
  /** The caller that opened the file closes it, after the last `work`. */
  readonly progressFile: ProgressFile;
  readonly source: RollupSource;
  readonly store: RollupStore;
  /** The catalogue's metric of a series; undefined if unknown, which counts as a gauge. */
  readonly metricOf: (series: SeriesKey) => Metric | undefined;
  /** Maximum rates of single devices; without it counters have only those of the catalogue. */
  readonly rates?: RateSource | undefined;
  /** Time zone of the days. */
  readonly zone: TimeZone;
  readonly dirtyBounds?: DirtyBounds;
  /** Monotonic milliseconds. */
  readonly uptime?: () => number;
}

/** How long `catchUp` works, plus or minus one piece. */
const CATCH_UP_MS = 1_500;

/** One kind of work that can be due, done in steps. */
interface Piece {
  readonly isDue: boolean;
  work(signal?: AbortSignal): Promise<void>;
}

/**
 * Keeps an adapter's roll-ups: makes those of past hours, and corrects those that late readings change. An hour, a day
 * or a series that fails is reported and tried again alone; the others continue. An adapter:
 * - reads `noteBefore` once readings are visible to `source`, not earlier, and calls `note` for those before it:
 * otherwise an hour could be rolled up in between without them;
 * - calls `saveProgress` before its `durableSeq` passes the readings noted since the last call: they do not come again;
 * - calls `settled` as it applies the journal, and `work` now and then until it returns false;
 * - calls `keepFrom` before it drops raw readings, and drops none at or after `droppable`.
 */
export class RollupMaker {
  private readonly progress: Progress;
  private readonly dirty: DirtyHoursOfSeries;
  private readonly meterRates: MeterRates;
  private readonly shared: SharedParts;
  private readonly hourMaker: HourMaker;
  private readonly dayMaker: DayMaker;
  private readonly pieces: readonly Piece[];
  private turn = 0;
  private working: Promise<boolean> | null = null;
  private ignored = 0;

  /** Continues from the progress file; after a change of time zone, makes all days anew. */
  constructor(parts: RollupMakerParts) {
    const { progressFile, zone, dirtyBounds, source, store, uptime = () => performance.now() } = parts;
    this.progress = new Progress(progressFile, zone);
    this.dirty = new DirtyHoursOfSeries(progressFile, dirtyBounds ?? DIRTY_BOUNDS);
    this.meterRates = new MeterRates(progressFile, parts.rates);
    this.metricOf = (series) => this.meterRates.apply(series, parts.metricOf(series));
    const { progress, dirty, metricOf } = this;
    const saveProgress = () => this.saveProgress();
    const written = { hours: 0 };
    const retries = new Retries(uptime);
    this.shared = { source, store, progress, dirty, metricOf, saveProgress, uptime, written, retries };
    this.hourMaker = new HourMaker(this.shared);
    this.dayMaker = new DayMaker(this.shared);
    this.pieces = [this.hourMaker, new Corrections(this.shared), this.dayMaker, this.passedOver()];
  }

  /** The catalogue's metric of a series, with the device's own maximum rate if it has one. */
  readonly metricOf: (series: SeriesKey) => Metric | undefined;

  get calendar(): RollupCalendar {
    return this.progress.calendar;
  }

  /** Readings at or after this need no `note`; read it anew after readings become visible. -Infinity at first. */
  get noteBefore(): number {
    return this.progress.watched;
  }

  /** All hours of every series before this are rolled up, except `gaps`; -Infinity before the first roll-up. */
  get rolledTo(): number {
    return this.progress.rolledTo;
  }

  /** Days that end at or before this are usable if their hours are; -Infinity before the first. */
  get daysTo(): number {
    const { daysTo, days } = this.progress;
    return Math.min(daysTo, days.nextFrom(Number.NEGATIVE_INFINITY));
  }

  /** Raw readings before this are gone, and roll-ups final. */
  get keptFrom(): number {
    return this.progress.keptFrom;
  }

  /** Spans whose hours could not be rolled up and may be missing. Disjoint and rising. */
  get gaps(): readonly TimeSpan[] {
    return gapsOf(this.shared);
  }

  /** Failures that are tried again, as text; null without any. */
  get problem(): string | null {
    return describeTrouble(this.shared);
  }

  /** A reading of any quality was appended: if its hour is rolled up, it is out of date. */
  note(series: SeriesKey, ts: number): void {
    const { progress } = this;
    if (ts >= progress.watched) return;
    if (ts < progress.keptFrom) {
      this.ignored += 1;
      return;
    }
    if (ts < progress.since) progress.since = hourOf(ts);
    if (!this.hourMaker.waits(ts)) this.dirty.note(series, ts);
  }

  /** Hours of the series before this are usable; a whole hour of UTC, or -Infinity. */
  usableTo(series: SeriesKey): number {
    const outOfDate = this.dirty.size === 0 ? undefined : this.dirty.get(series)?.ranges[0]?.from;
    return Math.min(this.rolledTo, outOfDate ?? Number.POSITIVE_INFINITY);
  }

  /** Everything received before `until` (by receipt in the journal, not by the clock) is visible to `source`. */
  settled(until: number): void {
    this.hourMaker.settledUntil = until;
  }

  /** Makes the hours noted as out of date durable, if any. @throws when the disk fails; the next call stores them */
  saveProgress(): void {
    this.progress.saveSince();
    this.dirty.save();
  }

  /**
   * Does one piece of work that is due, some seconds at most: rolls up hours, corrects some series, or makes a day;
   * call it again while it returns true. A call during another joins it. If it throws or is aborted, nothing is lost
   * and the next call continues.
   */
  work(signal?: AbortSignal): Promise<boolean> {
    this.working ??= this.workOnce(signal).finally(() => {
      this.working = null;
    });
    return this.working;
  }

  /** Roll-ups still need raw readings at or after this, unless they have failed for days. */
  get droppable(): number {
    const { progress, retries } = this.shared;
    let needed = this.rolledTo - HOUR_MS;
    for (const { series, ranges } of this.dirty.all()) {
      if (retries.isWaitedFor('series', seriesName(series))) needed = Math.min(needed, ranges[0]!.from);
    }
    for (const { from, to } of progress.hours.all) {
      if (to > this.keptFrom && retries.isWaitedFor('hour', from)) needed = Math.min(needed, from - HOUR_MS);
    }
    return needed;
  }

  /** Raw readings before this are dropped now or soon: roll-ups of that time are final. Durable when it returns. */
  keepFrom(ts: number): void {
    const keptFrom = nextHour(ts);
    if (keptFrom <= this.keptFrom) return;
    this.progress.move({ keptFrom });
    this.forgetBefore(keptFrom);
  }

  /**
   * Counts copied roll-ups of hours from `since` on, already in the store, as made. Those before `keptFrom`, whose
   * readings are gone or were never here, are final; new ones follow behind them. This store's own readings before
   * `keptFrom` must be rolled up already. Durable when it returns.
   */
  takeOver(taken: TakenOver, now: number): void {
    if (this.progress.takeOver(taken, now)) this.forgetBefore(taken.keptFrom);
    else this.keepFrom(Math.min(taken.keptFrom, this.droppable));
  }

  /** The store may have lost hours from `from` on: makes them, and their days, again. Durable when it returns. */
  rollUpAgain(from: number): void {
    const { progress } = this;
    if (from < this.rolledTo) progress.goBackTo(Math.max(hourOf(from), hourOf(progress.since), this.keptFrom));
  }

  /**
   * Does work that is due for a second or two, so that other housekeeping gets its turn; the next call continues.
   * Everything received before `settledTo` must be visible to `source`.
   */
  async catchUp(settledTo: number, signal: AbortSignal): Promise<void> {
    this.settled(settledTo);
    const { uptime } = this.shared;
    const until = uptime() + CATCH_UP_MS;
    while (!signal.aborted && (await this.work(signal)) && uptime() < until);
  }

  /** Figures for the port: the roll-ups, and readings that changed none. */
  get told(): Pick<OwnStats, 'rollups' | 'final'> {
    const { rolledTo, dirtySeries, trouble, ignored } = this.stats;
    const { keptFrom } = this;
    const rollups = {
      ...{ rolledTo, dirtySeries },
      ...(Number.isFinite(keptFrom) && { finalTo: keptFrom }),
      ...(trouble !== null && { failing: trouble }),
    };
    return { rollups, final: ignored };
  }

  /** Own figures; counts of rows written and readings ignored begin at the start. */
  get stats() {
    const trouble = troubleOf(this.shared);
    const { rolledTo } = this.progress.now;
    const hoursWritten = this.shared.written.hours;
    return { rolledTo, dirtySeries: this.dirty.size, hoursWritten, ignored: this.ignored, trouble };
  }

  private async workOnce(signal?: AbortSignal): Promise<boolean> {
    this.hourMaker.followClockBack();
    const failed: unknown[] = [];
    await this.followRates().catch((error: unknown) => failed.push(error));
    const due = this.pieces.map((_, i) => (this.turn + i) % this.pieces.length).find((i) => this.pieces[i]!.isDue);
    if (due !== undefined) {
      try {
        await this.pieces[due]!.work(signal);
      } catch (error) {
        if (signal?.aborted) return true;
        // The next call begins with another piece, so that a piece that keeps failing does not block the others.
        this.turn = due + 1;
        throw error;
      }
      this.turn = due + 1;
    }
    if (failed.length > 0) throw failed[0];
    return this.pieces.some(({ isDue }) => isDue);
  }

  /** Skipped hours and days, tried again. */
  private passedOver(): Piece {
    const { hourMaker, dayMaker } = this;
    return {
      get isDue() {
        return hourMaker.waiting !== null || dayMaker.waiting !== null;
      },
      async work(signal) {
        const [hour, day] = [hourMaker.waiting, dayMaker.waiting];
        if (hour !== null) await hourMaker.remake(hour, signal);
        else if (day !== null) await dayMaker.remake(day, signal);
      },
    };
  }

  /** Hours counted by rates no longer in force are out of date, as far as their readings are kept. */
  private async followRates(): Promise<void> {
    const news = this.meterRates.news();
    if (news === null) return;
    const { rolledTo, shared } = this;
    const from = Math.max(this.progress.since, this.keptFrom);
    const changed = [...news.rates.keys()].map(seriesNamed);
    const series = from < rolledTo ? await seriesSince(shared.store, changed, from, rolledTo) : [];
    this.meterRates.putInForce(news, () => {
      // More hours may be final by now.
      const hours = { from: Math.max(from, this.keptFrom), to: rolledTo };
      if (hours.from < hours.to) for (const one of series) this.dirty.noteHours(one, hours);
      this.dirty.save();
    });
  }

  private forgetBefore(keptFrom: number): void {
    this.dirty.forget({ from: Number.NEGATIVE_INFINITY, to: keptFrom });
    this.shared.retries.forget('series', (name) => this.dirty.get(seriesNamed(name)) === undefined);
    this.shared.retries.forget('hour', (hour) => Number(hour) < keptFrom);
    this.saveProgress();
  }
}
