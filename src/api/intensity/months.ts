import { z } from 'zod';
import { wireTime } from '../../http/times.js';
import type { MonthRow } from '../../intensity/model/assess/months.js';
import { type DeviceKey, deviceOf, parkOf } from '../../model/ids.js';
import { co2 } from './co2.js';

const amount = z.number();
const maybe = z.number().nullable();
const month = z.string().describe('`YYYY-MM`');
const count = z.number().int();

const use = z.strictObject({
  carrier: z.string(),
  metered: amount,
  unit: z.string(),
  amount: maybe.describe('tce or t'),
  billed: amount
    .optional()
    .describe('the part of `metered` that bills of a utility give, of the time before there was a meter'),
});
const correction = z.strictObject({
  what: z.enum(['swap', 'void']),
  ...{ park: z.string(), device: z.string(), register: z.string(), from: wireTime, to: wireTime },
  readings: count.nullable().describe('of a void: good readings that it voided; null: not known'),
  hasEffect: z.boolean().describe('false: the readings of that time are no longer kept, and it changes nothing'),
  ...{ by: z.string(), at: wireTime, why: z.string() },
});
export const monthRow = z.strictObject({
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
  meters: count.nullable().describe('how many meters counted; null: not told by what was published then'),
  voidedReadings: count.describe('readings that were voided and so are in no figure, where their number is known'),
  corrections: z.array(correction).describe('exchanges and voids of the meters that counted, the first 50 by time'),
  correctionsCount: count,
  parts: z.array(
    z.strictObject({
      ...{ member: z.string(), quantity: maybe, addedValue: maybe, completeness: amount, meters: count.nullable() },
    }),
  ),
});

/** A row without its CO2. */
export function monthToWire(
  { meters, corrections = [], correctionsCount = 0, carriers, parts, ...row }: MonthRow,
  time: (instant: number) => string,
): Omit<z.infer<typeof monthRow>, 'co2'> {
  const inEffect = corrections.filter(({ what, hasEffect }) => what === 'void' && hasEffect);
  return {
    ...row,
    meters: meters ?? null,
    voidedReadings: inEffect.reduce((sum, { readings = 0 }) => sum + readings, 0),
    corrections: corrections.map(({ what, device, register, from, to, by, at, why, ...one }) => ({
      ...{
        what,
        park: parkOf(device as DeviceKey),
        device: deviceOf(device),
        register,
        from: time(from),
        to: time(to),
      },
      ...{ readings: one.readings ?? null, hasEffect: one.hasEffect, by, at: time(at), why },
    })),
    correctionsCount,
    carriers: carriers.map((one) => ({ ...one })),
    parts: parts.map((one) => ({ ...one, meters: one.meters ?? null })),
  };
}
