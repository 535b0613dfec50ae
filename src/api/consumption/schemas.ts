import { z } from 'zod';
import { anyId, truth } from '../../http/request-texts.js';
import { wireTime } from '../../http/times.js';
import { CARRIERS } from '../../intensity/model/boundary/carriers.js';
import { CONSUMPTION_STEPS } from '../../intensity/port.js';
import { langText } from '../exports.js';
import { lossLimitShape, meteredTime as time } from '../intensity-query.js';

/** Rows of one answer, and rows times meters. */
export const MAX_ROWS = 2_000;
export const MAX_CELLS = 50_000;

export const consumptionQuery = z.strictObject({
  park: anyId.optional().describe('the park as a whole, or whose enterprise or device it is'),
  enterprise: anyId.optional().describe('what one enterprise consumes'),
  device: anyId.optional().describe('what one meter of the tree measured'),
  register: anyId.optional().describe('with `device`: which of its registers; needed where several are in the tree'),
  carrier: z.enum(CARRIERS),
  from: time.describe('the first row is the one in which it lies'),
  to: time.optional().describe('the end, not included; now when left out'),
  every: z.enum(CONSUMPTION_STEPS).default('month').describe("of the service's time zone"),
  parts: truth
    .optional()
    .describe('with the meters that a row is the sum of; JSON has them when left out, CSV does not'),
  lang: langText,
  asOf: time.optional().describe('meter trees and corrections as they were known then; readings are as they are now'),
});
export type ConsumptionRequest = z.output<typeof consumptionQuery>;

const amount = z.number().describe('in `unit`');
const quantity = {
  amount: amount.describe('measured, estimated and filled together, in `unit`'),
  measured: amount.describe('by the register, in `unit`'),
  estimated: amount.describe('power or flow, integrated where the register is missing'),
  filled: amount.describe('by the method that is declared for gaps'),
  metered: amount.describe('the part of `estimated` and `filled` whose sum two register readings confirm'),
  completeness: z
    .number()
    .nullable()
    .describe('the share of the time that the registers measured, 0 to 1; null where no time was due'),
  known: z.number().nullable().describe('the share of the time of which anything is known, 0 to 1'),
};
const meter = { device: z.string(), register: z.string() };
const part = z.strictObject({
  ...meter,
  sign: z.union([z.literal(1), z.literal(-1)]).describe('-1: another owner consumes it; the service subtracts it'),
  from: wireTime.describe('for which time it counted'),
  to: wireTime,
  ...quantity,
});
const losses = z.strictObject({
  ...meter,
  supply: amount.describe('what it let through, and what feeds in below it'),
  subs: amount.describe('what the meters right below it measured'),
  amount: amount.describe('supply less subs; below 0 where the subs measured more'),
  share: z.number().nullable().describe('of supply'),
  comparedHours: z.number().describe('the time in which it had meters below it'),
  completeness: z.number().nullable(),
  verdict: z.enum(['ok', 'negative', 'above_share', 'unknown']),
  incomplete: z.array(z.strictObject(meter)).describe('meters that were not measured for long enough to tell'),
});

export const consumptionAnswer = z.strictObject({
  park: z.string(),
  enterprise: z.string().nullable(),
  ...{ device: z.string().nullable(), register: z.string().nullable() },
  carrier: z.enum(CARRIERS),
  unit: z.string(),
  every: z.enum(CONSUMPTION_STEPS),
  ...{ from: wireTime, to: wireTime, timeZone: z.string() },
  asOf: wireTime.nullable(),
  total: z.strictObject(quantity).describe('of all rows'),
  rows: z.array(
    z.strictObject({
      ...{ from: wireTime, to: wireTime },
      ...quantity,
      parts: z.array(part).optional().describe('only where the client asks for them'),
    }),
  ),
  losses: z.array(losses).describe('of a park: below each of its main meters, over all rows'),
  lossLimits: z.strictObject(lossLimitShape).describe('of the park: the limits by which `losses` are judged'),
  notApplied: z
    .array(z.strictObject({ what: z.enum(['swap', 'void']), ...meter, from: wireTime, to: wireTime }))
    .describe('swaps and voids of these meters without effect: the service no longer keeps the readings of that time'),
});
export type ConsumptionWire = z.input<typeof consumptionAnswer>;

export const CONSUMPTION_COLUMNS = [
  ...['from', 'to', 'park', 'enterprise', 'device', 'register', 'sign', 'carrier', 'unit'],
  ...['amount', 'measured', 'estimated', 'filled', 'metered', 'completeness', 'known'],
] as const;
export const consumptionCsv = z
  .string()
  .describe(
    `Header row, then one row per step, with \`parts=true\` followed by one per meter: ${CONSUMPTION_COLUMNS.join(',')}. ` +
      'RFC 4180, UTF-8 with BOM; the header is the same in both languages.',
  );
