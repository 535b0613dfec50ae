/** A decimal number, exactly: `unscaled` × 10^−`digits`. */
export interface Decimal {
  readonly unscaled: bigint;
  readonly digits: number;
}

const SHAPE = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d{1,3}))?$/;

/**
 * Reads decimal text such as `0.50` or `1e-7`, keeping its digits.
 * @throws RangeError for anything else
 */
export function parseDecimal(text: string): Decimal {
  const [, sign, whole, part = '', exponent = '0'] = SHAPE.exec(text) ?? [];
  if (whole === undefined) throw new RangeError(`not a decimal number: ${text.slice(0, 40)}`);
  const digits = part.length - Number(exponent);
  const unscaled = BigInt(`${sign}${whole}${part}`);
  return digits >= 0 ? { unscaled, digits } : { unscaled: unscaled * 10n ** BigInt(-digits), digits: 0 };
}

/** The shortest text that reads back as the number; finite numbers alone. */
export const decimalOf = (value: number): Decimal => parseDecimal(String(value));

/** Plain text with all its digits, no exponent; zero has no sign. */
export function decimalText({ unscaled, digits }: Decimal): string {
  const sign = unscaled < 0n ? '-' : '';
  const text = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(digits + 1, '0');
  const whole = text.slice(0, text.length - digits);
  return digits === 0 ? `${sign}${whole}` : `${sign}${whole}.${text.slice(-digits)}`;
}

/** Rounds a quotient of whole numbers half to even (GB/T 8170-2008, 3.2); the denominator is above 0. */
export function divideHalfEven(numerator: bigint, denominator: bigint): bigint {
  const quotient = numerator / denominator;
  const rest = numerator - quotient * denominator;
  const twice = (rest < 0n ? -rest : rest) * 2n;
  if (twice < denominator || (twice === denominator && quotient % 2n === 0n)) return quotient;
  return numerator < 0n ? quotient - 1n : quotient + 1n;
}

/** Rounds to `digits` places half to even, in one step from the full number (GB/T 8170-2008, 3.2 and 3.3). */
export function roundDecimal(value: Decimal, digits: number): Decimal {
  const drop = value.digits - digits;
  if (drop <= 0) return { unscaled: value.unscaled * 10n ** BigInt(-drop), digits };
  return { unscaled: divideHalfEven(value.unscaled, 10n ** BigInt(drop)), digits };
}

/** Rounds decimal text half to even: `roundText('2.675', 2)` is `2.68`. @throws RangeError */
export const roundText = (text: string, digits: number): string =>
  decimalText(roundDecimal(parseDecimal(text), digits));

/** Below 0, 0 or above 0, as `a` is below, equal to or above `b`; `0.5` equals `0.50`. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  const digits = Math.max(a.digits, b.digits);
  const [left, right] = [a, b].map((one) => one.unscaled * 10n ** BigInt(digits - one.digits)) as [bigint, bigint];
  return left < right ? -1 : left > right ? 1 : 0;
}
