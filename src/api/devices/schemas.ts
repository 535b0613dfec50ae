import { z } from 'zod';
import { pageOf, pagingQuery } from '../../http/paging.js';
import { anyId, line, newId } from '../../http/request-texts.js';
import { wireTime } from '../../http/times.js';
import { DOMAINS } from '../../model/reading.js';

const origin = z.enum(['discovered', 'registered']).describe('how it came in: at its first reading, or by hand');

/** More than the counters of any domain. */
const MAX_RATES = 32;

export const devicesQuery = z.strictObject({
  park: anyId.optional(),
  domain: z.enum(DOMAINS).optional(),
  enterprise: anyId.optional(),
  gateway: anyId.optional(),
  origin: origin.optional(),
  ...pagingQuery(),
});

export const deviceParams = z.strictObject({ device: anyId });
/** The park of the device, where several have one of that id. */
export const deviceQuery = z.strictObject({
  park: anyId.optional().describe('of the device; needed where several parks have a device of that id'),
});
export const newDeviceParams = z.strictObject({ device: newId });

export const deviceInput = z.strictObject({
  park: anyId.optional().describe('needed for a new device, and where several parks have a device of that id'),
  domain: z.enum(DOMAINS).optional().describe('needed for a new device; that of a known one stands'),
  name: line(100).optional().describe('the id of a new device when left out'),
  place: line(200).nullable().optional().describe('where it stands, for people'),
  gateway: anyId
    .nullable()
    .optional()
    .describe(
      'moves it to this gateway of the park, whose readings of it are taken from now on; null: the next that publishes',
    ),
  enterprise: anyId.nullable().optional().describe('the enterprise it belongs to, of the same park'),
  limitProfile: newId
    .nullable()
    .optional()
    .describe('the limits that apply, of those that rules are for; null: those of its park, else the general ones'),
  expectedIntervalS: z.number().int().min(1).max(86_400).nullable().optional().describe('seconds between its readings'),
  maxRates: z
    .record(z.string().max(64), z.number().positive())
    .refine((rates) => Object.keys(rates).length <= MAX_RATES, `no more than ${MAX_RATES} counters`)
    .nullable()
    .optional()
    .describe(
      'by counter, the most it can rise in an hour, in its unit, such as by the rating of its connection: what is faster is not ' +
        'counted. At most what the catalogue has as maxRatePerHour. All of them together; of a counter without one, what ' +
        'it usually does is learned. Its totals are made anew as far as readings are kept',
    ),
});

export const deviceMove = z.strictObject({
  park: anyId.describe('where it is from now on'),
  gateway: anyId
    .nullable()
    .optional()
    .describe('of that park, whose readings of it are taken; null or left out: the next that publishes'),
  name: line(100).optional().describe('as before when left out'),
  place: line(200).nullable().optional().describe('where it stands there; none when left out'),
  enterprise: anyId.nullable().optional().describe('of that park; none when left out'),
});

export const deviceAnswer = z.strictObject({
  id: z.string(),
  park: z.string(),
  domain: z.enum(DOMAINS),
  gateway: z
    .string()
    .nullable()
    .describe('the gateway it belongs to; null: the next of the park that publishes for it'),
  name: z.string(),
  place: z.string().nullable(),
  enterprise: z.string().nullable(),
  limitProfile: z.string().nullable(),
  expectedIntervalS: z.number().nullable(),
  maxRates: z
    .record(z.string(), z.number())
    .nullable()
    .describe('by counter, the most it can rise in an hour, in its unit; null: none is known'),
  origin,
  createdAt: wireTime,
  retiredAt: wireTime.optional().describe('since when it is out of use; left out while it is in use'),
});

export const deviceList = pageOf(deviceAnswer, 'by id, then park');
