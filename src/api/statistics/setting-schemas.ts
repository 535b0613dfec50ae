import { z } from 'zod';
import { line } from '../../http/request-texts.js';
import { BASE_UNITS, MARK_LABELS, MARKS } from '../../intensity/model/conversion/coefficient.js';
import { asOfText, toldShape } from '../intensity-query.js';
import { recordedShape } from './schemas.js';

const carrier = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,62}$/, 'lower-case letters, digits and _, at most 63, beginning with a letter')
  .describe('such as `electricity`, `natural_gas`');
const month = z.string().max(7);
const valid = {
  from: month.describe('YYYY-MM, the first month it counts for'),
  to: month.nullable().describe('YYYY-MM, the first month it no longer counts for; null: without end'),
};
const unit = z.enum(BASE_UNITS);
const mark = z.enum(MARKS).describe(MARKS.map((one) => `\`${one}\` ${MARK_LABELS[one].en}`).join(', '));
const labelled = { labelZh: line(200), labelEn: line(200), source: line(300), mark };
const owner = z.string().max(200).describe('park:{park} or enterprise:{park}/{enterprise}');

const coefficientShape = {
  carrier,
  basis: z.enum(['calorific', 'equal_value']).describe('`calorific`: 当量值; `equal_value`: 等价值'),
  kgcePerUnit: z.number().describe('kgce (29 307.6 kJ) per unit'),
  unit,
  ...valid,
  medium: z.boolean().describe('a medium made from other carriers (耗能工质): outside the policy figure'),
  ...labelled,
};
const factorShape = {
  carrier,
  region: z.string().regex(/^[a-z][a-z0-9_]{0,62}$/, 'such as `china`, `east_china`'),
  kgPerUnit: z.number().describe('kgCO2 per unit'),
  unit,
  ...valid,
  ...labelled,
};
const measuredShape = {
  ...{ carrier, owner, kjPerUnit: z.number().describe('kJ per unit, the lower heat value'), unit, ...valid },
  source: line(300).describe('the report of the measurement'),
};
const greenShape = {
  ...{ owner, month: month.describe('YYYY-MM'), kWh: z.number() },
  source: line(300).describe('the certificates'),
};
const policyShape = {
  baseYear: z.number().int(),
  rate: z.number().describe('the decline that the policy asks of each year, a fraction: 0.05 for 5 %'),
  targetYear: z.number().int().describe('the year at whose end the whole target is due'),
  riskRate: z
    .number()
    .describe('a fraction; an expected decline from this up to `rate` is at risk, a smaller one off track'),
  minCompleteness: z.number().describe('the least share of a period that has to be measured'),
  minCoverage: z.number().describe('the least share of the counted enterprises of which both sides are known'),
  comparison: z
    .enum(['levels', 'chained'])
    .describe('`levels`: e_n / e_0; `chained`: the product of yearly changes, each on one set of enterprises'),
};

/** Whether it is a default, or who recorded it. */
const origin = {
  origin: z.enum(['default', 'recorded']).describe('`default`: shipped with the service; `recorded`: of the site'),
  recorded: z.strictObject(recordedShape).nullable().describe('who recorded it; null of a default'),
};
const versionNumber = z.number().int().min(0);
/** How sure a number is, in words. */
const markLabels = { markZh: z.string(), markEn: z.string() };

export const settingsQuery = z.strictObject({ asOf: asOfText });

const listOf = <S extends z.ZodRawShape>(shape: S) =>
  z.strictObject({
    version: versionNumber.describe(
      'the newest version at that time; give it with a change. 0: nothing was recorded yet',
    ),
    items: z.array(z.strictObject(shape)),
  });
export const coefficientList = listOf({ ...coefficientShape, ...markLabels, ...origin });
export const factorList = listOf({ ...factorShape, ...markLabels, ...origin });
export const measuredList = listOf({ ...measuredShape, ...origin });
export const greenList = listOf({ ...greenShape, ...origin });
export const policyAnswer = z.strictObject({ version: versionNumber, policy: z.strictObject(policyShape), ...origin });

const changeShape = {
  ...toldShape,
  version: versionNumber.describe('the version that the client read; 409 when there is a newer one'),
};
/** The site's own list as a whole. */
export const coefficientsBody = z.strictObject({
  ...changeShape,
  coefficients: z.array(z.strictObject(coefficientShape)).max(1_000),
});
export const factorsBody = z.strictObject({ ...changeShape, factors: z.array(z.strictObject(factorShape)).max(1_000) });
export const measuredBody = z.strictObject({
  ...changeShape,
  measured: z.array(z.strictObject(measuredShape)).max(1_000),
});
export const greenBody = z.strictObject({
  ...changeShape,
  greenPower: z.array(z.strictObject(greenShape)).max(5_000),
});
export const policyBody = z.strictObject({ ...changeShape, policy: z.strictObject(policyShape) });
