import { z } from 'zod';
import { ALARM_CLASSES, PRIORITIES } from '../alarms/model/class.js';
import { MAX_LEVELS } from '../alarms/model/rule/comparison.js';
import { ALARM_DOMAINS, type AlarmRule, CAUSE_SCOPES } from '../alarms/model/rule/rule.js';
import { SCHEDULE_BOUNDS } from '../alarms/model/rule/schedule.js';
import { SIGNAL_BOUNDS } from '../alarms/model/signal/spec.js';
import { ALARM_STATES, SUPPRESSIONS } from '../alarms/model/state.js';
import type { WireAlarm } from '../alarms/model/wire.js';
import { CERTAINTIES } from '../model/limits/limit.js';

// Schemas of alarms and rules, shared by several resources and by the documents of MQTT and the WebSocket.

const rfc3339 = z.iso.datetime({ offset: true });

export const wireText = z.strictObject({ zh: z.string(), en: z.string() });

export const alarmPayload = z.strictObject({
  id: z.string(),
  rule: z.string(),
  ruleVersion: z.number().int(),
  device: z.string().describe('in the domain `system` the part of the service'),
  metric: z.string(),
  park: z.string().nullable().describe('null in the domain `system`: such an alarm is about the service itself'),
  domain: z.enum(ALARM_DOMAINS),
  alarmClass: z.enum(ALARM_CLASSES),
  priority: z.enum(PRIORITIES).describe('of the level that stands, or stood last'),
  level: z.string().describe('an alarm of several levels escalates, and is still one alarm'),
  state: z
    .enum(ALARM_STATES)
    .describe('ISA-18.2: `rtn_unack`, `latched_rtn`: returned to normal, to be acknowledged or reset'),
  active: z.boolean().describe('its condition is there'),
  unacknowledged: z.boolean(),
  latched: z.boolean().describe('it stays until it is reset'),
  suppression: z.enum(SUPPRESSIONS).nullable().describe('what keeps it from asking for attention'),
  shelved: z
    .strictObject({ by: z.string(), why: z.string(), at: rfc3339, until: rfc3339, oneShot: z.boolean() })
    .nullable(),
  outOfService: z.strictObject({ by: z.string(), why: z.string(), at: rfc3339 }).nullable(),
  cause: z.string().nullable().describe('the alarm that silences this one by design'),
  message: wireText,
  advice: wireText,
  source: z.strictObject({ standard: z.string(), clause: z.string() }),
  value: z.number().nullable().describe('what raised it; null when it never stood'),
  setpoint: z.number(),
  since: rfc3339.nullable().describe('event time at which the condition began'),
  raisedAt: rfc3339.nullable().describe('event time at which it had lasted long enough'),
  receivedAt: rfc3339.nullable().describe('receipt of the reading that raised it'),
  clearedAt: rfc3339.nullable().describe('event time of the end; null while it stands'),
  acknowledgedAt: rfc3339.nullable(),
  acknowledgedBy: z.string().nullable().describe('id of a token; null also when it went by itself'),
  comment: z.string().nullable().describe('of who acknowledged it'),
  place: z.string().nullable(),
  enterprise: z.string().nullable(),
  seq: z.number().int().describe('of its last event'),
}) satisfies z.ZodType<WireAlarm>;

const words = (most: number) => z.string().min(1).max(most);
const text = z.strictObject({ zh: words(200), en: words(200) });
const side = z.enum(['high', 'low', 'equal']);

const voteMember = z.strictObject({ metric: words(64), side, setpoint: z.number(), inclusive: z.boolean() });

/** How readings become the number that a rule compares. */
const signal = z.discriminatedUnion('kind', [
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
