import type { Metric } from '../../domain/catalogue/index.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../domain/duration.js';
import { hourOf, nextHour, RollupCalendar } from '../../domain/rollup/calendar.js';
import type { TimeZone } from '../../domain/time-zone.js';
import type { SeriesKey } from '../port.js';
import { correctSome } from './correct.js';
import { makeDay } from './days.js';
import { DIRTY_BOUNDS, type DirtyBounds, DirtyHoursOfSeries } from './dirty.js';
import type { RollupMarks } from './marks.js';
import { MeterRates, type RateSource } from './meter-rates.js';
import type { RollupSource, RollupStore } from './port.js';
import { seriesSince } from './recount.js';
import { type RollParts, rollHours } from './roll.js';
import { Watermarks } from './watermarks.js';

export interface KeeperParts {
  /** Closed by whoever opened it, after the keeper's last `work`. */
  readonly marks: RollupMarks;
  readonly source: RollupSource;
  readonly store: RollupStore;
  /** What the catalogue says of a series; undefined where it knows nothing, which counts as a gauge. */
  readonly metricOf: (series: SeriesKey) => Metric | undefined;
  /** Where devices have bounds of their own; without it counters have none but those of the catalogue. */
  readonly rates?: RateSource | undefined;
  /** Whose days the days are. */
  readonly zone: TimeZone;
  readonly dirtyBounds?: DirtyBounds;
}

/** Roll-ups that a keeper takes over from another store; epoch ms. */
export interface TakenOver {
  /** The first hour that has one. */
  readonly since: number;
  /** A whole hour: the readings before it are gone. */
  readonly keptFrom: number;
  /** Days that end at or before this came along; -Infinity where none did. */
  readonly daysTo: number;
}

export interface RollupStats {
  /** Hours before this are rolled up; null before the first. Epoch ms. */
  readonly rolledTo: number | null;
  /** Days that end at or before this are rolled up. */
  readonly daysTo: number | null;
  /** Series with hours that are out of date. */
  readonly dirtySeries: number;
  /** Rows written since the start, corrections included. */
  readonly hoursWritten: number;
  readonly daysWritten: number;
  /** Readings from before the raw horizon, which changed no roll-up. */
  readonly ignored: number;
}

/** Goes up with each change of what counters count, see `CounterIncrements`. */
const COUNTER_MODEL = '3';
/** How long after its end an hour is rolled up; what is later is corrected. */
const GRACE_MS = 10 * MINUTE_MS;
/** A clock that goes back by more takes the watermark with it: else all that comes would be late. */
const CLOCK_BACK_MS = DAY_MS;
/** One piece of rolling should take about this long; a piece is an hour at least and a day at most. */
const [SHORT_MS, LONG_MS] = [500, 2_000];
const PIECES = ['roll', 'correct', 'days'] as const;
type Piece = (typeof PIECES)[number];

/**
 * Keeps an adapter's roll-ups: makes those of hours that are over, and again those that late readings touch.
 *
 * What an adapter does:
 * - calls `note` for each reading it appends whose time lies before `noteBefore`, both as they are once the reading is
 *   visible to `source`: asked earlier alone, an hour could be rolled up in between without it;
 * - calls `saveMarks` before its `durableSeq` passes the readings noted since the last call: they would not come again;
 * - calls `settled` as the journal is worked off, and `work` now and then until it returns false;
 * - calls `keepFrom` before it drops raw readings, and drops none at or after `droppable`.
 */
export class RollupKeeper {
  readonly calendar: RollupCalendar;
  private readonly dirty: DirtyHoursOfSeries;
  private readonly watermarks: Watermarks;
  private readonly meterRates: MeterRates;
  private watched: number;
  private settledUntil = Number.NEGATIVE_INFINITY;
  private since: number;
  private spanMs = HOUR_MS;
  private turn = 0;
  private working: Promise<boolean> | null = null;
  private hoursWritten = 0;
  private daysWritten = 0;
  private ignored = 0;

