import type { Mark } from '../../../model/mark.js';
import type { Month } from '../statistics/period.js';
import { parseMonth } from '../statistics/period.js';

export { MARK_LABELS, MARKS, type Mark } from '../../../model/mark.js';

/**
 * `calorific`: 当量值, the heat in the carrier itself. `equal_value`: 等价值, what it took to make it; of electricity it
 * follows the year's coal for power supply. The two are never mixed in one total.
 */
export type Basis = 'calorific' | 'equal_value';
export const BASES: readonly Basis[] = ['calorific', 'equal_value'];

/** How the electricity of a figure counts: by one basis, and with or without the certificates of green power taken off. */
export const ELECTRICITY_COUNTS = [
  ...(['calorific', 'equal_value', 'calorific_less_green', 'equal_value_less_green'] as const),
] as const;
export type ElectricityCount = (typeof ELECTRICITY_COUNTS)[number];

/** What an `ElectricityCount` means. */
export function countedBy(count: ElectricityCount): { readonly basis: Basis; readonly lessGreen: boolean } {
  const lessGreen = count.endsWith('_less_green');
  return { basis: count.startsWith('equal_value') ? 'equal_value' : 'calorific', lessGreen };
}

/** What one unit of a carrier is worth in standard coal, for some time (GB/T 2589). */
export interface Coefficient {
  /** Such as `electricity`, `natural_gas`. */
  readonly carrier: string;
  readonly basis: Basis;
  /** kgce (29 307.6 kJ) per unit. */
  readonly kgcePerUnit: number;
  readonly unit: BaseUnit;
  /** `YYYY-MM`, the first month it counts for. */
  readonly from: string;
  /** `YYYY-MM`, the first month it no longer counts for; null: until another is recorded. */
  readonly to: string | null;
  /**
   * A medium that carries energy and is made from other carriers (耗能工质), such as water and compressed air: outside
   * the policy figure unless it is asked for.
   */
  readonly medium: boolean;
  readonly labelZh: string;
  readonly labelEn: string;
  /** The standard with its table, or the paper. */
  readonly source: string;
  readonly mark: Mark;
}

/** The key under which the ledger keeps a coefficient. */
export const coefficientKey = ({ carrier, basis, from }: Pick<Coefficient, 'carrier' | 'basis' | 'from'>): string =>
  `${carrier} ${basis} ${from}`;

/** Units that coefficients are written in. */
export const BASE_UNITS = ['kWh', 'kg', 'm³', 'MJ', 't'] as const;
export type BaseUnit = (typeof BASE_UNITS)[number];

/** Multiples in which amounts may come. */
const MULTIPLES: Readonly<Record<string, { readonly base: BaseUnit; readonly factor: number }>> = {
  MWh: { base: 'kWh', factor: 1000 },
  m3: { base: 'm³', factor: 1 },
  GJ: { base: 'MJ', factor: 1000 },
};

/** How many of `unit` one of `from` is; null when they measure different things or `from` is unknown. */
export function unitsIn(from: string, unit: BaseUnit): number | null {
  if (from === unit) return 1;
  if (from === 't' && unit === 'kg') return 1000;
  if (from === 'kg' && unit === 't') return 0.001;
  const multiple = MULTIPLES[from];
  return multiple?.base === unit ? multiple.factor : null;
}

/** Something that counts for the months `from` to the one before `to`, `YYYY-MM`; null: without end. */
export interface Valid {
  readonly from: string;
  readonly to: string | null;
}

export function isValidIn({ from, to }: Valid, month: Month): boolean {
  const start = parseMonth(from);
  const end = to === null ? null : parseMonth(to);
  return start !== null && start <= month && (to === null || (end !== null && month < end));
}

/** Whether some month belongs to both. */
export function validityOverlaps(a: Valid, b: Valid): boolean {
  return (b.to === null || a.from < b.to) && (a.to === null || b.from < a.to);
}

/** What is left of the first's months where the second counts instead: none, one or two stretches. */
export function validityLeft<T extends Valid>(one: T, other: Valid): T[] {
  if (!validityOverlaps(one, other)) return [one];
  const { from, to } = other;
  return [
    ...(one.from < from ? [{ ...one, to: from }] : []),
    ...(to !== null && (one.to === null || to < one.to) ? [{ ...one, from: to }] : []),
  ];
}
