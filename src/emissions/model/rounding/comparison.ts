import type { DischargeLimit } from '../../../model/limits/discharge/limit.js';
import { compareDecimals, type Decimal, decimalText, parseDecimal, roundDecimal } from './decimal.js';

/**
 * How a value meets its limit (GB/T 8170-2008, 4.3): `full_value` as it is, `rounded_value` after rounding to the
 * digits that the limit is printed with.
 */
export const COMPARISON_METHODS = ['full_value', 'rounded_value'] as const;
export type ComparisonMethod = (typeof COMPARISON_METHODS)[number];

export type LimitSide = 'above' | 'below';

/** Which end of its limit a value is beyond; null when it complies, as it does at the limit itself. */
export function sideBeyond(
  value: Decimal,
  { min, max }: Pick<DischargeLimit, 'min' | 'max'>,
  method: ComparisonMethod,
): LimitSide | null {
  if (compare(value, max, method) > 0) return 'above';
  return min !== null && compare(value, min, method) < 0 ? 'below' : null;
}

function compare(value: Decimal, limit: string, method: ComparisonMethod): number {
  const end = parseDecimal(limit);
  return compareDecimals(method === 'rounded_value' ? roundDecimal(value, end.digits) : value, end);
}

/** The number that was compared, as text. */
export function comparedText(value: Decimal, limit: string, method: ComparisonMethod): string {
  return decimalText(method === 'rounded_value' ? roundDecimal(value, parseDecimal(limit).digits) : value);
}
