import { z } from 'zod';
import { newestFirstQuery, pageOf } from '../../http/paging.js';
import { anyId } from '../../http/request-texts.js';
import { wireTime } from '../../http/times.js';
import { REJECTION_CODES } from '../../model/wire/rejection.js';

const MAX_QUARANTINE_PAGE = 500;

export const quarantineQuery = z.strictObject({
  park: anyId.optional(),
  code: z.enum(REJECTION_CODES).optional().describe('the first reason why the message was not taken'),
  waiting: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true')
    .describe('`true`: only messages that were not replayed yet'),
  ...newestFirstQuery(MAX_QUARANTINE_PAGE),
});

export const quarantineId = z.strictObject({ id: z.coerce.number().int().min(1) });

export const rejection = z.strictObject({
  index: z.number().int().nullable().describe('place of the item in the message; null when the whole message is meant'),
  code: z.enum(REJECTION_CODES),
  reason: z.string(),
});

const rejectionCodes = z
  .partialRecord(z.enum(REJECTION_CODES), z.number().int())
  .describe('how many rejections there are of each code');

const message = z.strictObject({
  id: z.number().int(),
  topic: z.string(),
  gateway: z.string(),
  park: z.string(),
  receivedAt: wireTime,
  payloadBytes: z.number().int(),
  rejections: z.array(rejection).describe('the first of them'),
  codes: rejectionCodes,
  replayedAt: wireTime.nullable().describe('null while it waits'),
  replayedBy: z.string().nullable().describe('id of the token that replayed it'),
});

export const quarantineList = pageOf(message, 'newest first');

export const quarantinedMessage = z.strictObject({
  ...message.shape,
  payloadText: z.string().nullable().describe('the payload as UTF-8; null when it is not'),
  payloadBase64: z.string(),
});

export const replayAnswer = z.strictObject({
  id: z.number().int(),
  readings: z.number().int().describe('readings of the message that are taken by now'),
});
