import { VALIDITY_REASONS, type ValidityReason } from '../validity/judge.js';

/** Why an interval without a valid value has none. */
export const LOSS_REASONS = [...VALIDITY_REASONS, 'missing'] as const;
export type LossReason = ValidityReason | 'missing';

/**
 * What ten minutes, an hour, a day, a month or a year of one pollutant at one outlet comes to. Sums, extremes and counts
 * alone: a tally of a time is that of its parts, in any order. Volumes in mL, masses in 10⁻¹⁷ kg, concentrations in 10⁻⁸.
 */
export interface Tally {
  /** Discharged, as far as known. */
  readonly volume: bigint;
  /** Of it, with a valid concentration. */
  readonly measuredVolume: bigint;
  /** Ten minutes whose volume nothing tells, and what is put in place of them. */
  readonly unknownSlots: number;
  readonly estimatedVolume: bigint;
  /** Of the unknown ten minutes, those for which nothing could be put in place. */
  readonly unestimatedSlots: number;
  /** Volume of the largest ten minutes. */
  readonly peakSlot: bigint;
  /** Ten minutes without discharge. */
  readonly idleSlots: number;
  /** Mass in the measured volume. */
  readonly measured: bigint;
  /** Mass in the rest, by what stands in for its concentration; of it, by manual samples. */
  readonly substituted: bigint;
  readonly manual: bigint;
  /** Volume for which nothing could stand in. */
  readonly unsubstituted: bigint;
  /** Sum and number of interval values, for the arithmetic mean. */
  readonly valueSum: bigint;
  readonly valueCount: number;
  readonly min: bigint | null;
  readonly max: bigint | null;
  /** Highest valid hourly mean. */
  readonly peakHour: bigint | null;
  /** Highest value of an instrument at the end of its range: there was at least as much. */
  readonly overRange: bigint | null;
  /** Intervals of the analyser's own programme in which there was discharge; of them, those with a valid value. */
  readonly expected: number;
  readonly received: number;
  readonly valid: number;
  /** Of the valid ones. */
  readonly suspect: number;
  readonly late: number;
  readonly belowDetection: number;
  /** Intervals without a valid value that something stands in for, and those that manual samples do. */
  readonly substitutedCount: number;
  readonly manualCount: number;
  readonly lost: Readonly<Partial<Record<LossReason, number>>>;
}

export const EMPTY_TALLY: Tally = {
  ...{
    volume: 0n,
    measuredVolume: 0n,
    unknownSlots: 0,
    unestimatedSlots: 0,
    estimatedVolume: 0n,
    peakSlot: 0n,
    idleSlots: 0,
  },
  ...{ measured: 0n, substituted: 0n, manual: 0n, unsubstituted: 0n, valueSum: 0n, valueCount: 0 },
  ...{ min: null, max: null, peakHour: null, overRange: null },
  ...{ expected: 0, received: 0, valid: 0, suspect: 0, late: 0, belowDetection: 0 },
  ...{ substitutedCount: 0, manualCount: 0, lost: {} },
};

const ADDED = [
  'volume',
  'measuredVolume',
  'estimatedVolume',
  'measured',
  'substituted',
  'manual',
  'unsubstituted',
] as const;
const COUNTED = [
  ...([
    'unknownSlots',
    'unestimatedSlots',
    'idleSlots',
    'valueCount',
    'expected',
    'received',
    'valid',
    'suspect',
    'late',
  ] as const),
  ...(['belowDetection', 'substitutedCount', 'manualCount'] as const),
] as const;

type Extreme = bigint | null;
const larger = (a: Extreme, b: Extreme): Extreme => (a === null || (b !== null && b > a) ? b : a);
const smaller = (a: Extreme, b: Extreme): Extreme => (a === null || (b !== null && b < a) ? b : a);

/** The tally of several times, or of several outlets, together. */
export function mergeTallies(parts: Iterable<Tally>): Tally {
  const sum = { ...EMPTY_TALLY, lost: {} as Partial<Record<LossReason, number>> };
  for (const part of parts) {
    for (const key of ADDED) sum[key] += part[key];
    for (const key of COUNTED) sum[key] += part[key];
    sum.valueSum += part.valueSum;
    sum.peakSlot = larger(sum.peakSlot, part.peakSlot) ?? 0n;
    sum.min = smaller(sum.min, part.min);
    for (const key of ['max', 'peakHour', 'overRange'] as const) sum[key] = larger(sum[key], part[key]);
    for (const reason of LOSS_REASONS) {
      const lost = part.lost[reason] ?? 0;
      if (lost > 0) sum.lost[reason] = (sum.lost[reason] ?? 0) + lost;
    }
  }
  return sum;
}
