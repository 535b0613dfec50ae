import { z } from 'zod';
import { line } from '../../../http/request-texts.js';
import { instant } from '../../../http/times.js';
import { MAX_INSTANT, MIN_INSTANT } from '../../../model/time/rfc3339.js';
import { alarmIdSchema, filterShape } from '../schemas.js';

const MAX_COMMENT = 500;
/** Most alarms of one request. */
export const MAX_AT_ONCE = 1_000;
/** A year; each class has its own lower bound. */
const MAX_SHELVE_S = 366 * 24 * 3_600;

const comment = line(MAX_COMMENT).describe('why, or what was found; it is kept in the record');
const optional = comment.nullish();

const seq = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** For actions without a required comment; the body may be left out. */
export const commentBody = z.strictObject({ comment: optional }).nullish();

/** For actions that respond to an alarm as the operator saw it. */
export const answerBody = z
  .strictObject({
    comment: optional,
    seq: seq
      .nullish()
      .describe('`seq` of what was seen: refused when the alarm has changed since, as when it has escalated meanwhile'),
  })
  .nullish();

export const reasonBody = z.strictObject({ comment });

export const shelveBody = z
  .strictObject({
    comment,
    forS: z.number().int().min(1).max(MAX_SHELVE_S).optional().describe('seconds from now'),
    until: z
      .union([instant, z.number().int().min(MIN_INSTANT).max(MAX_INSTANT)])
      .optional()
      .describe('end; in place of `forS`'),
    oneShot: z.boolean().default(false).describe('ends also when the condition returns to normal'),
  })
  .refine(({ forS, until }) => (forS === undefined) !== (until === undefined), {
    path: ['forS'],
    message: 'either forS or until',
  });

export const manyBody = z
  .strictObject({
    ids: z.array(alarmIdSchema).min(1).max(MAX_AT_ONCE).optional(),
    filter: z
      .strictObject(filterShape)
      .optional()
      .describe(`in place of ids: all that pass, as in the list, and can be; at most ${MAX_AT_ONCE} at once`),
    seq: seq
      .optional()
      .describe(
        '`seq` of the list that was seen, needed with a filter: what has changed since is left as it is, so that nothing ' +
          'that came meanwhile is answered unseen',
      ),
    comment: optional,
  })
  .refine(({ ids, filter }) => (ids === undefined) !== (filter === undefined), {
    path: ['ids'],
    message: 'either ids or filter',
  })
  .refine(({ filter, seq: seen }) => filter === undefined || seen !== undefined, {
    path: ['seq'],
    message: 'a filter needs the seq of the list that was seen',
  });
export type Many = z.output<typeof manyBody>;

const count = z.number().int();

export const manyAnswer = z.strictObject({
  seq: count.describe('of the newest event'),
  done: count,
  refused: count,
  remaining: count.describe('alarms of the filter that are beyond the bound of one request: ask again'),
  results: z.array(
    z.strictObject({
      id: z.string(),
      done: z.boolean(),
      code: z.string().nullable().describe('why not, for programs; null when done'),
      detail: z.string().nullable(),
    }),
  ),
});
