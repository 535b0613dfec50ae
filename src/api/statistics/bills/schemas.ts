import { z } from 'zod';
import { pageOf, pagingQuery } from '../../../http/paging.js';
import { line } from '../../../http/request-texts.js';
import { BILL_UNITS, BILLED_CARRIERS } from '../../../intensity/model/bills/bill.js';
import { asOfText, scopeSchema, subjectText, toldShape, withdrawShape } from '../../intensity-query.js';
import { effectsAnswer } from '../effects.js';
import { putQuery, recordedShape } from '../schemas.js';

/** The most that one request may bring; the answer has all of them. */
export const MOST_BILLS = 1_000;

const text = z.string().max(200);
const versionNumber = z.number().int().min(0);
const units = BILLED_CARRIERS.map((one) => `${one} ${Object.keys(BILL_UNITS[one]).join(' or ')}`).join('; ');
const carrier = z.enum(BILLED_CARRIERS);
const account = z
  .string()
  .max(64)
  .regex(/^[^\s]*$/, 'without blanks')
  .default('')
  .describe('customer number (户号) or supply point; empty where there is only one');

const billInput = z.strictObject({
  owner: text.describe('park:{park} or enterprise:{park}/{enterprise}'),
  carrier,
  account,
  from: text.describe('the first day, YYYY-MM-DD'),
  through: text.describe('the last day, YYYY-MM-DD, at most a year later'),
  amount: z.number().describe('from 0, in `unit`'),
  unit: line(8).describe(units),
});
export const billPutBody = z.strictObject({
  ...toldShape,
  basedOn: versionNumber.optional().describe('the version that the client read; 409 when one of these changed since'),
  bills: z.array(billInput).min(1).max(MOST_BILLS),
});
export { putQuery };

const said = z.strictObject({
  ...{ owner: z.string(), carrier, account: z.string() },
  ...{ from: z.string(), through: z.string(), amount: z.number(), unit: z.string() },
});
const use = z
  .strictObject({
    days: z.number().int(),
    billedDays: z.number().int().describe('days that count by the bill'),
    meteredDays: z.number().int().describe('days since the first meter of the carrier: the meter alone counts'),
    isSpread: z
      .boolean()
      .describe('the bill covers several months, or a meter begins in it: the service spreads it evenly over its days'),
  })
  .describe('how the service counts its days beside the meters');
const billAnswer = z.strictObject({ ...said.shape, use, ...recordedShape });

export const billListQuery = z.strictObject({
  scope: scopeSchema.optional(),
  owner: subjectText.optional(),
  asOf: asOfText,
  ...pagingQuery(1_000),
});
export const billListAnswer = z.strictObject({
  version: versionNumber.describe('the newest version at that time; 0: nothing was recorded yet'),
  ...pageOf(billAnswer, 'by owner, carrier, account and first day').shape,
});
export const billChangesAnswer = z.strictObject({
  dryRun: z.boolean(),
  version: versionNumber.describe('the newest, this change included'),
  bills: z.array(z.strictObject({ before: billAnswer.nullable(), after: z.strictObject({ ...said.shape, use }) })),
  unchanged: z.number().int(),
  effects: effectsAnswer.optional().describe('of a dry run without faults: what would become of the verdicts'),
  errors: z
    .array(z.strictObject({ field: z.string(), expected: z.string() }))
    .describe('of a dry run: all reasons for which the service would refuse the request'),
});
export const billWithdrawQuery = z.strictObject({
  ...{ owner: subjectText, carrier, account, from: text },
  ...withdrawShape,
});
export const billWithdrawn = z.strictObject({ version: versionNumber, withdrawn: billAnswer });
