import { z } from 'zod';
import { ALARM_DOMAINS } from '../../alarms/model/rule/rule.js';
import { pageOf, pagingQuery } from '../../http/paging.js';
import { anyId, line, newId } from '../../http/request-texts.js';
import { wireTime } from '../../http/times.js';
import { ruleAnswer } from '../alarm-schemas.js';

const ORIGINS = ['default', 'edited'] as const;

/** Author and time of a version. */
const made = {
  origin: z
    .enum(ORIGINS)
    .describe('`default`: as the service ships it, a newer release replaces it; `edited`: nothing replaces it'),
  by: z.string().nullable().describe('id of the token of who made this version; null: the service itself'),
  at: wireTime.nullable().describe('from when on it is in force; null: from before such times were kept'),
  comment: z.string().nullable(),
};

export const currentRule = z.strictObject({ ...ruleAnswer.shape, ...made });

export const versionAnswer = z.strictObject({
  version: z.number().int(),
  ...made,
  deleted: z.boolean().describe('with this version the rule ended'),
  rule: ruleAnswer,
});

/** A rule in a request: a client may send back what it read, so fields that the service sets are ignored. */
export const ruleBody = z.strictObject({
  ...ruleAnswer.shape,
  id: z.string().max(63).optional().describe('as in the path'),
  version: z.number().int().min(0).optional().describe('the version that was read and changed; or give If-Match'),
  origin: z.enum(ORIGINS).optional().describe('not looked at'),
  by: z.string().nullable().optional().describe('not looked at'),
  at: z.string().nullable().optional().describe('not looked at'),
  comment: z.string().nullable().optional().describe('not looked at; see the parameter `comment`'),
});

export const ruleParams = z.strictObject({ id: anyId });
export const newRuleParams = z.strictObject({ id: newId });

export const rulesQuery = z.strictObject({
  domain: z.enum(ALARM_DOMAINS).optional(),
  metric: anyId.optional(),
  ...pagingQuery(),
});
export const ruleList = pageOf(currentRule, 'in the order of their ids');
export const versionList = pageOf(versionAnswer, 'the newest first');
export const versionsQuery = z.strictObject(pagingQuery());

const comment = line(200).optional().describe('why, for the history of the rule and the audit');
export const changeQuery = z.strictObject({ comment });
export const removeQuery = z.strictObject({
  comment,
  version: z.coerce.number().int().min(1).optional().describe('the version that was read; or give If-Match'),
});
export const restoreBody = z.strictObject({
  version: z
    .union([z.number().int().min(1), z.literal('default')])
    .describe('an older version, or `default` for what the service ships'),
  base: z.number().int().min(1).optional().describe('the version that was read; or give If-Match'),
  comment,
});

export const changeHeaders = z.looseObject({
  'if-match': z
    .string()
    .regex(/^(W\/)?"?\d{1,9}"?$/, 'the ETag of the version that was read, such as "3"')
    .optional(),
});
