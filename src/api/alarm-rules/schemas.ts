import { z } from 'zod';
import { ALARM_CLASSES, PRIORITIES } from '../../alarms/model/class.js';
import { MAX_LEVELS } from '../../alarms/model/rule/comparison.js';
import { ALARM_DOMAINS, type AlarmRule, CAUSE_SCOPES } from '../../alarms/model/rule/rule.js';
import { SCHEDULE_BOUNDS } from '../../alarms/model/rule/schedule.js';
import { SIGNAL_BOUNDS } from '../../alarms/model/signal/spec.js';
import { anyId, line, newId } from '../../http/fields.js';
import { pageOf, pagingQuery } from '../../http/paging.js';
import { CERTAINTIES } from '../../model/limits/limit.js';
import { wireTime } from '../readings/schemas.js';

const words = (most: number) => z.string().min(1).max(most);
const text = z.strictObject({ zh: words(200), en: words(200) });
const side = z.enum(['high', 'low', 'equal']);

const voteMember = z.strictObject({ metric: words(64), side, setpoint: z.number(), inclusive: z.boolean() });

/** How readings become the number that is compared. */
export const signal = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('value') }),
  z.strictObject({
    kind: z.literal('rate'),
    windowS: z.number(),
    per: z.enum(['minute', 'hour']),
    direction: z.enum(['rise', 'fall', 'either']),
    towards: z
      .strictObject({ value: z.number(), withinS: z.number() })
      .optional()
      .describe('counts only a change by which the value would reach this one within so many seconds if it went on'),
  }),
  z.strictObject({
    kind: z.literal('deviation'),
    weeks: z.number(),
    as: z.enum(['percent', 'absolute']),
    minBaseline: z
      .number()
      .min(0)
      .optional()
      .describe(
        'for percent: from a mean nearer to 0 the difference is a share of this; without it a mean of 0 says nothing',
      ),
    assumedBaseline: z
      .number()
      .min(0)
      .optional()
      .describe('what counts as usual where the past weeks say nothing; without it a new series is not judged'),
  }),
  z.strictObject({
    kind: z.literal('unchanged'),
    tolerance: z.number().min(0).optional().describe('how far the value may stray and still count as unchanged'),
  }),
  z.strictObject({ kind: z.literal('counter_still') }),
  z.strictObject({ kind: z.literal('bad_share'), windowS: z.number(), minReadings: z.number() }),
  z.strictObject({ kind: z.literal('silence') }),
  z.strictObject({
    kind: z.literal('vote'),
    scope: z.enum(['device', 'place']),
    members: z.array(voteMember).max(SIGNAL_BOUNDS.members[1]).readonly(),
    distinct: z.boolean().optional().describe('a member counts once for a place, however many devices meet it'),
  }),
]);

const level = z.strictObject({
  name: words(40),
  setpoint: z.number(),
  deadband: z.number().min(0).describe('how far back a value must come'),
  priority: z.enum(PRIORITIES),
  onDelayS: z.number().min(0).max(86_400).exactOptional(),
  message: text.exactOptional().describe('what is wrong at this level; left out: that of the rule'),
});

const schedule = z.strictObject({
  mode: z.enum(['inside', 'outside']),
  spans: z
    .array(z.strictObject({ days: z.array(z.number().int()).max(7).readonly(), from: z.string(), to: z.string() }))
    .min(1)
    .max(SCHEDULE_BOUNDS.spans)
    .readonly(),
  holidays: z
    .array(z.string())
    .max(SCHEDULE_BOUNDS.holidays)
    .readonly()
    .optional()
    .describe('local dates on which no span begins'),
});

/** A rule as it is told. */
export const ruleAnswer = z.strictObject({
  id: z.string(),
  version: z.number().int(),
  enabled: z.boolean(),
  domain: z.enum(ALARM_DOMAINS),
  metric: z.string(),
  family: z.string().describe('rules of one family are alternatives for devices of different limit profiles'),
  limitProfile: z.string().nullable().describe('null for the general rule'),
  parks: z.array(z.string()).max(200).readonly().describe('parks it is for; empty: all'),
  devices: z.array(z.string()).max(1_000).readonly().describe('devices it is for; empty: all'),
  alarmClass: z.enum(ALARM_CLASSES),
  signal,
  comparison: z.strictObject({
    side,
    inclusive: z.boolean().describe('whether the setpoint itself is abnormal'),
    levels: z.array(level).min(1).max(MAX_LEVELS).readonly().describe('the least severe first'),
  }),
  onDelayS: z.number().describe('seconds of event time that a level must be met'),
  offDelayS: z.number().describe('seconds of event time that it must be left before the alarm ends'),
  maxGapS: z.number().nullable().describe('longest step that a delay may bridge; null: from the expected interval'),
  schedule: schedule.nullable().describe('hours during which the condition counts'),
  evidence: z.enum(['good', 'unless_serviced']).describe('which readings count'),
  suppressedBy: z
    .array(z.strictObject({ rule: z.string(), scope: z.enum(CAUSE_SCOPES) }))
    .max(20)
    .readonly(),
  message: text,
  advice: text,
  source: z.strictObject({ standard: words(100), clause: words(200), certainty: z.enum(CERTAINTIES) }),
}) satisfies z.ZodType<AlarmRule>;

const ORIGINS = ['default', 'edited'] as const;

/** Who made a version, and when. */
const made = {
  origin: z
    .enum(ORIGINS)
    .describe('`default`: as the service ships it, a newer release replaces it; `edited`: nothing replaces it'),
  by: z.string().nullable().describe('id of the token of who made this version; null: the service itself'),
  at: wireTime.nullable().describe('from when on it is in force; null: from before such times were kept'),
  comment: z.string().nullable(),
};

/** A rule in its newest version. */
export const currentRule = z.strictObject({ ...ruleAnswer.shape, ...made });

/** One version of its history. */
export const versionAnswer = z.strictObject({
  version: z.number().int(),
  ...made,
  deleted: z.boolean().describe('with this version the rule ended'),
  rule: ruleAnswer,
});

/** A rule as it is sent: what was read may be sent back, so what the service says of it is taken and not looked at. */
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

/** Why a rule is changed, for its history and the audit. */
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
