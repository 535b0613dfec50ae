import { z } from 'zod';
import { PRIORITIES } from '../../alarms/model/class.js';
import { ALARM_DOMAINS } from '../../alarms/model/rule/rule.js';
import { ALARM_EVENTS } from '../../alarms/model/transition.js';
import { CATALOGUE } from '../../model/catalogue/index.js';
import { DATA_FLAGS, DOMAINS, QUALITIES } from '../../model/reading.js';
import { MAX_ITEMS, MAX_VALUES_PER_ITEM } from '../../model/wire/readings.js';
import { REJECTION_CODES } from '../../model/wire/rejection.js';
import { alarmPayload } from '../alarm-schemas.js';

// Payloads of MQTT and of the WebSocket; tests compare them with the decoders and writers.

const rfc3339 = z.iso.datetime({ offset: true });
const time = z.union([rfc3339, z.number().int()]).describe('RFC 3339 with offset, or epoch milliseconds');
const metric = z.enum(CATALOGUE.map((one) => one.key));

const readingItem = z.strictObject({
  ts: time.optional().describe('event time; the time of receipt when left out. At most 5 minutes ahead'),
  values: z
    .partialRecord(metric, z.union([z.number(), z.boolean()]))
    .describe(`1 to ${MAX_VALUES_PER_ITEM} metrics of the topic's domain; booleans for metrics of kind state alone`),
  flags: z
    .partialRecord(metric, z.enum(DATA_FLAGS))
    .optional()
    .describe('data flags of HJ 212-2017 table 8 for metrics in `values`; N when left out'),
});

export const readingsPayload = z
  .union([readingItem, z.array(readingItem).min(1).max(MAX_ITEMS)])
  .describe('one item, or an array of them');

const statusPayload = z.strictObject({ online: z.boolean(), ts: time.optional() });

export const rejectionPayload = z.strictObject({
  topic: z.string(),
  index: z.number().int().nullable().describe('place of the item in the array; null when the whole message is meant'),
  code: z.enum(REJECTION_CODES),
  reason: z.string(),
  ts: time.describe('receipt of the message'),
});

const parks = z.array(z.string()).optional().describe('all in the scope of the token when left out or empty');
const domains = z.array(z.enum(DOMAINS)).optional();

export const subscribeToAlarms = z.strictObject({
  type: z.literal('subscribe'),
  parks,
  domains: z
    .array(z.enum(ALARM_DOMAINS))
    .optional()
    .describe(
      'alarms of the service itself come when `system` is named, or neither parks nor domains are, and only to tokens ' +
        'that are not limited to parks or districts',
    ),
  minPriority: z.enum(PRIORITIES).optional().describe('this priority and those above'),
  since: z.number().int().min(0).optional().describe('resume: every event after this sequence number'),
});

export const snapshotMessage = z.strictObject({
  type: z.literal('snapshot'),
  seq: z.number().int().describe('the alarms stand as of this event'),
  alarms: z.array(alarmPayload),
});

export const alarmMessage = z.strictObject({
  type: z.literal('alarm'),
  seq: z
    .number()
    .int()
    .describe('rises by one per event of the whole service; the steps left out are not subscribed to'),
  event: z
    .enum(ALARM_EVENTS)
    .describe(
      '`raised`, `level_raised` and `re_alarmed` ask for attention; while an alarm is suppressed its process is told as ' +
        '`condition_began` and `condition_ended`. `raised_late` and `cleared_late` are of the past: readings that came too ' +
        'late to be live show it; the alarm stays as it is, which its state says',
    ),
  late: z.literal(true).optional().describe('with `raised_late` and `cleared_late`: for the record, with no sound'),
  alarm: alarmPayload,
});

const gapMessage = z.strictObject({ type: z.literal('gap') }).describe('`since` is not kept: a snapshot follows');

const floodMessage = z
  .strictObject({
    type: z.literal('flood'),
    position: z.string().describe('`all`, `district:{id}` or `park:{id}`'),
    active: z.boolean().describe('false: it is over'),
    from: rfc3339,
    to: rfc3339.nullable(),
    alarms: z.number().int().describe('alarms in it'),
    peak: z.number().int().describe('most alarms in any 10 minutes of it'),
  })
  .describe('more than 10 alarms in 10 minutes at an operator position, until fewer than 5; not numbered');

export const subscribeToReadings = z.strictObject({
  type: z.literal('subscribe'),
  parks,
  domains,
  devices: z.array(z.string()).optional(),
});

const subscribedMessage = z.strictObject({ type: z.literal('subscribed') });

const liveReadingsMessage = z.strictObject({
  type: z.literal('readings'),
  park: z.string(),
  domain: z.enum(DOMAINS),
  device: z.string(),
  receivedAt: rfc3339,
  readings: z.array(
    z.strictObject({ metric, ts: rfc3339, value: z.number(), flag: z.enum(DATA_FLAGS), quality: z.enum(QUALITIES) }),
  ),
});

const errorMessage = z
  .strictObject({ type: z.literal('error'), code: z.string(), detail: z.string() })
  .describe('what was wrong with a message; the connection is closed behind it');

/** Title and payload by name; `EXAMPLES` uses the same names. */
export const MESSAGES = {
  readings: ['Readings of one device', readingsPayload],
  status: ['Presence of a gateway', statusPayload],
  rejection: ['Why an item was not taken', rejectionPayload],
  standingAlarm: ['An alarm while it stands', alarmPayload],
  subscribeToAlarms: ['Asks for alarms; a later one takes the place of an earlier one', subscribeToAlarms],
  snapshot: ['The alarms that stand or are suppressed', snapshotMessage],
  alarm: ['An event of an alarm', alarmMessage],
  gap: ['Events were missed', gapMessage],
  flood: ['A flood of alarms began, goes on, or is over', floodMessage],
  subscribeToReadings: ['Asks for live values; a later one takes the place of an earlier one', subscribeToReadings],
  subscribed: ['Live values follow', subscribedMessage],
  liveReadings: ['Readings of one device as they became durable', liveReadingsMessage],
  error: ['A message was refused', errorMessage],
} as const satisfies Record<string, Message>;
export type Message = readonly [title: string, payload: z.ZodType];
