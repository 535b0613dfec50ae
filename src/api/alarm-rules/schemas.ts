import { z } from 'zod';
import { ALARM_CLASSES } from '../../domain/alarm/class.js';
import { MAX_LEVELS } from '../../domain/alarm/comparison.js';
import { PRIORITIES } from '../../domain/alarm/priority.js';
import { ALARM_DOMAINS, type AlarmRule, CAUSE_SCOPES, CERTAINTIES } from '../../domain/alarm/rule.js';

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
  }),
  z.strictObject({ kind: z.literal('deviation'), weeks: z.number(), as: z.enum(['percent', 'absolute']) }),
  z.strictObject({ kind: z.literal('unchanged') }),
  z.strictObject({ kind: z.literal('counter_still') }),
  z.strictObject({ kind: z.literal('bad_share'), windowS: z.number(), minReadings: z.number() }),
  z.strictObject({ kind: z.literal('silence') }),
  z.strictObject({
    kind: z.literal('vote'),
    scope: z.enum(['device', 'place']),
    members: z.array(voteMember).max(16).readonly(),
  }),
]);

const level = z.strictObject({
  name: words(40),
  setpoint: z.number(),
  deadband: z.number().min(0).describe('how far back a value must come'),
  priority: z.enum(PRIORITIES),
  onDelayS: z.number().min(0).max(86_400).exactOptional(),
});

const schedule = z.strictObject({
  mode: z.enum(['inside', 'outside']),
  spans: z
    .array(z.strictObject({ days: z.array(z.number().int()).max(7).readonly(), from: z.string(), to: z.string() }))
    .min(1)
    .max(20)
    .readonly(),
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
