import { z } from 'zod';
import { wireTime } from '../../http/times.js';
import { TRACKED } from '../../intensity/model/assess/quantity-book.js';
import { BASES, ELECTRICITY_COUNTS, MARKS } from '../../intensity/model/conversion/coefficient.js';
import { VERDICTS } from '../../intensity/model/tracking/verdict.js';
import { co2 } from './co2.js';

const amount = z.number();
const maybe = z.number().nullable();
const month = z.string().describe('`YYYY-MM`');
const whole = z.number().int();
export const reasonSchema = z.strictObject({
  code: z.string().describe('stable, for programs'),
  zh: z.string(),
  en: z.string(),
  params: z.record(z.string(), z.unknown()).describe('fractions for shares, declines and changes'),
});
const units = z.strictObject({
  quantity: z.enum(['tce', 't']),
  addedValue: z.string().describe('10⁴ CNY at prices of the base year'),
  intensity: z.string(),
});
export const coefficient = z.strictObject({
  carrier: z.string(),
  kgcePerUnit: amount,
  unit: z.string(),
  basis: z.enum(BASES),
  labelZh: z.string(),
  labelEn: z.string(),
  source: z.string(),
  mark: z.enum([...MARKS, 'measured']).describe('how sure the number is: `M` is from memory, set your own'),
});
const coverage = z.strictObject({
  total: whole.describe('members that should count'),
  counted: whole,
  quantityKnown: amount,
  addedValueKnown: amount,
  unknown: whole.describe('members with neither a quantity nor an added value'),
  share: amount,
});
const figure = z.strictObject({
  first: month,
  last: month,
  value: maybe.describe('Σ quantity ÷ Σ added value; null without added value'),
  quantity: amount,
  addedValue: amount,
  completeness: amount.describe('share of the time that was measured'),
  estimatedShare: amount,
  filledShare: amount,
  billedShare: amount.optional().describe('from bills of utilities, before there were meters'),
  preliminary: z.array(z.string()).describe('periods whose added value is preliminary'),
  coverage,
  coefficients: z.array(coefficient),
  blocks: z.array(reasonSchema).describe('why it is not assessable; empty when it is'),
  notes: z.array(reasonSchema),
});
const standing = z.strictObject({
  year: whole,
  value: amount,
  allowed: amount,
  achieved: amount.describe('decline since the base year'),
  achievedAnnual: maybe,
  target: amount.describe('decline that the whole target asks'),
  progress: maybe.describe('`ln(1 − achieved) / ln(1 − target)`'),
  progressYears: maybe,
  timeShare: amount,
  remaining: maybe,
  yearsLeft: whole,
  neededAnnual: maybe.describe('the decline now needed in each year that remains'),
});
const interval = z.strictObject({ low: amount, high: amount }).describe('80 %');
export const expected = z.strictObject({
  kind: z.enum(['forecast', 'actual']),
  value: amount,
  interval: interval.nullable(),
});
const verdict = z.strictObject({
  verdict: z.enum(VERDICTS),
  allowed: maybe,
  expected: expected.nullable(),
  decline: maybe.describe('expected annual decline from the base year'),
  againstPath: maybe.describe('`expected / allowed − 1`'),
  standing: standing.nullable().describe('where the scope would stand at the end of the year'),
  reasons: z.array(reasonSchema),
  notes: z.array(reasonSchema),
});
const pathYear = z.strictObject({
  year: whole,
  allowedIndex: amount,
  allowed: amount,
  value: maybe,
  comparable: maybe.describe('the value to compare with the path'),
  change: maybe,
  changeIsOnSameSet: z.boolean(),
  againstPath: maybe,
});
const yearSum = z.strictObject({
  value: amount,
  ...{ low: amount, high: amount, known: amount, expected: amount },
  months: z.array(z.strictObject({ month: whole, known: amount, expected: amount })),
});
const forecast = z.strictObject({
  value: amount,
  ...{ low: amount, high: amount },
  usesRatio: z.boolean().describe('whether the interval leaves out errors that quantity and added value share'),
  chanceWithinPath: maybe.describe('chance that the year ends at or below the allowed value'),
  quantity: yearSum,
  addedValue: yearSum,
  quantityMonths: whole.describe('whole months known of the year'),
  addedValueMonths: whole,
  calendar: z
    .enum(['official', 'weekdays_only'])
    .describe('whether the holidays of the year are known; else they are taken as in the last years known'),
  calendarYearsNotCovered: z.array(whole),
});
const budget = z.strictObject({
  ...{ allowed: amount, used: amount, left: amount, daysLeft: whole, perDay: amount },
  monthsLeft: z.array(z.strictObject({ month, days: whole, allowance: amount })),
  months: z.array(z.strictObject({ month, allowed: amount, used: maybe, overSoFar: maybe })),
  spentOn: z.string().nullable(),
  runsOutOn: z.string().nullable(),
  leftAtYearEnd: maybe,
});
const effect = { activity: amount, structure: amount, efficiency: amount, entered: amount, left: amount };
const drivers = z
  .strictObject({
    before: maybe,
    after: maybe,
    effects: z.strictObject(effect).nullable().describe('their sum is the change'),
    factors: z.strictObject(effect).nullable(),
    bySector: z.array(z.strictObject({ id: z.string(), ...effect })),
    withoutAddedValue: z.array(z.string()),
    reason: z.string().nullable().describe('why there are none: `added_value_not_positive`, `quantity_negative`'),
  })
  .describe('additive LMDI-I');
