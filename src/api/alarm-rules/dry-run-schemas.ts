import { z } from 'zod';
import { PRIORITIES } from '../../alarms/model/class.js';
import { REPLAY_BOUNDS } from '../../alarms/replay/port.js';
import { anyId, newId } from '../../http/request-texts.js';
import { instant, wireTime } from '../../http/times.js';
import { ruleBody } from './schemas.js';

export const dryRunBody = z.strictObject({
  rule: z.strictObject({ ...ruleBody.shape, id: newId.describe('of the rule it would be, or replace') }),
  from: instant.describe('first time, inclusive'),
  to: instant.describe('end, exclusive'),
  devices: z.array(anyId).min(1).max(REPLAY_BOUNDS.devices).optional(),
  park: anyId.optional().describe('instead of `devices`: all of this park that report on the domain of the rule'),
  countLate: z
    .boolean()
    .default(false)
    .describe('judge readings that came more than 2 minutes late as if in time; live they raise nothing'),
});

const outcome = z.strictObject({
  raised: z.number().int().describe('alarms raised in the period'),
  activeS: z.number().describe('seconds of the period during which one stood'),
  occurrences: z
    .array(
      z.strictObject({
        since: wireTime.describe('when the condition began'),
        raisedAt: wireTime,
        clearedAt: wireTime.nullable().describe('null: it still stood at the end'),
        durationS: z.number().nullable().describe('from the raise to the end'),
        level: z.string().describe('the most severe reached'),
        priority: z.enum(PRIORITIES),
        peak: z.number().describe('furthest on the abnormal side, in `unit`'),
      }),
    )
    .describe(`the first ${REPLAY_BOUNDS.occurrences}, with one that stood when the period began`),
});

const totals = z.strictObject({ raised: z.number().int(), activeS: z.number() });

export const dryRunAnswer = z.strictObject({
  from: wireTime,
  to: wireTime,
  unit: z.string(),
  currentVersion: z.number().int().nullable().describe('what is compared with; null: no rule of this id is in force'),
  totals: z.strictObject({ readings: z.number().int(), late: z.number().int(), proposed: totals, current: totals }),
  days: z
    .array(z.strictObject({ day: z.iso.date(), proposed: z.number().int(), current: z.number().int() }))
    .describe("alarms raised on each day of the service's time zone that has any"),
  subjects: z.array(
    z.strictObject({
      subject: z.string().describe('a device; for a vote over places, a place'),
      place: z.string().nullable(),
      readings: z.number().int().describe('judged, with those shortly before the period that delays and windows need'),
      late: z.number().int().describe('of these, came more than 2 minutes late'),
      proposed: outcome.nullable().describe('null: the rule is not for it'),
      current: outcome.nullable().describe('null: the version in force is not for it, or there is none'),
    }),
  ),
});
