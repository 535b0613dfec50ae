import { DAY_MS } from '../../../model/time/duration.js';
import type { TimeZone } from '../../../model/time/zone.js';
import { hourOf, nextHour, RollupCalendar } from '../model/calendar.js';
import { PassedOver } from './passed-over.js';
import type { ProgressFile } from './progress-file.js';

/** Roll-ups that come from another store; epoch ms. */
export interface TakenOver {
  /** The first hour that has one. */
  readonly since: number;
  /** A whole hour: the readings before it are gone. */
  readonly keptFrom: number;
  /** Days that end at or before this came along; -Infinity where none did. */
  readonly daysTo: number;
}

/** Goes up with each change of what counters count, see `CounterIncrements`. */
const COUNTER_MODEL = '3';

/** Epoch ms. */
interface Watermarks {
  /** Hours before this are rolled up. */
  rolledTo: number | null;
  /** There may be rows of hours up to here: of making some that did not end. */
  rollingTo: number | null;
  /** Start of a day; those before it are rolled up. */
  daysTo: number | null;
  /** The first hour that was ever rolled up or out of date. */
  since: number | null;
  /** Raw readings before this are gone. */
  keptFrom: number | null;
}

const NAMES = ['rolledTo', 'rollingTo', 'daysTo', 'since', 'keptFrom'] as const satisfies (keyof Watermarks)[];

/** How far roll-ups are, what was passed over on the way, and how they go back to be made again. Epoch ms. */
export class Progress {
  readonly calendar: RollupCalendar;
  readonly hours: PassedOver;
  readonly days: PassedOver;
  /** Readings before this touch hours that are rolled up, or being so. */
  watched: number;
  since: number;
  private watermarks: Readonly<Watermarks>;

  constructor(
    private readonly progressFile: ProgressFile,
    private readonly zone: TimeZone,
  ) {
    this.calendar = new RollupCalendar(zone);
    const read = (name: keyof Watermarks) => [name, progressFile.getNumber(name)];
    this.watermarks = Object.fromEntries(NAMES.map(read)) as Watermarks;
    this.hours = new PassedOver(progressFile, 'hoursPassedOver');
    this.days = new PassedOver(progressFile, 'daysPassedOver');
    this.watched = this.rolledTo;
    this.since = this.watermarks.since ?? Number.POSITIVE_INFINITY;
    if (progressFile.get('zone') !== zone.name) this.restartDays();
    if (progressFile.get('counters') !== COUNTER_MODEL) this.restartHours();
  }

  get now(): Readonly<Watermarks> {
    return this.watermarks;
  }

  get rolledTo(): number {
    return this.watermarks.rolledTo ?? Number.NEGATIVE_INFINITY;
  }

  /** Days that end at or before this were made, or passed over; -Infinity before the first. */
  get daysTo(): number {
    return (this.calendar.hasDays ? this.watermarks.daysTo : null) ?? Number.NEGATIVE_INFINITY;
  }

  get keptFrom(): number {
    return this.watermarks.keptFrom ?? Number.NEGATIVE_INFINITY;
  }

  /** Durable when it returns; nothing is changed when it throws. */
  move({ zone, ...to }: Partial<Watermarks> & { readonly zone?: string }): void {
    this.progressFile.atomically(() => {
      for (const name of NAMES) {
        const value = to[name];
        if (value !== undefined && value !== null) this.progressFile.setNumber(name, value);
      }
      if (zone !== undefined) this.progressFile.set('zone', zone);
    });
    this.watermarks = { ...this.watermarks, ...to };
  }

  /** The same of `since`, if that has changed. */
  saveSince(): void {
    if (this.since < (this.watermarks.since ?? Number.POSITIVE_INFINITY)) this.move({ since: this.since });
  }

  /** The first roll-ups begin with the oldest reading there is. */
  begin(oldest: number, target: number): void {
    const start = Math.min(target, hourOf(oldest));
    this.since = Math.min(this.since, start);
    const daysTo = this.calendar.dayOf(this.since).start;
    // A lost progress file leaves rows behind.
    this.move({ rolledTo: start, rollingTo: target, since: this.since, daysTo });
  }

  /** Puts the progress behind what was taken over; whether they are made on behind it, or had come further by themselves. */
  takeOver({ since, keptFrom, daysTo }: TakenOver, now: number): boolean {
    const { daysTo: ownDaysTo, rolledTo, rollingTo } = this.now;
    const firstDay = this.calendar.dayOf(hourOf(since)).start;
    const days =
      rolledTo === null
        ? Math.max(firstDay, Math.min(daysTo, this.calendar.dayOf(keptFrom).start))
        : Math.min(ownDaysTo ?? firstDay, firstDay);
    this.since = Math.min(this.since, hourOf(since));
    if (this.rolledTo >= keptFrom) {
      this.move({ daysTo: days, since: this.since });
      return false;
    }
    // As at the first roll-ups, another life may have left rows behind.
    const mayHaveRowsTo = Math.max(nextHour(now), rollingTo ?? keptFrom);
    this.move({ rolledTo: keptFrom, rollingTo: mayHaveRowsTo, daysTo: days, since: this.since, keptFrom });
    this.watched = keptFrom;
    return true;
  }

  /** Hours from here on, and days with such hours, are made again. */
  goBackTo(hour: number): void {
    const rollingTo = Math.max(this.rolledTo, this.now.rollingTo ?? 0);
    // What was final because of the hour that the clock then said is not, as far as that has not yet come.
    const keptFrom = Math.min(this.keptFrom, hour);
    const rolledTo = Math.min(this.rolledTo, hour);
    this.since = Math.min(this.since, rolledTo);
    const daysTo = Math.min(this.now.daysTo ?? rolledTo, this.calendar.dayOf(rolledTo).start);
    const kept = Number.isFinite(keptFrom) ? { keptFrom } : {};
    this.move({ rolledTo, rollingTo, daysTo, since: this.since, ...kept });
    this.hours.remove({ from: rolledTo, to: Number.POSITIVE_INFINITY });
    this.days.remove({ from: daysTo, to: Number.POSITIVE_INFINITY });
    this.watched = rolledTo;
  }

  private restartDays(): void {
    const zone = this.zone.name;
    this.days.remove({ from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY });
    if (this.now.rolledTo === null) this.move({ zone });
    // The first hour may have lain at the end of a day that began a day before.
    else this.move({ zone, daysTo: this.calendar.dayOf(this.since - DAY_MS).start });
  }

  /** Hours whose readings are kept are made anew: another model of counters made them, or none yet. */
  private restartHours(): void {
    const { rolledTo, since, keptFrom } = this.now;
    if (rolledTo !== null) this.goBackTo(Math.max(since ?? rolledTo, keptFrom ?? Number.NEGATIVE_INFINITY));
    this.progressFile.set('counters', COUNTER_MODEL);
  }
}