  private constructor(private readonly parts: KeeperParts) {
    const { marks, zone, dirtyBounds } = parts;
    this.calendar = new RollupCalendar(zone);
    this.watermarks = new Watermarks(marks);
    this.dirty = new DirtyHoursOfSeries(marks, dirtyBounds ?? DIRTY_BOUNDS);
    this.meterRates = new MeterRates(marks, parts.rates);
    this.watched = this.rolledTo;
    this.since = this.watermarks.now.since ?? Number.POSITIVE_INFINITY;
    if (marks.get('zone') !== zone.name) this.restartDays();
    if (marks.get('counters') !== COUNTER_MODEL) this.restartHours();
  }

  /** Takes up the roll-ups where the marks say they are; in another zone than before, all days are made anew. */
  static open(parts: KeeperParts): RollupKeeper {
    return new RollupKeeper(parts);
  }

  /** Readings at or after this need no `note`; to be read anew whenever some became visible. -Infinity at first. */
  get noteBefore(): number {
    return this.watched;
  }

  /** All hours before this are rolled up, of every series; -Infinity before the first roll. */
  get rolledTo(): number {
    return this.watermarks.now.rolledTo ?? Number.NEGATIVE_INFINITY;
  }

  /** Days that end at or before this may be used, where their hours may; -Infinity before the first. */
  get daysTo(): number {
    return (this.calendar.hasDays ? this.watermarks.now.daysTo : null) ?? Number.NEGATIVE_INFINITY;
  }

  /** Raw readings before this are gone, and roll-ups final. */
  get keptFrom(): number {
    return this.watermarks.now.keptFrom ?? Number.NEGATIVE_INFINITY;
  }

  /** What the catalogue says of a series, with the bound of its device in it where that has one. */
  metricOf(series: SeriesKey): Metric | undefined {
    return this.meterRates.apply(series, this.parts.metricOf(series));
  }

  /** A reading was appended, good or not: its hour is out of date if it is rolled up. */
  note(series: SeriesKey, ts: number): void {
    if (ts >= this.watched) return;
    if (ts < this.keptFrom) {
      this.ignored += 1;
      return;
    }
    this.dirty.note(series, ts);
    if (ts < this.since) this.since = hourOf(ts);
  }

  /** Hours before this may be used for the series; a whole hour of UTC, or -Infinity. */
  usableTo(series: SeriesKey): number {
    const outOfDate = this.dirty.size === 0 ? undefined : this.dirty.get(series)?.ranges[0]?.from;
    return Math.min(this.rolledTo, outOfDate ?? Number.POSITIVE_INFINITY);
  }

  /** Everything received before `until` (by the journal's times of receipt, not by the clock) is visible to `source`. */
  settled(until: number): void {
    this.settledUntil = until;
  }

