import { z } from 'zod';
import { EVENT_CAUSES } from '../../alarms/model/alarm.js';
import { PRIORITIES } from '../../alarms/model/class.js';
import { ALARM_DOMAINS } from '../../alarms/model/rule/rule.js';
import { ALARM_STATES, SUPPRESSIONS } from '../../alarms/model/state.js';
import { ALARM_EVENTS } from '../../alarms/model/transition.js';
import { pageOf } from '../../http/paging.js';
import { isTrue, listOfNames } from '../../http/request-texts.js';
import { instant, wireTime } from '../../http/times.js';
import { alarmPayload } from '../alarm-schemas.js';
import { ALARM_COLUMNS, EVENT_COLUMNS } from './csv.js';

const names = listOfNames(100);

/** One or several of `values`. */
export const someOf = <T extends string>(values: readonly [T, ...T[]]) =>
  names
    .transform((list, context) => {
      const known = list.filter((name): name is T => (values as readonly string[]).includes(name));
      if (known.length === list.length) return known;
      context.addIssue({ code: 'custom', message: `of ${values.join(', ')}; several with commas between them` });
      return z.NEVER;
    })
    .describe(`of ${values.join(', ')}; several with commas between them`);

/** Longest id of a subject (a park's, a hyphen, the hash of a place), and of an alarm (with rule and park). */
const MAX_SUBJECT = 63 + 1 + 16;
const MAX_PLAIN_ID = 63 + 1 + MAX_SUBJECT;
export const MAX_ALARM_ID = 63 + 1 + 63 + 1 + 63;
export const subjectId = z.string().min(1).max(MAX_SUBJECT);

/** `{rule}:{device}`, or `{rule}:{device}@{park}` where another park had that device id first; 404 if unknown. */
export const alarmIdSchema = z
  .string()
  .min(1)
  .max(MAX_ALARM_ID)
  .refine((id) => id.length <= MAX_PLAIN_ID || id.includes('@'), `at most ${MAX_PLAIN_ID} characters without a park`);
export const alarmParams = z.strictObject({ id: alarmIdSchema });

/** Location of an alarm or event. */
export const placeShape = {
  park: names.optional().describe('parks; several with commas between them'),
  district: names.optional().describe('districts; several with commas between them'),
};

export const priorityShape = {
  priority: someOf(PRIORITIES).optional(),
  minPriority: z.enum(PRIORITIES).optional().describe('this priority and those above'),
};

/** Filter of alarms, for lists and bulk actions. */
export const filterShape = {
  state: someOf(ALARM_STATES).optional(),
  suppression: someOf(['none', ...SUPPRESSIONS])
    .optional()
    .describe(
      'only what asks for attention (`none`) when left out; `shelved`, `suppressed_by_design` and `out_of_service` show ' +
        'what is kept from it, one of which may be normal',
    ),
  ...priorityShape,
  ...placeShape,
  domain: someOf(ALARM_DOMAINS).optional(),
  device: subjectId.optional(),
  text: z
    .string()
    .trim()
    .min(1)
    .max(100)
    .optional()
    .describe('part of the message (Chinese or English), the id, the place or the enterprise; case does not matter'),
  from: instant.optional().describe('raised at or after this time. RFC 3339 or epoch ms'),
  to: instant.optional().describe('raised before this time. RFC 3339 or epoch ms'),
};

/** A cursor that is the sequence number of an event. */
export const seqCursor = z
  .string()
  .regex(/^\d{1,15}$/, 'the nextCursor of the page before')
  .transform(Number)
  .optional()
  .describe('`nextCursor` of the page before, with the same filters');

export const pageLimit = z.coerce.number().int().min(1).max(1_000).optional();

export const withBom = isTrue.describe('whether CSV begins with a byte order mark, by which Excel knows UTF-8');

const count = z.number().int();
const countsOf = <T extends string>(names: readonly T[]) =>
  z.strictObject(Object.fromEntries(names.map((name) => [name, count])) as Record<T, typeof count>);

/** Summary of all alarms that match the filter, beyond the page. */
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
