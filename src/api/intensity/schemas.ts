import { z } from 'zod';
import { wireTime } from '../../http/times.js';
import { TOLD } from '../../intensity/assess/port.js';
import { TRACKED } from '../../intensity/model/assess/quantity-book.js';
import { BASES, ELECTRICITY_COUNTS, MARKS } from '../../intensity/model/conversion/coefficient.js';
import { VERDICTS } from '../../intensity/model/tracking/verdict.js';
import { billsShape } from './bills.js';
import { co2 } from './co2.js';
import { causesShape, sinceBaseShape } from './drivers.js';
import { monthRow } from './months.js';
import { budgetShape, forecastShape, interval, projectedYear } from './outlook.js';

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
export const expected = z.strictObject({
  kind: z.enum(['forecast', 'actual']),
  value: amount,
  interval: interval.nullable().describe('80 %'),
  interval50: interval.nullable().describe('50 %: one outcome of four lies below it, one above'),
});
const verdict = z.strictObject({
  verdict: z.enum(VERDICTS),
  allowed: maybe,
  expected: expected.nullable(),
  decline: maybe.describe('expected annual decline from the base year'),
  change: maybe.describe('of the expected value on the year before'),
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
  isPreliminary: z
    .boolean()
    .nullable()
    .describe('whether statistics of it are; null: not told by what was published then'),
  comparable: maybe.describe('the value to compare with the path'),
  change: maybe,
  changeIsOnSameSet: z.boolean(),
  againstPath: maybe,
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
const own = z
  .strictObject({
    verdict: z.enum(VERDICTS),
    decline: maybe.describe('expected annual decline since the base year'),
    interval: interval.nullable().describe('80 %, of the decline'),
    achievedAnnual: maybe.describe('to the end of the last whole year'),
    baseIntensity: maybe.describe('of the base year'),
    reasons: z.array(reasonSchema),
  })
  .describe('the enterprise by itself, as `scope=enterprise:…` answers it');
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
  own: own.nullable().describe('null unless `memberVerdicts` asks for it, and of what was never published by itself'),
  statistics: z.array(statistic),
});
export const part = z.strictObject({
  scope: z.string(),
  nameZh: z.string(),
  nameEn: z.string(),
  verdict: z.enum(VERDICTS),
  decline: maybe.describe('expected annual decline since the base year'),
  interval: interval.nullable().describe('80 %, of the decline'),
  achievedAnnual: maybe.describe('to the end of the last whole year'),
  expected: expected.nullable(),
  quantity: maybe,
  addedValue: maybe,
  intensity: maybe.describe('of the months so far, or of the whole year'),
  yearEnd: z
    .strictObject({ quantity: amount, addedValue: amount })
    .nullable()
    .describe('both sides as forecast for the end of the year, or of the whole year'),
  completeness: maybe,
  coverage: maybe,
  reasons: z.array(reasonSchema),
});
const revision = z.strictObject({
  of: z.enum(TOLD),
  ...{ version: whole, recordedAt: wireTime, source: z.string(), reason: z.string().nullable() },
});
const basis = z.strictObject({
  ...{ statistics: whole, sets: whole, coefficients: whole, policy: whole },
  readings: z.string(),
  forecast: z.string().nullable(),
  told: z
    .array(revision)
    .describe('when and from what the newest statistics of `figure`, the coefficients and the policy were recorded'),
});
export const intensityAnswer = z.strictObject({
  scope: z.string(),
  nameZh: z.string(),
  nameEn: z.string(),
  carrier: z.enum(TRACKED),
  year: whole,
  electricity: z.enum(ELECTRICITY_COUNTS),
  media: z.boolean().describe('whether water and compressed air count; the policy figure leaves them out'),
  units,
  asKnown: z
    .enum(['now', 'published'])
    .describe(
      '`now`: computed from what is known now; `published`: as the service published it, with `asOf` or while it first reads the years',
    ),
  published: z
    .strictObject({
      ...{ version: whole, recordedAt: wireTime, source: z.string() },
      historyCompleteThrough: z
        .union([wireTime, z.literal('unknown')])
        .nullable()
        .describe(
          'the historian was behind when the service worked it out: up to when all readings are in it; null: it had all',
        ),
    })
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
  forecast: forecastShape.nullable(),
  forecastRefusal: z.strictObject({ of: z.string(), reason: z.string(), zh: z.string(), en: z.string() }).nullable(),
  projection: z.array(projectedYear).describe('the years after `year` to the end of the target'),
  budget: budgetShape.nullable(),
  budgetBlocks: z.array(reasonSchema),
  drivers: causesShape.nullable().describe('of the months so far, against the same months of last year'),
  driversSinceBase: sinceBaseShape.nullable(),
  months: z.array(monthRow),
  co2: co2.nullable().describe('of the months of `months`, by carrier and factor; null of wastewater'),
  bills: billsShape,
  members: z.array(member).describe('of a park or enterprise; a district or the city opens into `parts`'),
  parts: z.array(part),
  restatements: z.array(
    z.strictObject({
      ...{ year: whole, from: maybe, to: maybe, version: whole, recordedAt: wireTime },
      because: z.array(z.string()),
      told: z.array(revision).describe('what people recorded in between, the newest first'),
    }),
  ),
});
export const rankingAnswer = z.strictObject({
  ...{ carrier: z.enum(TRACKED), year: whole, units },
  items: z.array(part.extend({ place: whole.nullable() })).describe('the greatest annual decline first'),
});
