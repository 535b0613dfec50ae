import { z } from 'zod';
import { EVENT_CAUSES } from '../../domain/alarm/alarm.js';
import { PRIORITIES } from '../../domain/alarm/priority.js';
import { ALARM_DOMAINS } from '../../domain/alarm/rule.js';
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
    receivedAt: wireTime.describe('receipt of the reading that decided, or when a person or time did'),
    by: z.string().nullable().describe('id of the token of who acted'),
    comment: z.string().nullable(),
    alarm: alarmPayload.describe('as the event left it'),
  }),
  'the oldest kept first',
);
