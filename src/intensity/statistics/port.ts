import type { Principal } from '../../model/access.js';
import type { FieldError } from '../../model/field-error.js';
import type { Co2Factor } from '../model/conversion/co2.js';
import type { Coefficient } from '../model/conversion/coefficient.js';
import type { GreenPower, MeasuredHeat } from '../model/conversion/convert.js';
import type { CountedSet } from '../model/statistics/counted-set.js';
import type { FigureKind, StatEntry } from '../model/statistics/entry.js';
import type { AsOf, Beliefs, Believed } from '../model/statistics/ledger.js';
import type { AddedValue } from '../model/statistics/value.js';
import type { Policy } from '../model/tracking/policy.js';

/** What came in one file or request; it is recorded together or not at all. */
export interface Upload {
  readonly entries: readonly StatEntry[];
  readonly sets?: readonly CountedSet[];
}

/** Where what is told comes from; who tells it is the principal. */
export interface Told {
  /** The file or paper. */
  readonly source: string;
  readonly reason?: string;
  /** The versions that the client read: what this changes must not have changed since. */
  readonly basedOn?: Partial<LedgerVersions>;
}

/** Versions of the two ledgers that an upload writes; 0: nothing was ever recorded. */
export interface LedgerVersions {
  readonly statistics: number;
  readonly countedSets: number;
}

/** `before`: null where nothing was believed. */
export interface BelievedChange<T> {
  readonly before: Believed<T> | null;
  readonly after: T;
}

/** What an upload changes; entries that say the same as before are only counted. */
export interface StatisticsChanges {
  readonly entries: readonly BelievedChange<StatEntry>[];
  readonly sets: readonly BelievedChange<CountedSet>[];
  readonly unchanged: number;
  /** Before a preview, after a `put`. */
  readonly versions: LedgerVersions;
}

/** All entries by subject, period and kind, with the last version that was known. */
export interface ListedEntries {
  readonly version: number;
  readonly items: readonly Believed<StatEntry>[];
}

export interface EntryPlace {
  readonly subject: string;
  readonly period: string;
  readonly kind: FigureKind;
}

/** Added value of one subject and year at comparable prices. */
export interface YearOfAddedValue {
  /** The version of the statistics it rests on. */
  readonly version: number;
  /** The year whose prices count. */
  readonly priceBase: number;
  readonly year: PeriodValue;
  readonly quarters: readonly PeriodValue[];
  /** January and February as one. */
  readonly janFeb: PeriodValue;
  readonly months: readonly PeriodValue[];
}

export interface PeriodValue {
  readonly period: string;
  readonly value: AddedValue;
}

/**
 * Added value and counted enterprises. The principal's scope holds for whatever is written: operators write of their
 * parks, administrators of all. All that writes rejects with IntensityRefusedError when refused, and
 * StorageUnavailableError. Uploads are worked on in slices of the event loop.
 */
export interface Statistics {
  /** All faults, by path such as `entries.3.figure.amount` or `sets.0.members.2`; empty when `put` accepts it. */
  check(upload: Upload, who: Principal): Promise<readonly FieldError[]>;
  /** What `put` would change of what the principal may write, whether or not it is right. */
  preview(upload: Upload, who: Principal): Promise<StatisticsChanges>;
  /**
   * Records what differs from what is believed, all of it with the audit or nothing; durable when it resolves. What is
   * told meanwhile waits for its turn.
   */
  put(upload: Upload, who: Principal, told: Told): Promise<StatisticsChanges>;
  /** Withdraws what is believed: a new revision, so that what was believed before stays known. */
  withdraw(place: EntryPlace, who: Principal, told: Told): Promise<Believed<StatEntry>>;
  /** The same of a counted set. */
  withdrawSet(of: Pick<CountedSet, 'scope' | 'year'>, who: Principal, told: Told): Promise<Believed<CountedSet>>;
  entries(asOf?: AsOf): Beliefs<StatEntry>;
  list(asOf?: AsOf): ListedEntries;
  sets(asOf?: AsOf): Beliefs<CountedSet>;
  /** All that was ever believed of a subject and period, in the order in which it was recorded; null: withdrawn. */
  history(subject: string, period: string): readonly (Believed<StatEntry | null> & { readonly kind: FigureKind })[];
  /** Whether the registry has the subject, or a ledger has anything of it. */
  isKnown(subject: string): boolean;
  addedValue(subject: string, year: number, asOf?: AsOf): YearOfAddedValue;
}

/** One setting that counts; `recorded` is null for a default of the service. */
export interface Setting<T> {
  readonly value: T;
  readonly recorded: Believed<T> | null;
}

/** Settings as they counted at one moment, with the version of their ledger; 0: nothing was ever recorded. */
export interface Settings<T> {
  readonly version: number;
  readonly items: readonly Setting<T>[];
}

/** What is told of settings: the version that was read has to be the newest, since the whole of them is replaced. */
export interface SettingsTold extends Omit<Told, 'basedOn'> {
  readonly version: number;
}

/** A list of settings of one kind. What the site records counts before what the service begins with, for its months. */
export interface SettingsList<T> {
  list(asOf?: AsOf): Settings<T>;
  /** All that is wrong, by path such as `coefficients.2.from`. */
  check(own: readonly T[]): readonly FieldError[];
  /**
   * Records these as all that the site has of its own: what it had beside them is withdrawn, which is a new revision too.
   * Durable and in the audit when it returns.
   * @throws IntensityRefusedError, StorageUnavailableError
   */
  put(own: readonly T[], who: Principal, told: SettingsTold): Settings<T>;
}

/** The settings of the conversion and of the policy. */
export interface IntensitySettings {
  readonly coefficients: SettingsList<Coefficient>;
  readonly co2Factors: SettingsList<Co2Factor>;
  readonly measuredHeat: SettingsList<MeasuredHeat>;
  readonly greenPower: SettingsList<GreenPower>;
  /** One item. */
  readonly policy: SettingsList<Policy>;
}
