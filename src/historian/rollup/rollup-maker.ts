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
  /** Closed by whoever opened it, after the last `work`. */
  readonly progressFile: ProgressFile;
  readonly source: RollupSource;
  readonly store: RollupStore;
  /** What the catalogue says of a series; undefined where it knows nothing, which counts as a gauge. */
  readonly metricOf: (series: SeriesKey) => Metric | undefined;
  /** Where devices have bounds of their own; without it counters have none but those of the catalogue. */
  readonly rates?: RateSource | undefined;
  /** Whose days the days are. */
  readonly zone: TimeZone;
  readonly dirtyBounds?: DirtyBounds;
  /** Milliseconds of a clock that does not jump. */
  readonly uptime?: () => number;
}

/** How long `catchUp` goes on, a piece more or less. */
const CATCH_UP_MS = 1_500;

/** Work that can be due, one step at a time. */
interface Piece {
  readonly isDue: boolean;
  work(signal?: AbortSignal): Promise<void>;
}

/**
 * Keeps an adapter's roll-ups: makes those of hours that are over, and again those that late readings touch.
 * What fails by itself, an hour, a day or a series, is named, tried again by itself, and holds up nothing else.
 *
 * What an adapter does:
 * - calls `note` for each reading it appends whose time lies before `noteBefore`, both as they are once the reading is
 *   visible to `source`: asked earlier alone, an hour could be rolled up in between without it;
 * - calls `saveProgress` before its `durableSeq` passes the readings noted since the last call: they would not come again;
 * - calls `settled` as the journal is worked off, and `work` now and then until it returns false;
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

  /** Takes up the roll-ups where the progress file says they are; in another zone than before, all days are made anew. */
  constructor(parts: RollupMakerParts) {
    const { progressFile, zone, dirtyBounds, source, store, uptime = () => performance.now() } = parts;
    this.progress = new Progress(progressFile, zone);
    this.dirty = new DirtyHoursOfSeries(progressFile, dirtyBounds ?? DIRTY_BOUNDS);
    this.meterRates = new MeterRates(progressFile, parts.rates);
    this.metricOf = (series) => this.meterRates.apply(series, parts.metricOf(series));
    const { progress, dirty, metricOf } = this;
    const saveProgress = () => this.saveProgress();
    const written = { hours: 0 };
    this.shared = { source, store, progress, dirty, metricOf, saveProgress, written, retries: new Retries(uptime) };
    this.hourMaker = new HourMaker(this.shared);
    this.dayMaker = new DayMaker(this.shared);
    this.pieces = [this.hourMaker, new Corrections(this.shared), this.dayMaker, this.passedOver()];
  }

  /** What the catalogue says of a series, with the bound of its device in it where that has one. */
  readonly metricOf: (series: SeriesKey) => Metric | undefined;

  get calendar(): RollupCalendar {
    return this.progress.calendar;
  }

  /** Readings at or after this need no `note`; to be read anew whenever some became visible. -Infinity at first. */
  get noteBefore(): number {
    return this.progress.watched;
  }

  /** All hours before this are rolled up, of every series, but those in `gaps`; -Infinity before the first roll-up. */
  get rolledTo(): number {
    return this.progress.rolledTo;
  }

  /** Days that end at or before this may be used, where their hours may; -Infinity before the first. */
  get daysTo(): number {
    const { daysTo, days } = this.progress;
    return Math.min(daysTo, days.nextFrom(Number.NEGATIVE_INFINITY));
  }

  /** Raw readings before this are gone, and roll-ups final. */
  get keptFrom(): number {
    return this.progress.keptFrom;
  }

  /** Where hourly figures may be missing: hours that could not be rolled up. Disjoint and rising. */
  get gaps(): readonly TimeSpan[] {
    return gapsOf(this.shared);
  }

  /** What fails by itself and is tried again, in words; null where nothing does. */
  get problem(): string | null {
    return describeTrouble(this.shared);
  }

  /** A reading was appended, good or not: its hour is out of date if it is rolled up. */
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

  /** Hours before this may be used for the series; a whole hour of UTC, or -Infinity. */
  usableTo(series: SeriesKey): number {
    const outOfDate = this.dirty.size === 0 ? undefined : this.dirty.get(series)?.ranges[0]?.from;
    return Math.min(this.rolledTo, outOfDate ?? Number.POSITIVE_INFINITY);
  }

  /** Everything received before `until` (by the journal's times of receipt, not by the clock) is visible to `source`. */
  settled(until: number): void {
    this.hourMaker.settledUntil = until;
  }

  /**
   * Makes durable which hours were noted as out of date; costs nothing where nothing was.
   * @throws when the disk refuses; they are kept for the next call
   */
  saveProgress(): void {
    this.progress.saveSince();
    this.dirty.save();
  }

  /**
   * Does one piece of what is due, some seconds at most: rolls up hours, corrects some series, or makes a day; to be
   * called again while it returns true. One at a time: a call meanwhile joins it. When it throws or is aborted, nothing
   * is lost and the next call goes on.
   */
  work(signal?: AbortSignal): Promise<boolean> {
    this.working ??= this.workOnce(signal).finally(() => {
      this.working = null;
    });
    return this.working;
  }

  /** Raw readings at or after this are still needed for roll-ups; what has failed for days is not waited for. */
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

  /** Raw readings before this are dropped, now or soon: roll-ups of that time are final. Durable when it returns. */
  keepFrom(ts: number): void {
    const keptFrom = nextHour(ts);
    if (keptFrom <= this.keptFrom) return;
    this.progress.move({ keptFrom });
    this.forgetBefore(keptFrom);
  }

  /**
   * Roll-ups from elsewhere, of hours from `since` on, were put in the store; the readings of those before `keptFrom` are
   * gone, or were never here. They count from now on and are final, and they go on being made behind them. Readings of this
   * store's own from before `keptFrom` must have been rolled up. Durable when it returns.
   */
  takeOver(taken: TakenOver, now: number): void {
    if (this.progress.takeOver(taken, now)) this.forgetBefore(taken.keptFrom);
    else this.keepFrom(Math.min(taken.keptFrom, this.droppable));
  }

  /**
   * Roll-ups of hours from `from` on, and of days with such hours, may be gone from the store: they are made again as they
   * become due. Durable when it returns.
   */
  rollUpAgain(from: number): void {
    const { progress } = this;
    if (from < this.rolledTo) progress.goBackTo(Math.max(hourOf(from), hourOf(progress.since), this.keptFrom));
  }

  /**
   * Works on what is due, all that was received before `settledTo` being visible to `source`: for a second or two, so that
   * other housekeeping has its turn. The next call goes on.
   */
  async catchUp(settledTo: number, signal: AbortSignal): Promise<void> {
    this.settled(settledTo);
    const until = performance.now() + CATCH_UP_MS;
    while (!signal.aborted && (await this.work(signal)) && performance.now() < until);
  }

  /** What the port tells of the roll-ups, and of readings that changed none. */
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

  /** Figures of its own: rows written and readings ignored are counted since the start. */
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
        // The next call begins with another piece: one that fails again and again keeps no other from its turn.
        this.turn = due + 1;
        throw error;
      }
      this.turn = due + 1;
    }
    if (failed.length > 0) throw failed[0];
    return this.pieces.some(({ isDue }) => isDue);
  }

  /** Hours and days that were passed over, tried again. */
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

  /** Hours that were counted by other bounds than devices now have are out of date, as far as their readings are kept. */
  private async followRates(): Promise<void> {
    const news = this.meterRates.news();
    if (news === null) return;
    const { rolledTo, shared } = this;
    const from = Math.max(this.progress.since, this.keptFrom);
    const changed = [...news.rates.keys()].map(seriesNamed);
    const series = from < rolledTo ? await seriesSince(shared.store, changed, from, rolledTo) : [];
    this.meterRates.putInForce(news, () => {
      // What is final by now may be more than before.
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
