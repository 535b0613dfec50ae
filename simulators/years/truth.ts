import { noiseAt, seedOf } from '../random.js';
import { countedIn, type FirmPlan, LEVEL_YEAR, type ParkPlan } from './plan.js';

/** A calendar month of the city: `year * 12 + (0…11)`. */
export type Month = number;

export const monthOf = (year: number, month: number): Month => year * 12 + month - 1;
export const yearOf = (month: Month): number => Math.floor(month / 12);
export const monthText = (month: Month): string => `${yearOf(month)}-${String((month % 12) + 1).padStart(2, '0')}`;

/** What the history meters, with the register, its decimals and what one unit is in tce (GB/T 2589) or t of wastewater. */
export const METERED = {
  electricity: { register: 'import_energy_kwh', domain: 'energy', modulus: 1e8, perUnit: 0.1229e-3 },
  natural_gas: { register: 'gas_volume_m3', domain: 'energy', modulus: 1e8, perUnit: 1.33e-3 },
  steam: { register: 'steam_mass_t', domain: 'energy', modulus: 1e7, perUnit: 0.1286 },
  wastewater: { register: 'discharge_volume_m3', domain: 'wastewater', modulus: 1e8, perUnit: 1 },
} as const;
export type Metered = keyof typeof METERED;
export type Tracked = 'energy' | 'wastewater';

/** Shares of the year by month: output, electricity, and what heats. */
const OUTPUT = [6.9, 5.7, 8.3, 8.2, 8.4, 8.9, 8.2, 8.3, 8.9, 8.8, 9.2, 10.2];
const POWER = [7.6, 6.2, 8.1, 7.9, 8.2, 8.7, 9.3, 9.3, 8.6, 8.2, 8.5, 9.4];
const HEAT = [10, 8.5, 9, 8, 7.5, 7, 6.5, 6.5, 7.4, 8.4, 9.6, 11.6];
const shareOf = (shares: readonly number[], month: Month) =>
  shares[month % 12]! / shares.reduce((sum, one) => sum + one, 0);

/** How far a month, and a year, strays from the plan. */
const MONTH_NOISE = 0.008;
const YEAR_NOISE = 0.002;

/** What the park uses itself and loses, of all that its enterprises use. */
const COMMON = 0.03;

export const carriersOf = (plan: ParkPlan): readonly Metered[] =>
  (Object.keys(METERED) as Metered[]).filter((one) => one !== 'steam' || steamOf(plan) > 0.01);
const steamOf = ({ electricity, gas }: ParkPlan) => 1 - electricity - gas;

const isInBusiness = ({ began, ended }: FirmPlan, year: number) => began <= year && (ended === null || year <= ended);
const seedFor = ({ park, id }: FirmPlan, what: string) => seedOf(`${park}/${id}/${what}`, LEVEL_YEAR);

/** Added value of a month at prices of the first year, 10⁴ CNY, a whole number; 0 before and after its business. */
export function addedValueIn(plan: ParkPlan, firm: FirmPlan, month: Month): number {
  if (!isInBusiness(firm, yearOf(month))) return 0;
  const strays = 1 + MONTH_NOISE * noiseAt(seedFor(firm, 'output'), month);
  return Math.max(1, Math.round(outputOf(plan, firm, yearOf(month)) * shareOf(OUTPUT, month) * strays));
}

const outputOf = (plan: ParkPlan, { share, growth }: FirmPlan, year: number): number =>
  plan.addedValue * share * (1 + growth) ** (year - LEVEL_YEAR);

/** What an enterprise uses of a carrier in a month, in whole units of its register. */
export function usedIn(plan: ParkPlan, firm: FirmPlan, carrier: Metered, month: Month): number {
  const year = yearOf(month);
  if (!isInBusiness(firm, year)) return 0;
  const isWater = carrier === 'wastewater';
  const decline = isWater ? plan.waterDecline : plan.energyDecline;
  const level = (isWater ? plan.waterIntensity : plan.energyIntensity * partOf(plan, carrier)) * firm.factor;
  const strays =
    (1 + YEAR_NOISE * noiseAt(seedFor(firm, isWater ? 'water' : 'energy'), year)) *
    (1 + MONTH_NOISE * noiseAt(seedFor(firm, carrier), month));
  const shares = isWater ? OUTPUT : carrier === 'electricity' ? POWER : HEAT;
  const ofYear = outputOf(plan, firm, year) * level * (1 - decline) ** (year - LEVEL_YEAR);
  return Math.round((ofYear * shareOf(shares, month) * strays) / METERED[carrier].perUnit);
}

function partOf(plan: ParkPlan, carrier: Metered): number {
  if (carrier === 'electricity') return plan.electricity;
  return carrier === 'natural_gas' ? plan.gas : steamOf(plan);
}

/** What comes into the park, in whole units: its enterprises' use with its own and the losses. */
export function parkUsedIn(plan: ParkPlan, carrier: Metered, month: Month): number {
  const used = plan.firms.reduce((sum, firm) => sum + usedIn(plan, firm, carrier, month), 0);
  return used + Math.round(used * COMMON);
}

/** The figures of a scope: tce or t, 10⁴ CNY, and their quotient. */
export interface TrueFigure {
  readonly quantity: number;
  readonly addedValue: number;
  readonly intensity: number;
}

/** Σ ÷ Σ of enterprises over months, first to last. */
export function figureOf(
  firms: readonly { readonly plan: ParkPlan; readonly firm: FirmPlan }[],
  tracked: Tracked,
  first: Month,
  last: Month,
): TrueFigure {
  let [quantity, addedValue] = [0, 0];
  for (const { plan, firm } of firms) {
    const carriers = carriersOf(plan).filter((one) => (one === 'wastewater') === (tracked === 'wastewater'));
    for (let month = first; month <= last; month += 1) {
      addedValue += addedValueIn(plan, firm, month);
      for (const carrier of carriers) quantity += usedIn(plan, firm, carrier, month) * METERED[carrier].perUnit;
    }
  }
  return { quantity, addedValue, intensity: quantity / addedValue };
}

/** A year of parks on the set of that year, or of another. */
export function yearFigure(plans: readonly ParkPlan[], tracked: Tracked, year: number, setOf = year): TrueFigure {
  const firms = plans.flatMap((plan) => countedIn(plan, setOf).map((firm) => ({ plan, firm })));
  return figureOf(firms, tracked, monthOf(year, 1), monthOf(year, 12));
}

/** Annual decline from the first year to another, both on their own sets. */
export function declineOf(plans: readonly ParkPlan[], tracked: Tracked, from: number, to: number): number {
  const [e0, en] = [from, to].map((year) => yearFigure(plans, tracked, year).intensity) as [number, number];
  return 1 - (en / e0) ** (1 / (to - from));
}
