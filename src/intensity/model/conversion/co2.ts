import { type Month, monthText, parseMonth } from '../statistics/period.js';
import { type BaseUnit, isValidIn, type Mark, unitsIn } from './coefficient.js';
import type { CarrierAmount } from './convert.js';

/** kgCO2 in one unit of a carrier, for a region and time. */
export interface Co2Factor {
  readonly carrier: string;
  /** `china`, `east_china`, `zhejiang`… */
  readonly region: string;
  readonly kgPerUnit: number;
  readonly unit: BaseUnit;
  /** `YYYY-MM`, as in `Coefficient`. */
  readonly from: string;
  readonly to: string | null;
  readonly labelZh: string;
  readonly labelEn: string;
  readonly source: string;
  readonly mark: Mark;
}

const grid = (region: string, zh: string, en: string, year: number, kgPerUnit: number, source: string, mark: Mark) => ({
  ...{ carrier: 'electricity', region, kgPerUnit, unit: 'kWh' as const, from: `${year}-01`, to: `${year + 1}-01` },
  ...{ labelZh: `${year} 年${zh}电网平均`, labelEn: `grid average of ${en}, ${year}`, source, mark },
});
const direct = (carrier: string, kgPerUnit: number, unit: BaseUnit, labelZh: string, labelEn: string): Co2Factor => ({
  ...{ carrier, region: 'china', kgPerUnit, unit, from: '2000-01', to: null, labelZh, labelEn, mark: 'M' },
  source: 'default heat value × carbon content × oxidation, guides for enterprise reporting',
});

/**
 * Factors that the service begins with. A factor of Zhejiang has not been found; those of fuels are from memory. A site
 * records its own over them.
 */
export const DEFAULT_CO2_FACTORS: readonly Co2Factor[] = [
  grid('china', '全国', 'China', 2021, 0.5568, 'announcement of 2021 factors', 'M'),
  grid('china', '全国', 'China', 2022, 0.5366, 'announcement of 2024-12-20', 'S'),
  grid('china', '全国', 'China', 2023, 0.5306, 'China Electric Power News 2026-01-15', 'S'),
  grid('east_china', '华东', 'East China', 2023, 0.55, 'China Electric Power News 2026-01-15', 'S'),
  direct('natural_gas', 2.162, 'm³', '天然气燃烧', 'combustion of natural gas'),
  direct('heat', 0.11, 'MJ', '外购热力', 'purchased heat'),
];

/** Of the regions that a site of Wenzhou lies in, the nearest first: the first that has a factor counts. */
export const REGIONS = ['zhejiang', 'east_china', 'china'] as const;

interface Co2Part extends CarrierAmount {
  readonly tCo2: number;
  readonly factor: Co2Factor;
  /** The year of a factor that stands in for a month it was not published for; null when it was. */
  readonly carriedFrom: number | null;
}

interface Co2Total {
  /** Sum of the parts, t. */
  readonly tCo2: number;
  readonly parts: readonly Co2Part[];
  readonly missing: readonly CarrierAmount[];
}

/**
 * CO2 of the amounts, t. Of the regions the first that has a factor counts. Factors come years late: where a month has
 * none yet, the newest one before it stands in and says so.
 */
export function toCo2(
  amounts: readonly CarrierAmount[],
  factors: readonly Co2Factor[],
  regions: readonly string[],
): Co2Total {
  const parts: Co2Part[] = [];
  const missing: CarrierAmount[] = [];
  for (const amount of amounts) {
    const month = parseMonth(amount.month);
    const found = month === null ? null : factorFor(amount.carrier, month, factors, regions);
    const units = found === null ? null : unitsIn(amount.unit, found.factor.unit);
    if (found === null || units === null || !Number.isFinite(amount.amount)) missing.push(amount);
    else parts.push({ ...amount, ...found, tCo2: (amount.amount * units * found.factor.kgPerUnit) / 1000 });
  }
  return { tCo2: parts.reduce((total, part) => total + part.tCo2, 0), parts, missing };
}

function factorFor(carrier: string, month: Month, factors: readonly Co2Factor[], regions: readonly string[]) {
  for (const region of regions) {
    const own = factors.filter((one) => one.carrier === carrier && one.region === region);
    const valid = own.find((one) => isValidIn(one, month));
    if (valid) return { factor: valid, carriedFrom: null };
    const before = own.filter(({ to }) => to !== null && to <= monthText(month));
    const newest = before.sort((a, b) => (a.from < b.from ? -1 : 1)).at(-1);
    if (newest) return { factor: newest, carriedFrom: Number(newest.from.slice(0, 4)) };
  }
  return null;
}
