import { z } from 'zod';
import { pageOf, pagingQuery } from '../../http/paging.js';
import { anyId, line } from '../../http/request-texts.js';
import { instant, wireTime } from '../../http/times.js';
import { ROLES } from '../../model/access.js';

export const tokensQuery = z.strictObject(pagingQuery());
export const tokenParams = z.strictObject({ id: anyId });

export const tokenInput = z.strictObject({
  name: line(100).describe('who or what holds it'),
  role: z.enum(ROLES),
  parks: z.array(anyId).max(100).default([]).describe('limits it to these parks; empty: no limit'),
  districts: z.array(anyId).max(100).default([]).describe('limits it to the parks of these districts; empty: no limit'),
  expiresAt: instant.nullable().default(null).describe('RFC 3339 or epoch ms; null: never'),
});

export const tokenAnswer = z.strictObject({
  id: z.string(),
  name: z.string(),
  role: z.enum(ROLES),
  parks: z.array(z.string()),
  districts: z.array(z.string()),
  createdAt: wireTime,
  expiresAt: wireTime.nullable(),
  origin: z
    .enum(['api', 'environment', 'first_start'])
    .describe('made through the API, given as PARK_ADMIN_TOKEN, or made at the first start'),
});

export const tokenSecretAnswer = z.strictObject({
  ...tokenAnswer.shape,
  token: z.string().describe('what its holder sends as `Authorization: Bearer …`; shown this once'),
});

export const tokenList = pageOf(tokenAnswer, 'by id; revoked ones are left out');