  /**
   * Makes the marks of all that was noted durable; costs nothing where nothing was.
   * @throws when the disk refuses; they are kept for the next call
   */
  saveMarks(): void {
    if (this.since < (this.watermarks.now.since ?? Number.POSITIVE_INFINITY)) {
      this.watermarks.move({ since: this.since });
    }
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

  /** Raw readings at or after this are still needed for roll-ups. */
  get droppable(): number {
    let needed = this.rolledTo - HOUR_MS;
    for (const { ranges } of this.dirty.all()) needed = Math.min(needed, ranges[0]!.from);
    return needed;
  }

  /** Raw readings before this are dropped, now or soon: roll-ups of that time are final. Durable when it returns. */
  keepFrom(ts: number): void {
    const keptFrom = nextHour(ts);
    if (keptFrom <= this.keptFrom) return;
    this.watermarks.move({ keptFrom });
    this.dirty.forgetBefore(keptFrom);
    this.saveMarks();
  }

  /**
   * Roll-ups from elsewhere, of hours from `since` on, were put in the store; the readings of those before `keptFrom` are
   * gone, or were never here. They count from now on and are final, and rolling goes on behind them. Readings of this
   * store's own from before `keptFrom` must have been rolled up. Durable when it returns.
   */
  takeOver({ since, keptFrom, daysTo }: TakenOver, now: number): void {
    const { daysTo: ownDaysTo, rolledTo, rollingTo } = this.watermarks.now;
    const firstDay = this.calendar.dayOf(hourOf(since)).start;
    const days =
      rolledTo === null
        ? Math.max(firstDay, Math.min(daysTo, this.calendar.dayOf(keptFrom).start))
        : Math.min(ownDaysTo ?? firstDay, firstDay);
    this.since = Math.min(this.since, hourOf(since));
    if (this.rolledTo >= keptFrom) {
      this.watermarks.move({ daysTo: days, since: this.since });
      this.keepFrom(Math.min(keptFrom, this.droppable));
      return;
    }
    // As at the first roll, another life may have left rows behind.
    const mayHaveRowsTo = Math.max(nextHour(now), rollingTo ?? keptFrom);
    this.watermarks.move({ rolledTo: keptFrom, rollingTo: mayHaveRowsTo, daysTo: days, since: this.since, keptFrom });
    this.watched = keptFrom;
    this.dirty.forgetBefore(keptFrom);
    this.saveMarks();
  }

  /**
   * Roll-ups of hours from `from` on, and of days with such hours, may be gone from the store: they are made again as they
   * become due. Durable when it returns.
   */
  rollAgain(from: number): void {
    if (from < this.rolledTo) this.goBackTo(Math.max(hourOf(from), hourOf(this.since), this.keptFrom));
  }

  get hasDirty(): boolean {
    return this.dirty.size > 0;
  }

  get stats(): RollupStats {
    const { rolledTo, daysTo } = this.watermarks.now;
    const { hoursWritten, daysWritten, ignored } = this;
    return { rolledTo, daysTo, dirtySeries: this.dirty.size, hoursWritten, daysWritten, ignored };
  }

  private async workOnce(signal?: AbortSignal): Promise<boolean> {
    this.followClockBack();
    await this.followRates();
    for (let i = 0; i < PIECES.length; i += 1) {
      const piece = PIECES[(this.turn + i) % PIECES.length]!;
      if (!this.isDue(piece)) continue;
      try {
        await this.do(piece, signal);
      } catch (error) {
        if (signal?.aborted) return true;
        // The next call begins with another piece: one that fails again and again keeps no other from its turn.
        this.turn += i + 1;
        throw error;
      }
      this.turn += i + 1;
      break;
    }
    return PIECES.some((piece) => this.isDue(piece));
  }

  private isDue(piece: Piece): boolean {
    if (piece === 'roll') return this.target > this.rolledTo;
    if (piece === 'days') {
      return Number.isFinite(this.daysTo) && this.calendar.dayOf(this.daysTo).end <= this.rolledTo;
    }
    for (const { ranges } of this.dirty.all()) if (ranges[0]!.from < this.rolledTo) return true;
    return false;
  }

  private do(piece: Piece, signal?: AbortSignal): Promise<void> {
    if (piece === 'roll') return this.roll(signal);
    return piece === 'correct' ? this.correct(signal) : this.makeDays(signal);
  }

  private get rollParts(): RollParts {
    const { source, store } = this.parts;
    return { source, store, metricOf: (series) => this.metricOf(series) };
  }

  /** Hours that were counted by other bounds than devices now have are out of date, as far as their readings are kept. */
  private async followRates(): Promise<void> {
    const news = this.meterRates.news();
    if (news === null) return;
    const { rolledTo } = this;
    const from = Math.max(this.since, this.keptFrom);
    const series = from < rolledTo ? await seriesSince(this.parts.store, news.series, from, rolledTo) : [];
    this.meterRates.take(news, () => {
      // What is final by now may be more than before.
      const hours = { from: Math.max(from, this.keptFrom), to: rolledTo };
      if (hours.from < hours.to) for (const one of series) this.dirty.noteHours(one, hours);
      this.dirty.save();
    });
  }

  /** The hours that are over and settled end here. */
  private get target(): number {
    return hourOf(this.settledUntil - GRACE_MS);
  }

  private async roll(signal?: AbortSignal): Promise<void> {
    const began = performance.now();
    const { target } = this;
    if (this.watermarks.now.rolledTo === null) await this.begin(target);
    const from = Math.max(this.rolledTo, this.keptFrom);
    const to = Math.min(target, from + this.spanMs);
    if (to > from) {
      // What comes while its hour is computed may or may not be seen: it counts as late.
      this.watched = to;
      const again = (this.watermarks.now.rollingTo ?? from) > from;
      if (!again) this.watermarks.move({ rollingTo: to });
      try {
        this.hoursWritten += await rollHours(this.rollParts, { from, to, keptFrom: this.keptFrom, again }, signal);
      } catch (error) {
        this.watched = this.rolledTo;
        this.spanMs = HOUR_MS;
        throw error;
      }
    }
    if (this.keptFrom <= from) this.watermarks.move({ rolledTo: Math.max(to, this.rolledTo) });
    this.watched = this.rolledTo;
    const tookMs = performance.now() - began;
    if (tookMs < SHORT_MS) this.spanMs = Math.min(this.spanMs * 2, DAY_MS);
    else if (tookMs > LONG_MS) this.spanMs = Math.max(hourOf(this.spanMs / 2), HOUR_MS);
  }

  /** The first roll begins with the oldest reading there is. */
  private async begin(target: number): Promise<void> {
    this.watched = target;
    let oldest: number | null;
    try {
      oldest = await this.parts.source.oldest();
    } catch (error) {
      this.watched = Number.NEGATIVE_INFINITY;
      throw error;
    }
    const start = Math.min(target, oldest === null ? target : hourOf(oldest));
    this.since = Math.min(this.since, start);
    const daysTo = this.calendar.dayOf(this.since).start;
    // A lost marks file leaves rows behind.
    this.watermarks.move({ rolledTo: start, rollingTo: target, since: this.since, daysTo });
  }

  private async correct(signal?: AbortSignal): Promise<void> {
    const { calendar, dirty, rolledTo, daysTo } = this;
    const parts = { ...this.rollParts, calendar, dirty, saveMarks: () => this.saveMarks() };
    const written = await correctSome(parts, { rolledTo, daysTo, keptFrom: () => this.keptFrom }, signal);
    this.hoursWritten += written.hours;
    this.daysWritten += written.days;
  }

  private async makeDays(signal?: AbortSignal): Promise<void> {
    let day = this.calendar.dayOf(this.daysTo);
    while (!day.whole && day.end <= this.rolledTo) day = this.calendar.dayOf(day.end);
    if (day.end > this.rolledTo) {
      this.watermarks.move({ daysTo: day.start });
      return;
    }
    this.daysWritten += await makeDay(this.parts.store, day, signal);
    this.watermarks.move({ daysTo: day.end });
  }

  private restartDays(): void {
    const zone = this.parts.zone.name;
    if (this.watermarks.now.rolledTo === null) this.watermarks.move({ zone });
    // The first hour may have lain at the end of a day that began a day before.
    else this.watermarks.move({ zone, daysTo: this.calendar.dayOf(this.since - DAY_MS).start });
  }

  /** Hours whose readings are kept are made anew: another model of counters made them, or none yet. */
  private restartHours(): void {
    const { rolledTo, since, keptFrom } = this.watermarks.now;
    if (rolledTo !== null) this.goBackTo(Math.max(since ?? rolledTo, keptFrom ?? Number.NEGATIVE_INFINITY));
    this.parts.marks.set('counters', COUNTER_MODEL);
  }

  private followClockBack(): void {
    const { target } = this;
    if (!Number.isFinite(target) || target >= this.rolledTo - CLOCK_BACK_MS) return;
    this.goBackTo(target);
  }

  private goBackTo(hour: number): void {
    const rollingTo = Math.max(this.rolledTo, this.watermarks.now.rollingTo ?? 0);
    // What was final because of the hour that the clock then said is not, as far as that has not yet come.
    const keptFrom = Math.min(this.keptFrom, hour);
    const rolledTo = Math.min(this.rolledTo, hour);
    this.since = Math.min(this.since, rolledTo);
    const daysTo = Math.min(this.watermarks.now.daysTo ?? rolledTo, this.calendar.dayOf(rolledTo).start);
    const kept = Number.isFinite(keptFrom) ? { keptFrom } : {};
    this.watermarks.move({ rolledTo, rollingTo, daysTo, since: this.since, ...kept });
    this.watched = rolledTo;
  }
}
