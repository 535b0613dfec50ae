import { DAY_MS } from '../../../model/time/duration.js';
import type { TimeZone } from '../../../model/time/zone.js';
import { hourOf, nextHour, RollupCalendar } from '../model/calendar.js';
import { PassedOver } from './passed-over.js';
import type { ProgressFile } from './progress-file.js';

/** Roll-ups copied from another store; epoch ms. */
export interface TakenOver {
  /** The first hour with a roll-up. */
  readonly since: number;
  /** A whole hour: the readings before it are gone. */
  readonly keptFrom: number;
  /** Days that end at or before this were copied; -Infinity without any. */
  readonly daysTo: number;
}

/** Goes up with each change of what counters count, see `CounterIncrements`. */
const COUNTER_MODEL = '4';

/** Epoch ms. */
interface Watermarks {
  /** Hours before this are rolled up. */
  rolledTo: number | null;
  /** Rows may exist for hours up to here, from an attempt that did not finish. */
  rollingTo: number | null;
  /** Start of a day; days before it are rolled up. */
  daysTo: number | null;
  /** The first hour that was ever rolled up or out of date. */
  since: number | null;
  /** Raw readings before this are gone. */
  keptFrom: number | null;
}

const NAMES = ['rolledTo', 'rollingTo', 'daysTo', 'since', 'keptFrom'] as const satisfies (keyof Watermarks)[];

/** Progress of roll-ups, the stretches skipped, and the ways to make roll-ups again. Epoch ms. */
export class Progress {
  readonly calendar: RollupCalendar;
  readonly hours: PassedOver;
  readonly days: PassedOver;
  /** Readings before this belong to hours that are rolled up, or are being rolled up. */
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

  /** Days that end at or before this were made or skipped; -Infinity before the first. */
  get daysTo(): number {
    return (this.calendar.hasDays ? this.watermarks.daysTo : null) ?? Number.NEGATIVE_INFINITY;
  }

  get keptFrom(): number {
    return this.watermarks.keptFrom ?? Number.NEGATIVE_INFINITY;
  }

  /** Durable when it returns; nothing changes if it throws. */
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

  /** Stores `since` if it has changed; durable when it returns. */
  saveSince(): void {
    if (this.since < (this.watermarks.since ?? Number.POSITIVE_INFINITY)) this.move({ since: this.since });
  }

  /** The first roll-ups begin with the oldest reading. */
  begin(oldest: number, target: number): void {
    const start = Math.min(target, hourOf(oldest));
    this.since = Math.min(this.since, start);
    const daysTo = this.calendar.dayOf(this.since).start;
    // A lost progress file leaves rows behind.
    this.move({ rolledTo: start, rollingTo: target, since: this.since, daysTo });
  }

  /** Moves the progress behind copied roll-ups; returns false if it was further already. */
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
    // An earlier run may have left rows behind, as at the first roll-ups.
    const mayHaveRowsTo = Math.max(nextHour(now), rollingTo ?? keptFrom);
    this.move({ rolledTo: keptFrom, rollingTo: mayHaveRowsTo, daysTo: days, since: this.since, keptFrom });
    this.watched = keptFrom;
    return true;
  }

  /** Makes hours from `hour` on, and days with such hours, again. */
  goBackTo(hour: number): void {
    const rollingTo = Math.max(this.rolledTo, this.now.rollingTo ?? 0);
    // Hours that were final only because of a wrong clock are not, unless they are over by now.
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
    // The first hour may have been at the end of a day that began a day earlier.
    else this.move({ zone, daysTo: this.calendar.dayOf(this.since - DAY_MS).start });
  }

  /** Makes the hours whose readings are kept anew: another counter model, or none, made them. */
  private restartHours(): void {
    const { rolledTo, since, keptFrom } = this.now;
    if (rolledTo !== null) this.goBackTo(Math.max(since ?? rolledTo, keptFrom ?? Number.NEGATIVE_INFINITY));
    this.progressFile.set('counters', COUNTER_MODEL);
  }
}
