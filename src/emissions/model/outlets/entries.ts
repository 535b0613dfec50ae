import type { LimitOverride } from '../../../model/limits/discharge/regime.js';
import type { PeriodMark } from '../validity/judge.js';
import type { DischargePermit, Outlet, OutletKey, OutletProfile } from './outlet.js';

/** A mark of a period without who said it and when: the revision has both. */
export interface MarkEntry extends Pick<PeriodMark, 'from' | 'to' | 'metric' | 'verdict'> {
  readonly outlet: OutletKey;
}

/** A manual sample; one time and pollutant has one value, the newest that was told. */
export interface SampleEntry {
  readonly outlet: OutletKey;
  readonly metric: string;
  /** Epoch ms at which it was taken. */
  readonly ts: number;
  /** In the catalogue's unit. */
  readonly value: number;
  /** Who analysed it. */
  readonly laboratory: string;
}

/** A calibration that an analyser passed. */
export interface CalibrationEntry {
  readonly outlet: OutletKey;
  readonly metric: string;
  /** Epoch ms. */
  readonly ts: number;
}

/** What each ledger of the room holds. */
export interface EmissionEntries {
  readonly outlets: Outlet;
  readonly profiles: OutletProfile;
  readonly permits: DischargePermit;
  readonly overrides: LimitOverride;
  readonly marks: MarkEntry;
  readonly samples: SampleEntry;
  readonly calibrations: CalibrationEntry;
}
export type EmissionLedger = keyof EmissionEntries;

/** Ledgers that grow with time: they are asked for one outlet at a time. The others are listed as a whole. */
export const LEDGERS_OF_ONE_OUTLET: ReadonlySet<EmissionLedger> = new Set(['marks', 'samples', 'calibrations']);

/** Entries of one ledger, told together. */
export type EmissionItems = {
  readonly [Name in EmissionLedger]: { readonly ledger: Name; readonly entries: readonly EmissionEntries[Name][] };
}[EmissionLedger];

/**
 * The key of an entry: a later entry of the same key takes the place of an earlier one. Marks of the same period and
 * metric are one key, so that withdrawing one leaves the others.
 */
export function emissionKey({ ledger, entries }: EmissionItems, at: number): string {
  const entry = entries[at]!;
  const of = <Name extends EmissionLedger>(_: Name) => entry as EmissionEntries[Name];
  switch (ledger) {
    case 'outlets':
      return of(ledger).key;
    case 'profiles':
      return `${of(ledger).outlet}@${of(ledger).from}`;
    case 'permits':
      return `${of(ledger).outlet}@${of(ledger).from}`;
    case 'overrides':
      return `${of(ledger).column} ${of(ledger).pollutant}@${of(ledger).from}`;
    case 'marks':
      return `${of(ledger).outlet} ${of(ledger).metric ?? '*'} ${of(ledger).from}-${of(ledger).to}`;
    case 'samples':
    case 'calibrations':
      return `${of(ledger).outlet} ${of(ledger).metric} ${of(ledger).ts}`;
  }
}

/** The outlet that a key is of; '' of an override, which is of all outlets. Ids have neither a space nor an `@`. */
export const outletOfEntry = (ledger: EmissionLedger, key: string): string =>
  ledger === 'overrides' ? '' : key.split(/[ @]/, 1)[0]!;
