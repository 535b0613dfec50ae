import { DAY_MS } from '../../../model/time/duration.js';
import type { Period } from '../../../model/time/windows.js';
import { divideHalfEven } from '../rounding/decimal.js';
import { entersStatistics, isOverRange, type JudgedValue, type ValidityReason } from '../validity/judge.js';
import type { ValidityRules } from '../validity/rules.js';
import { toGrid } from './amounts.js';
import { SLOT_MS } from './flow.js';

/** How often an analyser gives a value: whole ten minutes that divide a day. HJ 353-2019: an hour, pH and flow ten minutes. */
export interface Programme {
  readonly everyMs: number;
}

/** Whether a programme can be counted. */
export const isProgramme = ({ everyMs }: Programme): boolean =>
  Number.isInteger(everyMs) && everyMs >= SLOT_MS && everyMs % SLOT_MS === 0 && DAY_MS % everyMs === 0;

/** One interval of an analyser's programme. */
export interface ProgrammeInterval extends Period {
  /** What holds for the interval, on the grid; null without a valid value. */
  readonly value: bigint | null;
  readonly min: bigint | null;
  readonly max: bigint | null;
  readonly isSuspect: boolean;
  readonly isLate: boolean;
  readonly isBelowDetection: boolean;
  /** Whether anything was received for it. */
  readonly isReceived: boolean;
  /** Why there is no valid value. */
  readonly reason: ValidityReason | 'missing' | null;
  readonly overRange: bigint | null;
}

/** The intervals of a day, each with what its values come to. A value belongs to the interval that it begins in. */
export function programmeIntervals(
  day: Period,
  { everyMs }: Programme,
  values: readonly JudgedValue[],
  rules: ValidityRules,
): ProgrammeInterval[] {
  const found: JudgedValue[][] = Array.from({ length: Math.round((day.to - day.from) / everyMs) }, () => []);
  for (const value of values) {
    if (value.ts >= day.from && value.ts < day.to) found[Math.floor((value.ts - day.from) / everyMs)]?.push(value);
  }
  return found.map((own, at) => {
    const from = day.from + at * everyMs;
    return intervalOf({ from, to: Math.min(from + everyMs, day.to) }, own, rules);
  });
}

function intervalOf(period: Period, values: readonly JudgedValue[], rules: ValidityRules): ProgrammeInterval {
  const counted = values.filter((value) => entersStatistics(value, rules));
  const lost = values.findLast((value) => !entersStatistics(value, rules));
  const isEnough = counted.length > 0 && counted.length >= rules.minShare * values.length;
  const over = values.filter(({ flag }) => isOverRange(flag)).map(({ value }) => toGrid(value));
  const base = { ...period, isReceived: values.length > 0, overRange: extreme(over, (a, b) => a > b) };
  if (!isEnough) {
    const none = { value: null, min: null, max: null, isSuspect: false, isLate: false, isBelowDetection: false };
    return { ...base, ...none, reason: lost?.reason ?? 'missing' };
  }
  const entered = counted.map(({ value }) => enteredAs(value, rules));
  const sum = entered.reduce((total, value) => total + toGrid(value), 0n);
  return {
    ...base,
    value: divideHalfEven(sum, BigInt(entered.length)),
    min: extreme(
      counted.map(({ value, min }) => toGrid(enteredAs(min ?? value, rules))),
      (a, b) => a < b,
    ),
    max: extreme(
      counted.map(({ value, max }) => toGrid(enteredAs(max ?? value, rules))),
      (a, b) => a > b,
    ),
    isSuspect: counted.some(({ verdict }) => verdict === 'suspect'),
    isLate: counted.every((value) => value.firstReceivedAt > period.to + rules.lateAfterMs),
    isBelowDetection: counted.some(({ value }, at) => value !== entered[at]),
    reason: null,
  };
}

function extreme(values: readonly bigint[], isBetter: (a: bigint, b: bigint) => boolean): bigint | null {
  return values.reduce<bigint | null>((best, value) => (best === null || isBetter(value, best) ? value : best), null);
}

/** What a value enters statistics as; the value itself stays. */
function enteredAs(value: number, { detection }: ValidityRules): number {
  return detection !== null && value < detection.below ? detection.as : value;
}
