import { z } from 'zod';
import { pageOf, pagingQuery } from '../../http/paging.js';
import { anyId, line, newId } from '../../http/request-texts.js';
import { wireTime } from '../../http/times.js';

export const gatewaysQuery = z.strictObject({
  park: anyId.optional().describe('only gateways of this park'),
  online: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .optional()
    .describe('only those that are signed in now, or are not'),
  ...pagingQuery(),
});

export const gatewayParams = z.strictObject({ id: anyId });

export const gatewayInput = z.strictObject({
  id: newId.describe('also its MQTT user name'),
  park: anyId.describe('the one park whose topics it may use'),
  name: line(100).optional().describe('its id when left out'),
});

export const gatewayMove = z.strictObject({
  park: anyId.describe('the one park whose topics it may use from now on'),
  devices: z
    .boolean()
    .default(false)
    .describe('whether its devices in use move along; else they stay in their park and belong to no gateway'),
});

export const gatewayAnswer = z.strictObject({
  id: z.string(),
  park: z.string(),
  name: z.string(),
  createdAt: wireTime,
  secretRotatedAt: wireTime,
  online: z.boolean(),
  lastSeenAt: wireTime
    .nullable()
    .describe('last sign-in, status or message; null when not seen since the service started'),
});

export const gatewaySecretAnswer = z.strictObject({
  ...gatewayAnswer.shape,
  secret: z.string().describe('its MQTT password; shown this once'),
});

export const gatewayList = pageOf(gatewayAnswer, 'by id');
