import { z } from 'zod';
import { EVENT_CAUSES } from '../../alarms/model/alarm.js';
import { PRIORITIES } from '../../alarms/model/class.js';
import { ALARM_STATES, SUPPRESSIONS } from '../../alarms/model/state.js';
import { ALARM_EVENTS } from '../../alarms/model/transition.js';
import { pageOf } from '../../http/paging.js';
import { wireTime } from '../../http/times.js';
import { alarmPayload } from '../alarm-schemas.js';
import { ALARM_COLUMNS, EVENT_COLUMNS } from './csv/csv.js';

const count = z.number().int();
const countsOf = <T extends string>(names: readonly T[]) =>
  z.strictObject(Object.fromEntries(names.map((name) => [name, count])) as Record<T, typeof count>);

/** What the filters mean as a whole, beyond the page. */
const alarmSummary = z.strictObject({
  total: count,
  unacknowledged: count,
  byState: countsOf(ALARM_STATES),
  byPriority: countsOf(PRIORITIES),
  suppressed: countsOf(SUPPRESSIONS).describe(
    'alarms that pass the other filters and are kept from asking for attention, whether `suppression` shows them or not',
  ),
});

export const alarmList = z.strictObject({
  seq: count.describe('the alarms stand as of this event; `since` of a subscription that goes on from here'),
  summary: alarmSummary,
  ...pageOf(alarmPayload, 'the one raised last first').shape,
});

export const alarmAnswer = alarmPayload;

const event = z.strictObject({
  seq: count,
  event: z.enum(ALARM_EVENTS),
  cause: z.enum(EVENT_CAUSES).describe('what brought it about'),
  at: wireTime.describe('event time'),
  receivedAt: wireTime.describe('receipt of the reading that decided, or when a person or time did'),
  by: z.string().nullable().describe('id of the token of who acted'),
  comment: z.string().nullable(),
  late: z
    .boolean()
    .describe('of the past: what was abnormal then was received too late to be live. No sound, no notification'),
  alarm: alarmPayload.describe('as the event left it'),
});

export const eventList = z.strictObject({
  completeFrom: wireTime
    .nullable()
    .describe('from this receipt on every event is kept; null: every event there ever was'),
  ...pageOf(event, 'the oldest kept first').shape,
});

const csv = (columns: readonly string[]) =>
  z
    .string()
    .describe(
      `Header row, then ${columns.join(',')}. RFC 4180, UTF-8. Text that a spreadsheet would take for a formula has an ` +
        'apostrophe before it. The whole where `limit` is left out, else a page, the next named by the header Link.',
    );
export const alarmCsv = csv(ALARM_COLUMNS);
export const eventCsv = csv(EVENT_COLUMNS);
