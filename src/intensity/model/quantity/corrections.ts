import type { CounterBounds } from '../../../model/counter/rise-bound.js';
import { type FieldError, must } from '../../../model/field-error.js';
import type { Period } from '../../../model/time/windows.js';

/** Who changed what counts, when they said so (epoch ms), and why. */
interface Authored {
  readonly by: string;
  readonly at: number;
  readonly why: string;
}

/** A meter was exchanged at `ts` (epoch ms), as somebody recorded it; values in the register's unit. */
export interface MeterSwap extends Authored {
  readonly ts: number;
  /** What the old register showed. */
  readonly closing: number;
  /** What the new register showed. */
  readonly opening: number;
}

/** Readings of `from <= ts < to` that do not count; the raw readings stay. One reading is voided by `ts` to `ts + 1`. */
export interface Void extends Period, Authored {
  /** Good readings that were there when it was said; left out in those of earlier releases. */
  readonly readings?: number;
}

/** What was said of a meter's readings, as it stands beside the figures of a month. */
export interface MonthCorrection extends Period, Authored {
  readonly what: 'swap' | 'void';
  readonly device: string;
  readonly register: string;
  readonly readings?: number;
  /** False: the service no longer keeps the readings of its time, so the figures are as they were before it. */
  readonly hasEffect: boolean;
}

const authorErrors = ({ by, why }: Authored): readonly FieldError[] => [
  ...must(by.trim() !== '', 'by', 'who says so'),
  ...must(why.trim() !== '', 'why', 'the reason, in words'),
];

/**
 * What is wrong with the record of an exchange, by field.
 * @param others the exchanges already recorded of the meter
 * @param now epoch ms: nobody records an exchange before it happens
 */
export function swapErrors(
  swap: MeterSwap,
  others: readonly MeterSwap[],
  bounds: CounterBounds,
  now: number,
): readonly FieldError[] {
  const most = bounds.rollover ?? Number.MAX_VALUE;
  const isShown = (value: number) => value >= 0 && value <= most;
  const shown = bounds.rollover === undefined ? 'a register reading, 0 or more' : `a register reading, 0 to ${most}`;
  return [
    ...must(swap.ts <= now, 'ts', 'a time that has been'),
    ...must(!others.some(({ ts }) => ts === swap.ts), 'ts', 'a time at which no other exchange is recorded'),
    ...must(isShown(swap.closing), 'closing', shown),
    ...must(isShown(swap.opening), 'opening', shown),
    ...authorErrors(swap),
  ];
}

/** What is wrong with a void, by field. */
export const voidErrors = (one: Void): readonly FieldError[] => [
  ...must(one.from < one.to, 'to', 'a time after from'),
  ...authorErrors(one),
];

/** Whether a reading of that time was voided. */
export const isVoided = (ts: number, voids: readonly Void[]): boolean =>
  voids.some(({ from, to }) => ts >= from && ts < to);
