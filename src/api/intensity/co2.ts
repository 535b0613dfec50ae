import { z } from 'zod';
import type { MonthRow } from '../../intensity/model/assess/months.js';
import { type Co2Factor, REGIONS, toCo2 } from '../../intensity/model/conversion/co2.js';
import { MARKS } from '../../intensity/model/conversion/coefficient.js';

const co2Part = z.strictObject({
  ...{ carrier: z.string(), tCo2: z.number(), kgPerUnit: z.number(), unit: z.string(), region: z.string() },
  from: z.string().describe('`YYYY-MM`: the first month that the factor is of'),
  to: z.string().nullable().describe('before this month; null: until another one is told'),
  ...{ labelZh: z.string(), labelEn: z.string(), source: z.string(), mark: z.enum(MARKS) },
  carriedFrom: z
    .number()
    .int()
    .nullable()
    .describe('the year of a factor that stands in, as none of the month is published'),
});
export const co2 = z.strictObject({
  tCo2: z.number().describe('of what has a factor; not a total while something is `missing`'),
  parts: z.array(co2Part),
  missing: z.array(z.string()).describe('carriers without a factor'),
});

/** CO2 of what the rows used, by carrier and factor; certificates of green power take nothing off it. */
export function co2ToWire(rows: readonly MonthRow[], factors: readonly Co2Factor[]) {
  const amounts = rows.flatMap(({ first, carriers }) =>
    carriers
      .filter(({ carrier }) => carrier !== 'green_power')
      .map(({ carrier, metered, unit }) => ({ carrier, month: first, amount: metered, unit, owner: '' })),
  );
  const { tCo2, parts, missing } = toCo2(amounts, factors, REGIONS);
  const byFactor = new Map<string, ReturnType<typeof partOf>>();
  for (const part of parts) {
    const key = `${part.carrier} ${part.factor.region} ${part.factor.from} ${part.carriedFrom}`;
    const before = byFactor.get(key);
    byFactor.set(key, { ...partOf(part), tCo2: (before?.tCo2 ?? 0) + part.tCo2 });
  }
  return { tCo2, parts: [...byFactor.values()], missing: [...new Set(missing.map(({ carrier }) => carrier))] };
}

function partOf({ carrier, tCo2, factor, carriedFrom }: ReturnType<typeof toCo2>['parts'][number]) {
  const { kgPerUnit, unit, region, from, to, labelZh, labelEn, source, mark } = factor;
  return {
    carrier,
    tCo2,
    kgPerUnit,
    unit: `kgCO2/${unit}`,
    region,
    from,
    to,
    labelZh,
    labelEn,
    source,
    mark,
    carriedFrom,
  };
}
