import { z } from 'zod';
import { EVENT_CAUSES } from '../../domain/alarm/alarm.js';
import { ALARM_DOMAINS, type AlarmRule, PRIORITIES } from '../../domain/alarm/rule.js';
import { ALARM_EVENTS } from '../../domain/alarm/transition.js';
import { alarmPayload } from '../docs/messages.js';
import { anyId } from '../fields.js';
import { pageOf, pagingQuery } from '../paging.js';
import { wireTime } from '../readings/schemas.js';

/** A cursor that is the sequence number of an event. */
const seqCursor = z
  .string()
  .regex(/^\d{1,15}$/, 'the nextCursor of the page before')
  .transform(Number)
  .optional()
  .describe('`nextCursor` of the page before, with the same filters');

export const alarmsQuery = z.strictObject({
  park: anyId.optional(),
  domain: z.enum(ALARM_DOMAINS).optional(),
  minPriority: z.enum(PRIORITIES).optional().describe('this priority and those above'),
  device: anyId.optional(),
  ...pagingQuery(),
  cursor: seqCursor,
});

export const alarmList = z.strictObject({
  seq: z.number().int().describe('the alarms stand as of this event; `since` of a subscription that goes on from here'),
  ...pageOf(alarmPayload, 'the newest event first').shape,
});

/** `{rule}:{device}`, two identifiers. */
export const alarmParams = z.strictObject({ id: z.string().min(1).max(127) });
export const alarmAnswer = alarmPayload;

export const eventsQuery = z.strictObject({ ...pagingQuery(), cursor: seqCursor });

export const eventList = pageOf(
  z.strictObject({
    seq: z.number().int(),
    event: z.enum(ALARM_EVENTS),
    cause: z.enum(EVENT_CAUSES).describe('what brought it about'),
    at: wireTime.describe('event time'),
    receivedAt: wireTime.describe('receipt of the reading that decided'),
    alarm: alarmPayload.describe('as the event left it'),
  }),
  'the oldest kept first',
);

export const rulesQuery = z.strictObject({
  domain: z.enum(ALARM_DOMAINS).optional(),
  metric: anyId.optional(),
  ...pagingQuery(),
});

const text = z.strictObject({ zh: z.string(), en: z.string() });

const rule = z.strictObject({
  id: z.string(),
  version: z.number().int(),
  enabled: z.boolean(),
  domain: z.enum(ALARM_DOMAINS),
  metric: z.string(),
  family: z.string().describe('rules of one family are alternatives for devices of different limit profiles'),
  limitProfile: z.string().nullable().describe('null for the general rule'),
  condition: z.union([
    z.strictObject({
      kind: z.enum(['high', 'low']),
      setpoint: z.number(),
      deadband: z.number().describe('how far back a value must come'),
      inclusive: z.boolean().describe('whether the setpoint itself is abnormal'),
    }),
    z.strictObject({ kind: z.literal('state'), setpoint: z.number() }),
  ]),
  onDelayS: z.number().describe('seconds of event time that the condition must hold'),
  maxGapS: z.number().nullable().describe('longest step that the delay may bridge; null: from the expected interval'),
  priority: z.enum(PRIORITIES),
  evidence: z.enum(['good', 'unless_serviced']).describe('which readings count'),
  message: text,
  advice: text,
  source: z.strictObject({
    standard: z.string(),
    clause: z.string(),
    certainty: z.enum(['verified', 'secondary', 'site']),
  }),
}) satisfies z.ZodType<AlarmRule>;

export const ruleList = pageOf(rule, 'in the order of their ids');
