import { z } from 'zod';
import { isTrue, truth } from '../../http/request-texts.js';
import { TRACKED } from '../../intensity/model/assess/quantity-book.js';
import { parseScope, SCOPE_FORMS } from '../../intensity/model/assess/scope.js';
import { ELECTRICITY_COUNTS } from '../../intensity/model/conversion/coefficient.js';
import { langText } from '../exports.js';
import { asOfText } from '../intensity-query.js';

/** Tables of `GET /intensity` that a CSV file may hold. */
const INTENSITY_TABLES = [
  ...(['path', 'months', 'carriers', 'month_parts', 'corrections', 'figures', 'reasons', 'members', 'parts'] as const),
  ...(['drivers', 'co2', 'bills', 'budget', 'statistics', 'coefficients', 'restatements'] as const),
] as const;

const scope = z
  .string()
  .max(140)
  .transform((text, context) => {
    const parsed = parseScope(text);
    if (parsed !== null) return parsed;
    context.addIssue({ code: 'custom', message: SCOPE_FORMS });
    return z.NEVER;
  })
  .describe(`${SCOPE_FORMS}; of a district or the city, for tokens that see all its parks`);
const carrier = z.enum(TRACKED).default('energy').describe('energy in tce, wastewater in t');
const year = z.coerce
  .number()
  .int()
  .min(1980)
  .max(2199)
  .optional()
  .describe('the year to be judged; the year that runs when left out');

export const intensityQuery = z.strictObject({
  scope,
  carrier,
  year,
  lang: langText,
  table: z.enum(INTENSITY_TABLES).default('path').describe('of CSV: which table; a workbook has them all'),
  memberVerdicts: truth
    .optional()
    .describe('of a park: with each enterprise by itself; files and the report have it when left out, JSON does not'),
  asOf: asOfText.describe('answers what was published by then: RFC 3339, or `version:N` of the publications'),
  media: isTrue.describe(
    'of energy: with water and compressed air (耗能工质), which the policy figure leaves out; what is made in the park from ' +
      'energy that is metered counts twice then',
  ),
  electricity: z
    .enum(ELECTRICITY_COUNTS)
    .default('calorific')
    .describe(
      'electricity by 当量值 (`calorific`) or 等价值 (`equal_value`), or by one of them less the certificates of green power ' +
        '(绿电抵扣); what is published is calorific',
    ),
});
export const rankingQuery = z.strictObject({ carrier, year, lang: langText });
export const scorecardQuery = z.strictObject({
  ...{ scope, year, lang: langText },
  asOf: asOfText.describe(
    'as the statistics were believed then: RFC 3339, or `version:N` of the statistics; which domains were live then is not known',
  ),
});
/** The annual report shows what is known now, or what the service had published by `asOf`. */
export const reportQuery = intensityQuery.omit({ table: true });
