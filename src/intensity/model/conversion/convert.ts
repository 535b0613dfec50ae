import { type Month, monthText, parseMonth } from '../statistics/period.js';
import { type BaseUnit, type Basis, type Coefficient, isValidIn, type Mark, unitsIn } from './coefficient.js';
import { KJ_PER_KGCE } from './gb2589.js';

/** What was used of one carrier in one month. */
export interface CarrierAmount {
  readonly carrier: string;
  /** `YYYY-MM`. */
  readonly month: string;
  readonly amount: number;
  /** kWh, MWh, m³, m3, kg, t, MJ, GJ. */
  readonly unit: string;
  /** Whose it is: measured heat values and green certificates are somebody's. */
  readonly owner: string;
}

/** A lower heat value measured by the user; it goes before the standard's reference value (GB/T 2589). */
export interface MeasuredHeat {
  readonly carrier: string;
  readonly owner: string;
  readonly kjPerUnit: number;
  readonly unit: BaseUnit;
  /** `YYYY-MM`, as in `Coefficient`. */
  readonly from: string;
  readonly to: string | null;
  readonly source: string;
}

/** Electricity from renewable sources, proven by certificates. */
export interface GreenPower {
  readonly owner: string;
  /** `YYYY-MM`. */
  readonly month: string;
  readonly kWh: number;
  /** The certificates. */
  readonly source: string;
}

/** How amounts become standard coal, beside the coefficients. */
export interface ConversionSettings {
  /** How electricity counts; left out: by calorific value (当量值). */
  readonly electricity?: Basis;
  /** Whether water, compressed air and other media (耗能工质) count; the policy figure leaves them out. */
  readonly media?: boolean;
  readonly measured?: readonly MeasuredHeat[];
  /** Taken off the electricity of its owner and month, and never more than that; absent: nothing is taken off. */
  readonly greenPower?: readonly GreenPower[];
}

/** The coefficient that made a figure. */
export interface Applied {
  readonly carrier: string;
  /** kgce per `unit`. */
  readonly kgcePerUnit: number;
  readonly unit: BaseUnit;
  readonly basis: Basis;
  readonly labelZh: string;
  readonly labelEn: string;
  readonly source: string;
  /** `measured`: a heat value of the user's own. */
  readonly mark: Mark | 'measured';
}

interface ConvertedPart extends CarrierAmount {
  /** Negative where green power was taken off. */
  readonly tce: number;
  readonly coefficient: Applied;
  /** Whether it is green power that was taken off. */
  readonly isGreen?: true;
}

/** What did not become standard coal, and why. */
interface Unconverted extends CarrierAmount {
  readonly reason: 'medium_left_out' | 'no_coefficient' | 'unit_unknown' | 'month_unknown' | 'amount_unusable';
}

interface Conversion {
  /** Sum of the parts; not to be used as a total while something is `missing`. */
  readonly tce: number;
  readonly parts: readonly ConvertedPart[];
  /** Left out on purpose. */
  readonly leftOut: readonly Unconverted[];
  /** Should count and cannot. */
  readonly missing: readonly Unconverted[];
  /** kWh of certificates beyond the electricity of their owner and month. */
  readonly greenPowerUnused: number;
}

/** Amounts as tonnes of standard coal, each part with the coefficient that made it. */
export function toStandardCoal(
  amounts: readonly CarrierAmount[],
  coefficients: readonly Coefficient[],
  settings: ConversionSettings = {},
): Conversion {
  const parts: ConvertedPart[] = [];
  const leftOut: Unconverted[] = [];
  const missing: Unconverted[] = [];
  for (const amount of amounts) {
    const result = convertOne(amount, coefficients, settings);
    if (!('reason' in result)) parts.push(result);
    else (result.reason === 'medium_left_out' ? leftOut : missing).push(result);
  }
  const green = deductions(parts, settings.greenPower ?? []);
  const all = [...parts, ...green.parts];
  const tce = all.reduce((total, part) => total + part.tce, 0);
  return { tce, parts: all, leftOut, missing, greenPowerUnused: green.unused };
}

