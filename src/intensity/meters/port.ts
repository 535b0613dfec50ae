import type { Period } from '../../model/time/windows.js';
import type { LossLimits } from '../model/boundary/losses.js';
import type { DraftVersion } from '../model/boundary/problems.js';
import type { Meter, MeterVersion, Owner } from '../model/boundary/tree.js';
import type { MeterSwap, Void } from '../model/quantity/corrections.js';
import type { GapRule } from '../model/quantity/gaps.js';
import type { AsOf, Believed, Origin } from '../model/statistics/ledger.js';
import type { MeterBook } from '../port.js';

/** Who records it, from which paper or file, and why. */
export type Author = Required<Origin>;

/** A version, with who recorded it, when and why. */
export interface RecordedVersion extends MeterVersion, Origin {
  /** Of the ledger of meters. */
  readonly version: number;
  /** Epoch ms. */
  readonly recordedAt: number;
}

/** What became of a version's device and owner since it was recorded. */
export interface MeterStanding {
  readonly device: 'in_use' | 'retired' | 'removed' | 'moved';
  readonly ownerKnown: boolean;
}

/** A meter that still counts although its device is out of use, or its owner is no more. */
export interface MeterNote extends Meter {
  readonly what: 'device_retired' | 'device_removed' | 'device_moved' | 'owner_removed';
  readonly zh: string;
  readonly en: string;
}

/** What an edit of a park's tree did, or would do. */
export interface TreeEdited {
  /** Of the ledger of meters; null where nothing was recorded: a dry run, or all was known already. */
  readonly version: number | null;
  /** How many versions say something new. */
  readonly changed: number;
  /** The park's versions afterwards. */
  readonly versions: number;
  readonly notes: readonly MeterNote[];
}

/** Something was recorded of meters of one park: what they counted of that time may differ from what it was. */
export interface MeterChange extends Period {
  readonly what: 'tree' | 'swap' | 'void' | 'gap_rules' | 'loss_limits';
  readonly park: string;
  readonly meters: readonly Meter[];
}

export type Swap = Believed<MeterSwap> & { readonly meter: Meter };
export type RecordedVoid = Believed<Void> & { readonly meter: Meter };
export type RecordedGapRule = Believed<GapRule> & { readonly meter: Meter };

/** Limits of the losses below the main meters of a park; `recorded` is null for the service's defaults. */
export interface ParkLossLimits {
  readonly park: string;
  readonly limits: LossLimits;
  readonly recorded: Believed<LossLimits> | null;
}

/** The readings that a void is about: all that are there of that time, and those of them that another void covers. */
export interface VoidedReadings {
  readonly readings: number;
  readonly voidedBefore: number;
}

/** The most there may be of each. */
export const METER_LIMITS = {
  versionsOfPark: 2_000,
  versionsAtOnce: 1_000,
  correctionsOfMeter: 1_000,
  gapRulesOfMeter: 100,
  voidDays: 366,
  voidReadings: 200_000,
} as const;

/**
 * The meter trees and corrections, as they are edited. Each change is one revision of a ledger, durable and in the audit
 * when it returns, and throws IntensityRefusedError, or StorageUnavailableError when the disk fails. A version asked for is
 * one of the ledger that answers: each of the four has its own.
 */
export interface Meters extends MeterBook {
  /** Called after every change. */
  onChanged(listener: (change: MeterChange) => void): void;
  /** The newest version of each ledger; 0 when nothing was ever recorded. */
  newest(ledger: 'meters' | 'swaps' | 'voids' | 'gapRules' | 'lossLimits'): number;
  /** The last version of the ledger of meters that was known. */
  treeVersion(asOf: AsOf): number;
  versions(park: string, asOf: AsOf): readonly RecordedVersion[];
  standing(version: MeterVersion): MeterStanding;
  /** The meters that an enterprise owns at `now`, epoch ms, or will own. */
  ownedBy(owner: Owner, park: string, now: number): readonly Meter[];
  /** Puts versions in a park's tree; what they do not name stays as it is. Problems are named `versions.{index}.{field}`. */
  putVersions(park: string, versions: readonly DraftVersion[], author: Author, dryRun: boolean): TreeEdited;
  /** Removes a meter from the tree from `at` on (epoch ms, a whole hour). Problems are named `at`. */
  endMeter(meter: Meter, at: number, author: Author, dryRun: boolean): TreeEdited;
  /** By meter and time. */
  swaps(park: string, asOf: AsOf): readonly Swap[];
  recordSwap(meter: Meter, swap: Pick<MeterSwap, 'ts' | 'closing' | 'opening'>, author: Author): Swap;
  /** @param version the one that recorded it */
  withdrawSwap(park: string, version: number, author: Author): void;
  /** By meter and time. */
  voids(park: string, asOf: AsOf): readonly RecordedVoid[];
  /**
   * The readings that a void would be about.
   * @throws HistorianUnavailableError, ResultTooLargeError and the other refusals of history
   */
  readingsOf(meter: Meter, period: Period): Promise<VoidedReadings>;
  /** Voids the readings of a time, of which there has to be one: see `registerReadings`. */
  recordVoid(meter: Meter, period: Period, author: Author): Promise<RecordedVoid & VoidedReadings>;
  withdrawVoid(park: string, version: number, author: Author): void;
  /** By meter and time. */
  gapRules(park: string, asOf: AsOf): readonly RecordedGapRule[];
  /** Replaces all gap rules of the meter. Problems are named `rules.{index}.{field}`. */
  putGapRules(meter: Meter, rules: readonly GapRule[], author: Author): readonly RecordedGapRule[];
  /** Of a park, whether it has limits of its own or not. */
  parkLossLimits(park: string, asOf: AsOf): ParkLossLimits;
  /** Sets a park's own limits; null removes them. Problems are named `limits.{limit}`. */
  putLossLimits(park: string, limits: LossLimits | null, author: Author): ParkLossLimits;
}
