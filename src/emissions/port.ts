import type { Principal } from '../model/access.js';
import type { FieldError } from '../model/field-error.js';
import type { DischargeLimit } from '../model/limits/discharge/limit.js';
import type { EmissionEntries, EmissionItems, EmissionLedger } from './model/outlets/entries.js';
import type { Outlet, OutletKey } from './model/outlets/outlet.js';
import type { ManualSample } from './model/statistics/substitutes.js';
import type { PeriodMark } from './model/validity/judge.js';

/** The most entries that one revision, all ledgers together, and each ledger that is listed as a whole may hold, old versions included. */
export const EMISSION_BOUNDS = { revision: 1_000, items: 1_000_000, listed: 5_000 } as const;

/** Something was not recorded: `missing` and `conflict` speak of its target, `invalid` of the fields it names. */
export class EmissionsRefusedError extends Error {
  override readonly name = 'EmissionsRefusedError';
  constructor(
    readonly kind: 'missing' | 'conflict' | 'invalid',
    /** Stable, for programs. */
    readonly code: string,
    message: string,
    /** The wrong fields of what was told, where `kind` is `invalid`. */
    readonly fields: readonly FieldError[] = [],
    /** It was for something out of scope: only the audit records it, the answer does not tell. */
    readonly outOfScope = false,
  ) {
    super(message);
  }
}

/** Where what is told comes from, and why; who tells it is the principal. */
export interface EmissionsTold {
  /** The paper or the system. */
  readonly source: string;
  readonly reason: string;
}

/** What is known of one entry, with the revision that told it. Times are epoch ms. */
export interface EmissionBelief<T> extends EmissionsTold {
  readonly key: string;
  readonly value: T;
  readonly version: number;
  readonly recordedAt: number;
  readonly by: string;
}

/** Of one outlet, as known at a time (epoch ms); `limit` keys after `after`, all when left out. */
export interface BeliefOptions {
  readonly outlet?: OutletKey | undefined;
  readonly asOf?: number | undefined;
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
}

/** Outlets, their profiles and permits, overrides of limits, marks, manual samples and calibrations: told by people, kept for good. */
export interface OutletBook {
  /** The newest version; 0: nothing was ever told. */
  readonly version: number;
  /**
   * Records entries of one ledger together, with the audit in the same transaction.
   * @returns the version
   * @throws EmissionsRefusedError, StorageUnavailableError
   */
  put(items: EmissionItems, who: Principal, told: EmissionsTold): number;
  /**
   * Withdraws what is believed of a key; its history stays.
   * @throws EmissionsRefusedError, StorageUnavailableError
   */
  withdraw(ledger: EmissionLedger, key: string, who: Principal, told: EmissionsTold): number;
  /** What is believed, by key. */
  beliefs<Name extends EmissionLedger>(
    ledger: Name,
    options?: BeliefOptions,
  ): readonly EmissionBelief<EmissionEntries[Name]>[];
  /** The outlets that a principal may see, by key. */
  outlets(who: Principal, asOf?: number): readonly Outlet[];
  /** The limit of a pollutant at an outlet on a local day, as known at a time. */
  limitAt(outlet: Outlet, pollutant: string, day: string, asOf?: number): DischargeLimit | null;
  /** Marks of an outlet as `judgeValues` wants them, in the order in which they were told. */
  marks(outlet: OutletKey, asOf?: number): readonly PeriodMark[];
  /** Manual samples of a pollutant at an outlet, rising in time. */
  samples(outlet: OutletKey, metric: string, asOf?: number): readonly ManualSample[];
}