const use = z.strictObject({
  carrier: z.string(),
  metered: amount,
  unit: z.string(),
  amount: maybe.describe('tce or t'),
  billed: amount
    .optional()
    .describe('the part of `metered` that bills of a utility give, of the time before there was a meter'),
});
const monthRow = z.strictObject({
  first: month,
  last: month,
  isRunning: z.boolean(),
  addedValue: maybe,
  isPreliminary: z.boolean(),
  quantity: maybe,
  carriers: z.array(use),
  co2: co2.nullable().describe('null of wastewater'),
  intensity: maybe,
  change: maybe.describe('change on the same months of last year'),
  completeness: amount,
  estimatedShare: amount,
  filledShare: amount,
  parts: z.array(z.strictObject({ member: z.string(), quantity: maybe, addedValue: maybe, completeness: amount })),
});
const statistic = z.strictObject({
  period: z.string(),
  amount,
  basis: z.enum(['comparable', 'base_year', 'growth']),
  preliminary: z.boolean(),
  restsOn: z.array(
    z.strictObject({ period: z.string(), version: whole, recordedAt: wireTime, by: z.string(), source: z.string() }),
  ),
});
const member = z.strictObject({
  member: z.string(),
  nameZh: z.string().nullable(),
  nameEn: z.string().nullable(),
  isCounted: z.boolean(),
  quantity: amount,
  addedValue: amount,
  intensity: maybe,
  change: maybe.describe('change on the same months of last year'),
  completeness: amount,
  ...{ estimatedShare: amount, filledShare: amount, billedShare: amount.optional() },
  quantityMissing: z.array(month),
  addedValueMissing: z.array(z.string()),
  notConverted: z.array(month),
  statistics: z.array(statistic),
});
export const part = z.strictObject({
  scope: z.string(),
  nameZh: z.string(),
  nameEn: z.string(),
  verdict: z.enum(VERDICTS),
  decline: maybe.describe('expected annual decline since the base year'),
  interval: interval.nullable().describe('of the decline'),
  achievedAnnual: maybe.describe('to the end of the last whole year'),
  expected: expected.nullable(),
  quantity: maybe,
  addedValue: maybe,
  intensity: maybe.describe('of the months so far, or of the whole year'),
  completeness: maybe,
  coverage: maybe,
  reasons: z.array(reasonSchema),
});
const basis = z.strictObject({
  ...{ statistics: whole, sets: whole, coefficients: whole, policy: whole },
  readings: z.string(),
  forecast: z.string().nullable(),
});
export const intensityAnswer = z.strictObject({
  scope: z.string(),
  nameZh: z.string(),
  nameEn: z.string(),
  carrier: z.enum(TRACKED),
  year: whole,
  electricity: z.enum(ELECTRICITY_COUNTS),
  units,
  asKnown: z
    .enum(['now', 'published'])
    .describe(
      '`now`: computed from what is known now; `published`: as the service published it, with `asOf` or while it first reads the years',
    ),
  published: z
    .strictObject({ version: whole, recordedAt: wireTime, source: z.string() })
    .nullable()
    .describe('the last publication of it; null when it was never published'),
  basis: basis.describe('the version of each ledger that it rests on; 0: nothing was recorded'),
  through: z.string().nullable().describe('the last day whose readings count, `YYYY-MM-DD`'),
  policy: z.strictObject({
    ...{ baseYear: whole, rate: amount, targetYear: whole, riskRate: amount },
    ...{ minCompleteness: amount, minCoverage: amount, comparison: z.enum(['levels', 'chained']) },
  }),
  verdict,
  base: figure.nullable().describe('of the base year'),
  figure: figure.nullable().describe('of the whole year, or of its months so far'),
  isWhole: z.boolean(),
  path: z.array(pathYear),
  achieved: standing.nullable().describe('where it stood at the end of the last whole year'),
  yearToDate: z.strictObject({ current: figure, previous: figure, change: maybe }).nullable(),
  forecast: forecast.nullable(),
  forecastRefusal: z.strictObject({ of: z.string(), reason: z.string(), zh: z.string(), en: z.string() }).nullable(),
  budget: budget.nullable(),
  budgetBlocks: z.array(reasonSchema),
  drivers: z
    .strictObject({
      ...{ first: month, last: month, quantity: drivers, intensity: drivers },
      ...{ entered: z.array(z.string()), left: z.array(z.string()), leftOut: z.array(z.string()) },
    })
    .nullable(),
  months: z.array(monthRow),
  co2: co2.nullable().describe('of the months of `months`, by carrier and factor; null of wastewater'),
  members: z.array(member).describe('of a park or enterprise; a district or the city opens into `parts`'),
  parts: z.array(part),
  restatements: z.array(
    z.strictObject({
      ...{ year: whole, from: maybe, to: maybe, version: whole, recordedAt: wireTime },
      because: z.array(z.string()),
    }),
  ),
});
export const rankingAnswer = z.strictObject({
  ...{ carrier: z.enum(TRACKED), year: whole, units },
  items: z.array(part.extend({ place: whole.nullable() })).describe('the greatest annual decline first'),
});
