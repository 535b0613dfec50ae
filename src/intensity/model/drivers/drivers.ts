import { decompose, logarithmicMean } from './lmdi.js';

/** A firm, or a park as the sum of its firms, in the two periods compared. Not counted in one: both its figures are 0. */
export interface Sector {
  readonly id: string;
  /** Energy (tce) or discharge (t), 0 or more; periods 0 and 1. */
  readonly quantity: readonly [number, number];
  /** Industrial added value at comparable prices (10⁴ CNY); may be 0 or negative. */
  readonly addedValue: readonly [number, number];
}

/** Why a figure changed, in the unit of that figure; the five sum to the change. */
export interface Effects {
  /** All produce more or less, at the same shares and intensities. Always 0 where an intensity is explained. */
  readonly activity: number;
  /** Shares of added value move among those counted in both periods. */
  readonly structure: number;
  /** Each needs more or less for the same added value. */
  readonly efficiency: number;
  /** Those that are counted in period 1 alone. By the analytical limit this belongs to structure; shown apart. */
  readonly entered: number;
  /** Those that were counted in period 0 alone; negative. Belongs to structure as `entered` does. */
  readonly left: number;
}

/** What changed a figure from period 0 to period 1. */
export interface Drivers {
  readonly before: number;
  readonly after: number;
  readonly effects: Effects;
  /** Each as a factor of the whole, dimensionless; their product is `after / before`. Null where one of these is 0. */
  readonly factors: Effects | null;
  readonly bySector: readonly (Effects & { readonly id: string })[];
  /**
   * Sectors that used something without adding value (0 or negative) in a period that counts them. Structure and efficiency have no
   * limit of their own there; only their sum has, and it stands under efficiency.
   */
  readonly withoutAddedValue: readonly string[];
}

/** No drivers can be computed; `reason` says why. */
export interface NoDrivers {
  readonly reason: 'added_value_not_positive';
}

const PARTS = ['activity', 'structure', 'efficiency', 'entered', 'left'] as const;

/**
 * Why a quantity changed (tce or t): `Q = Σ Y · (Yᵢ / Y) · (Qᵢ / Yᵢ)`, activity × structure × efficiency, by additive
 * LMDI-I with the analytical limits for firms that enter or leave.
 * @throws RangeError when a quantity is negative or a number is not finite
 */
export function quantityDrivers(sectors: readonly Sector[]): Drivers | NoDrivers {
  return driversOf(sectors, true);
}

/** Why an intensity changed (tce or t per 10⁴ CNY): `Q / Y = Σ (Yᵢ / Y) · (Qᵢ / Yᵢ)`, structure × efficiency; else as above. */
export function intensityDrivers(sectors: readonly Sector[]): Drivers | NoDrivers {
  return driversOf(sectors, false);
}

function driversOf(sectors: readonly Sector[], ofQuantity: boolean): Drivers | NoDrivers {
  for (const { id, quantity, addedValue } of sectors) {
    if (!quantity.every((value) => value >= 0) || ![...quantity, ...addedValue].every(Number.isFinite)) {
      throw new RangeError(`${id}: quantities have to be finite and not negative, added values finite`);
    }
  }
  const total = [0, 1].map((t) => sectors.reduce((value, { addedValue }) => value + addedValue[t]!, 0));
  if (!total.every((value) => value > 0)) return { reason: 'added_value_not_positive' };
  const separable = sectors.map(isSeparable);
  // Activity × structure × efficiency, or without structure where only its product with efficiency is defined.
  const factorsAt = (t: 0 | 1) =>
    sectors.map(({ quantity, addedValue }, i) => {
      const activity = ofQuantity ? total[t]! : 1;
      const perActivity = quantity[t] / (ofQuantity ? 1 : total[t]!) / activity;
      if (!separable[i]) return [activity, 1, perActivity];
      const structure = addedValue[t] / total[t]!;
      return [activity, structure, structure === 0 ? null : quantity[t] / addedValue[t]];
    });
  const { total0, total1, bySector } = decompose(factorsAt(0), factorsAt(1));
  const parts = sectors.map((sector, i) => ({ id: sector.id, ...named(sector, bySector[i]!) }));
  const effects = effectsBy((part) => parts.reduce((value, sector) => value + sector[part], 0));
  const mean = logarithmicMean(total1, total0);
  return {
    ...{ before: total0, after: total1, effects, bySector: parts },
    factors: mean > 0 ? effectsBy((part) => Math.exp(effects[part] / mean)) : null,
    withoutAddedValue: sectors.filter((_, i) => !separable[i]).map(({ id }) => id),
  };
}

const isCounted = ({ quantity, addedValue }: Sector, t: 0 | 1) => quantity[t] !== 0 || addedValue[t] !== 0;
const effectsBy = (value: (part: (typeof PARTS)[number]) => number) =>
  Object.fromEntries(PARTS.map((part) => [part, value(part)])) as unknown as Effects;

/** Whether structure and efficiency have values of their own: whoever is counted in a period added value in it. */
function isSeparable(sector: Sector): boolean {
  return ([0, 1] as const).every((t) => sector.addedValue[t] > 0 || !isCounted(sector, t));
}

function named(sector: Sector, [activity, structure, efficiency]: readonly number[]): Effects {
  const whole = activity! + structure! + efficiency!;
  const none = { activity: 0, structure: 0, efficiency: 0, entered: 0, left: 0 };
  if (!isCounted(sector, 0)) return { ...none, entered: whole };
  if (!isCounted(sector, 1)) return { ...none, left: whole };
  return { ...none, activity: activity!, structure: structure!, efficiency: efficiency! };
}
