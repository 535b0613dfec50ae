import { z } from 'zod';
import { EVENT_CAUSES } from '../../../alarms/model/alarm.js';
import { NOTES } from '../../../alarms/model/explain/notes.js';
import { REASONS } from '../../../alarms/model/judge/evaluate.js';
import { SUPPRESSIONS } from '../../../alarms/model/state.js';
import { ALARM_EVENTS } from '../../../alarms/model/transition.js';
import { instant, wireTime } from '../../../http/times.js';
import { ruleAnswer, wireText } from '../../alarm-schemas.js';

export const explanationQuery = z.strictObject({
  from: instant.optional().describe('first time, inclusive; 24 hours before `to` when left out'),
  to: instant.optional().describe('end, exclusive; 24 hours after `from`, at most now, when left out'),
});

const suppression = z.enum(SUPPRESSIONS).nullable().describe('what kept the alarm from asking for attention');
const measure = z.number().nullable();

const run = z.strictObject({
  reason: z.enum(REASONS).describe('what each of these readings came to'),
  ruleVersion: z.number().int(),
  level: z.string().describe('the level that stands, or that is met or nearest'),
  setpoint: z.number(),
  stands: z.boolean().describe('whether that level stands'),
  suppression,
  from: wireTime,
  to: wireTime,
  count: z.number().int().describe('readings in a row'),
  first: measure,
  last: measure,
  min: measure,
  max: measure,
});

const transition = z.strictObject({
  kind: z.enum(['raised', 'level_raised', 'level_lowered', 'cleared']),
  at: wireTime,
  since: wireTime.describe('when the condition began'),
  value: z.number(),
  level: z.string(),
  setpoint: z.number(),
  ruleVersion: z.number().int(),
  bySchedule: z.boolean().describe('the hours of the rule were over'),
});

export const explanationAnswer = z.strictObject({
  alarm: z.string(),
  from: wireTime,
  to: wireTime,
  verdict: z
    .enum(['raised', 'suppressed', 'stood', 'not_raised', 'not_evaluated'])
    .describe('`stood`: raised before the period; `suppressed`: its condition was there, and nobody was to see it'),
  summary: wireText.describe('why, in words'),
  unit: z.string().describe('of all values and setpoints'),
  gapS: z.number().nullable().describe('longest step between readings over which a delay goes on'),
  versions: z
    .array(z.strictObject({ version: z.number().int(), from: wireTime.nullable(), rule: ruleAnswer.nullable() }))
    .describe('what was in force; rule null: disabled or ended'),
  figures: z.strictObject({
    readings: z.number().int(),
    beyond: z.number().int().describe('readings that met the least severe level'),
    extreme: measure.describe('furthest on the abnormal side'),
    longestS: measure.describe('longest time for which a level was met without raising'),
    gaps: z.number().int().describe('delays that began anew after a gap'),
    late: z.number().int().describe('beyond, but came too late to raise anything'),
    noEvidence: z.number().int().describe('beyond, but not of good quality'),
    outsideSchedule: z.number().int(),
    outOfOrder: z.number().int().describe('beyond, but came after newer ones'),
  }),
  transitions: z.array(transition).describe('as the replay found them'),
  runs: z.array(run).describe('readings in a row that came to the same, merged'),
  suppressions: z.array(
    z.strictObject({
      kind: z.enum(SUPPRESSIONS),
      from: wireTime.nullable(),
      to: wireTime.nullable(),
      by: z.string().nullable(),
      why: z.string().nullable(),
      cause: z.string().nullable().describe('the alarm that silenced it'),
    }),
  ),
  events: z
    .array(
      z.strictObject({
        seq: z.number().int(),
        event: z.enum(ALARM_EVENTS),
        cause: z.enum(EVENT_CAUSES),
        at: wireTime,
        receivedAt: wireTime,
        by: z.string().nullable(),
        comment: z.string().nullable(),
      }),
    )
    .describe('what the record has of the period'),
  notes: z
    .array(z.strictObject({ code: z.enum(Object.keys(NOTES) as [keyof typeof NOTES]), ...wireText.shape }))
    .describe('what limits this explanation'),
});