function convertOne(
  amount: CarrierAmount,
  coefficients: readonly Coefficient[],
  settings: ConversionSettings,
): ConvertedPart | Unconverted {
  const month = parseMonth(amount.month);
  if (month === null) return { ...amount, reason: 'month_unknown' };
  if (!Number.isFinite(amount.amount)) return { ...amount, reason: 'amount_unusable' };
  const basis = amount.carrier === 'electricity' ? (settings.electricity ?? 'calorific') : 'calorific';
  const published = coefficients.find(
    (one) => one.carrier === amount.carrier && one.basis === basis && isValidIn(one, month),
  );
  if (published?.medium && !settings.media) return { ...amount, reason: 'medium_left_out' };
  const coefficient = measuredFor(amount, month, settings.measured ?? [], basis) ?? published;
  if (coefficient === undefined) return { ...amount, reason: 'no_coefficient' };
  const units = unitsIn(weighed(amount), coefficient.unit) ?? unitsIn(amount.unit, coefficient.unit);
  if (units === null) return { ...amount, reason: 'unit_unknown' };
  return {
    ...amount,
    tce: (amount.amount * units * coefficient.kgcePerUnit) / 1000,
    coefficient: applied(coefficient),
  };
}

/** 1 m³ of water weighs 1 t: meters count the one, and the standard the other. */
const weighed = ({ carrier, unit }: CarrierAmount): string => (carrier === 'water' && VOLUMES.has(unit) ? 't' : unit);
const VOLUMES: ReadonlySet<string> = new Set(['m³', 'm3']);

function measuredFor(
  { carrier, owner }: CarrierAmount,
  month: Month,
  measured: readonly MeasuredHeat[],
  basis: Basis,
): Applied | undefined {
  // A heat value says nothing of what electricity took to be made.
  if (basis === 'equal_value') return undefined;
  const found = measured.find((one) => one.carrier === carrier && one.owner === owner && isValidIn(one, month));
  if (found === undefined) return undefined;
  const labels = { labelZh: '实测热值', labelEn: 'measured heat value' };
  const { kjPerUnit, unit, source } = found;
  return { carrier, kgcePerUnit: kjPerUnit / KJ_PER_KGCE, unit, basis, ...labels, source, mark: 'measured' };
}

const copies = new WeakMap<Applied, Applied>();

/** Without what else a coefficient holds; the same object each time. */
function applied(coefficient: Applied): Applied {
  const known = copies.get(coefficient);
  if (known !== undefined) return known;
  const { carrier, kgcePerUnit, unit, basis, labelZh, labelEn, source, mark } = coefficient;
  const copy = { carrier, kgcePerUnit, unit, basis, labelZh, labelEn, source, mark };
  copies.set(coefficient, copy);
  return copy;
}

/** Each once, the latest of those that say the same. */
export function distinct(all: Iterable<Applied>): Applied[] {
  return [...new Map(Array.from(new Set(all), (one) => [JSON.stringify(one), one])).values()];
}

/** What green power takes off, by the coefficient that its electricity was counted with. */
function deductions(parts: readonly ConvertedPart[], green: readonly GreenPower[]) {
  const taken = new Map<ConvertedPart, number>();
  const off: ConvertedPart[] = [];
  let unused = 0;
  for (const { owner, month, kWh, source } of green) {
    let left = kWh;
    for (const part of parts) {
      if (part.carrier !== 'electricity' || part.owner !== owner || part.month !== month) continue;
      const { coefficient } = part;
      const used = part.amount * (unitsIn(part.unit, coefficient.unit) ?? 0);
      const take = Math.min(left, Math.max(0, used - (taken.get(part) ?? 0)));
      if (!(take > 0)) continue;
      left -= take;
      taken.set(part, (taken.get(part) ?? 0) + take);
      const labels = { labelZh: `绿电抵扣（${coefficient.labelZh}）`, labelEn: `green power, ${coefficient.labelEn}` };
      const origin = `${source}; ${coefficient.source}`;
      off.push({
        ...{ carrier: 'electricity', month, owner, amount: -take, unit: coefficient.unit },
        tce: (-take * coefficient.kgcePerUnit) / 1000,
        coefficient: { ...coefficient, ...labels, source: origin },
        isGreen: true,
      });
    }
    unused += Math.max(0, left);
  }
  return { parts: off, unused };
}

/** The months in which something should count and has no coefficient, each once. */
export function monthsMissing({ missing }: Conversion): string[] {
  const months = missing.map(({ month }) => parseMonth(month)).filter((month) => month !== null);
  return [...new Set(months)].sort((a, b) => a - b).map(monthText);
}
