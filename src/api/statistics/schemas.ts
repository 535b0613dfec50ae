import { z } from 'zod';
import { pageOf, pagingQuery } from '../../http/paging.js';
import { isTrue } from '../../http/request-texts.js';
import { wireTime } from '../../http/times.js';
import { FIGURE_KINDS, MEASURE_NAMES, MEASURES } from '../../intensity/model/statistics/entry.js';
import { PERIOD_FORMS } from '../../intensity/model/statistics/period.js';
import { langText } from '../exports.js';
import { asOfText, scopeSchema, subjectText, toldShape, withdrawShape } from '../intensity-query.js';
import { effectsAnswer } from './effects.js';

/** The unit of every amount of added value. */
export const MONEY = '10⁴ CNY';
const FRACTION = 'fraction';
const STATUSES = ['preliminary', 'final'] as const;

/** The most that one request may bring; files may hold more. */
export const MOST_ENTRIES = 5_000;
const MOST_SETS = 100;
const MOST_MEMBERS = 5_000;

const periodSchema = z.string().min(1).max(10).describe(PERIOD_FORMS);
export const yearNumber = z.coerce.number().int().min(1980).max(2199);
const text = z.string().max(200);

const level = {
  kind: z.literal('level'),
  price: z.enum(['current', 'comparable']),
  baseYear: z.number().int().optional().describe('of comparable prices: the year whose prices they are'),
  amount: z.number().describe(`${MONEY}, above 0`),
};
const growth = {
  kind: z.literal('growth'),
  rate: z.number().describe('official real growth on the same period of the year before: 0.052 for +5.2 %'),
};

const measured = {
  kind: z.enum(MEASURE_NAMES).describe(MEASURE_NAMES.map((one) => `\`${one}\` in ${MEASURES[one]}`).join(', ')),
  amount: z.number().describe('money at current prices, 0 or more; land of a year, above 0'),
};
const measuredUnit = z.enum([MONEY, 'mu']);

/** A figure as it is sent; the unit that an answer names may stay in it, and no other. */
const figureInput = z.discriminatedUnion('kind', [
  z.strictObject({ ...level, unit: z.literal(MONEY).optional() }),
  z.strictObject({ ...growth, unit: z.literal(FRACTION).optional() }),
  z.strictObject({ ...measured, unit: measuredUnit.optional() }),
]);
const figureAnswer = z.discriminatedUnion('kind', [
  z.strictObject({ ...level, unit: z.literal(MONEY) }),
  z.strictObject({ ...growth, unit: z.literal(FRACTION) }),
  z.strictObject({ ...measured, unit: measuredUnit }),
]);

const entryInput = z.strictObject({
  subject: text.describe('park:{park} or enterprise:{park}/{enterprise}'),
  period: text.describe(PERIOD_FORMS),
  figure: figureInput,
  status: z.enum(STATUSES),
});
const setInput = z.strictObject({
  scope: text.describe('park:{park}, district:{district} or city'),
  year: z.number().int(),
  members: z.array(text).max(MOST_MEMBERS).describe('enterprise:{park}/{enterprise}, each once'),
});

const versionNumber = z.number().int().min(0);
const basedOn = z
  .strictObject({ statistics: versionNumber.optional(), countedSets: versionNumber.optional() })
  .describe('the versions that the client read; 409 when somebody recorded any of it anew since');

export const putBody = z.strictObject({
  ...toldShape,
  basedOn: basedOn.optional(),
  entries: z.array(entryInput).max(MOST_ENTRIES).default([]),
  sets: z.array(setInput).max(MOST_SETS).default([]),
});
export const putSetsBody = putBody.omit({ entries: true });
export const putQuery = z.strictObject({
  dryRun: isTrue.describe('`true` answers what would change and all that is wrong, and writes nothing'),
});

/** Who recorded it, when, from where and why. */
export const recordedShape = {
  version: z.number().int().describe('of the ledger, in which it was recorded'),
  recordedAt: wireTime,
  by: z.string().describe('id of the token'),
  source: z.string(),
  reason: z.string().nullable(),
};

export const entryAnswer = z.strictObject({
  subject: z.string(),
  period: z.string(),
  kind: z.enum(FIGURE_KINDS),
  figure: figureAnswer,
  status: z.enum(STATUSES),
  ...recordedShape,
});
const setAnswer = z.strictObject({
  scope: z.string(),
  year: z.number().int(),
  members: z.array(z.string()),
  ...recordedShape,
});

const asked = { version: versionNumber.describe('the newest version at that time; 0: nothing was recorded yet') };

export const listQuery = z.strictObject({
  scope: scopeSchema.optional(),
  year: yearNumber.optional(),
  asOf: asOfText,
  ...pagingQuery(1_000),
  lang: langText,
  bom: z.enum(['true', 'false']).default('false').describe('of CSV: `true` begins it with a BOM, for Excel'),
});
export const listAnswer = z.strictObject({
  ...asked,
  ...pageOf(entryAnswer, 'by subject, period and kind of figure').shape,
});
export const listCsv = z.string().describe(`amounts in ${MONEY}, land in mu; all pages in one`);

export const historyQuery = z.strictObject({ subject: subjectText, period: periodSchema });
const historyItem = entryAnswer
  .omit({ figure: true, status: true })
  .extend({ figure: figureAnswer.nullable().describe('null: withdrawn'), status: z.enum(STATUSES).nullable() });
export const historyAnswer = z.strictObject({ items: z.array(historyItem).describe('the oldest first') });

export const withdrawQuery = z.strictObject({
  ...{ subject: subjectText, period: periodSchema, kind: z.enum(FIGURE_KINDS) },
  ...withdrawShape,
});
export const withdrawn = z.strictObject({ version: versionNumber, withdrawn: entryAnswer });
export const withdrawSetQuery = z.strictObject({ scope: scopeSchema, year: yearNumber, ...withdrawShape });
export const withdrawnSet = z.strictObject({ version: versionNumber, withdrawn: setAnswer });

export const setsQuery = z.strictObject({
  scope: scopeSchema.optional(),
  year: yearNumber.optional(),
  asOf: asOfText,
  ...pagingQuery(100),
});
export const setsAnswer = z.strictObject({ ...asked, ...pageOf(setAnswer, 'by scope and year').shape });

export const entryAfter = entryAnswer.pick({ subject: true, period: true, kind: true, figure: true, status: true });
const setAfter = setAnswer.pick({ scope: true, year: true, members: true });
export const changesAnswer = z.strictObject({
  dryRun: z.boolean(),
  versions: z
    .strictObject({ statistics: versionNumber, countedSets: versionNumber })
    .describe('the newest, this change included'),
  entries: z
    .array(z.strictObject({ before: entryAnswer.nullable(), after: entryAfter }))
    .describe('what is new or differs'),
  sets: z.array(z.strictObject({ before: setAnswer.nullable(), after: setAfter })),
  unchanged: z.number().int().describe('how many say what is believed already; the service does not record them again'),
  effects: effectsAnswer.optional().describe('of a dry run: what would become of the verdicts'),
  errors: z
    .array(z.strictObject({ field: z.string(), expected: z.string() }))
    .describe('of a dry run: all reasons for which the service would refuse the request; empty: it would accept it'),
});
