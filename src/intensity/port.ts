import type { FieldError } from '../model/field-error.js';
import type { Period } from '../model/time/windows.js';
import type { Carrier } from './model/boundary/carriers.js';
import type { Losses, LossLimits } from './model/boundary/losses.js';
import type { MeterScope, ScopePart } from './model/boundary/scope.js';
import type { Meter, MeterTree, Owner } from './model/boundary/tree.js';
import type { MeterSwap, MonthCorrection, Void } from './model/quantity/corrections.js';
import type { GapRule } from './model/quantity/gaps.js';
import type { Quantity } from './model/quantity/quantity.js';
import type { AsOf } from './model/statistics/ledger.js';
import type { Month } from './model/statistics/period.js';

/** Something was not recorded: `missing` and `conflict` speak of its target, `invalid` of the fields it names. */
export class IntensityRefusedError extends Error {
  override readonly name = 'IntensityRefusedError';
  constructor(
    readonly kind: 'missing' | 'conflict' | 'invalid',
    /** Stable, for programs. */
    readonly code: string,
    message: string,
    /** The wrong fields of what was told, where `kind` is `invalid`. */
    readonly fields: readonly FieldError[] = [],
  ) {
    super(message);
  }
}

/** What people said of one meter beside its readings. */
export interface MeterCorrections {
  readonly swaps: readonly MeterSwap[];
  readonly voids: readonly Void[];
  readonly gapRules: readonly GapRule[];
}

/** The meter trees and what was recorded of meters; `asOf` answers as was known then. */
export interface MeterBook {
  /** Empty where the park has no tree. */
  tree(park: string, asOf?: AsOf): MeterTree;
  corrections(meter: Meter, asOf?: AsOf): MeterCorrections;
  /** Those of the park, else those that the service begins with. */
  lossLimits(park: string, asOf?: AsOf): LossLimits;
  /** Epoch ms: a correction of a time before it has no effect any more, since the readings may be gone. */
  keptSince(): number;
}

/** One month of one scope and carrier; amounts in thousandths of `unit`. */
export interface MonthConsumption {
  /** `YYYY-MM`, of the service's time zone. */
  readonly month: string;
  readonly quantity: Quantity;
  /** The unit of the registers, as the catalogue has it. */
  readonly unit: string;
  readonly parts: readonly ScopePart[];
  /** What was said of the readings of the month's meters; left out where nothing was. */
  readonly corrections?: readonly MonthCorrection[];
}

export type { MonthCorrection };

/** Calendar of the service's time zone. */
export const CONSUMPTION_STEPS = ['hour', 'day', 'month', 'year'] as const;
export type ConsumptionStep = (typeof CONSUMPTION_STEPS)[number];

export interface ConsumptionQuery extends Period {
  readonly park: string;
  /** The park as a whole, what one owner in it consumes, or what one meter measured. */
  readonly of:
    | { readonly kind: 'park' }
    | { readonly kind: 'owner'; readonly owner: Owner }
    | { readonly kind: 'meter'; readonly meter: Meter };
  readonly carrier: Carrier;
  readonly every: ConsumptionStep;
  /** Rows, and rows times meters of the carrier in the park's tree, at most. */
  readonly maxRows: number;
  readonly maxCells: number;
  /** The trees and corrections as they were known then; readings are always as they are now. */
  readonly asOf?: AsOf | undefined;
}

/** A meter's part of a row, with the time for which it counted. */
export type RowPart = ScopePart;

/** One whole step of the calendar; of one that is not over, what is due and consumed so far. */
export interface ConsumptionRow extends Period {
  readonly quantity: Quantity;
  readonly parts: readonly RowPart[];
}

/** A swap or void that was recorded and has no effect, since the readings of its time are no longer kept. */
export interface NotApplied extends Period {
  readonly what: 'swap' | 'void';
  readonly meter: Meter;
}

/** Amounts in thousandths of `unit`. */
export interface ConsumptionAnswer extends Period {
  readonly unit: string;
  /** All steps that cover what was asked, rising. */
  readonly rows: readonly ConsumptionRow[];
  /** Of a park: below each of its main meters, over all rows. */
  readonly losses: readonly (Losses & { readonly meter: Meter })[];
  /** What the verdicts of `losses` go by. */
  readonly lossLimits: LossLimits;
  /** What was said of readings that are no longer kept, of meters of `rows`: it has no effect. */
  readonly notApplied: readonly NotApplied[];
}

/** Months from `first` to `last`, as they are at the moment `asAt`, epoch ms. */
export interface MonthSpan {
  readonly first: Month;
  readonly last: Month;
  readonly asAt: number;
}

/** What scopes consumed, from their meters. */
export interface Consumption {
  /**
   * Of each month from `first` to `last` in which some meter counted, rising.
   * @param asAt the moment up to which the month that runs is asked for, epoch ms; what was read for it is answered again
   * @throws HistorianUnavailableError
   */
  months(
    scope: MeterScope,
    carrier: Carrier,
    first: Month,
    last: Month,
    asAt?: number,
  ): Promise<readonly MonthConsumption[]>;
  /**
   * Reads for one moment, together, what `months` of these scopes would read one by one: one question of the historian then
   * serves many meters. What cannot be read is left to `months`, which tells why.
   */
  readTogether(scopes: readonly MeterScope[], carriers: readonly Carrier[], span: MonthSpan): Promise<void>;
  /**
   * Those of years, months, days and hours add up to each other.
   * @throws TooManyWindowsError, HistorianUnavailableError
   */
  rows(query: ConsumptionQuery, signal?: AbortSignal): Promise<ConsumptionAnswer>;
}
