import { z } from 'zod';
import { PRIORITIES } from '../../alarms/model/class.js';
import { CHANNEL_KINDS } from '../../alarms/model/notify/channel.js';
import { ALARM_DOMAINS } from '../../alarms/model/rule/rule.js';
import { DELIVERY_STATES } from '../../alarms/notify/port.js';
import { newestFirstQuery, pageOf, pagingQuery } from '../../http/paging.js';
import { anyId } from '../../http/request-texts.js';
import { wireTime } from '../../http/times.js';
import { isId } from '../../model/ids.js';
import { LANGUAGES } from '../../model/language.js';

const ID_LENGTH = 48;
const CHANNEL_ID_RULE = `lower-case letters, digits and hyphens, at most ${ID_LENGTH}, not starting with a hyphen`;

/** Shorter than other ids: alarms about a channel use it with a prefix. */
export const newChannelId = z.strictObject({
  id: z.string().max(ID_LENGTH, CHANNEL_ID_RULE).refine(isId, CHANNEL_ID_RULE).describe(CHANNEL_ID_RULE),
});
export const channelParams = z.strictObject({ id: anyId });
export const channelsQuery = z.strictObject(pagingQuery());

const URL_RULE = 'an http or https URL without a user or fragment, at most 2000 characters';

const url = z
  .string()
  .max(2_000, URL_RULE)
  .refine(isPlainUrl, URL_RULE)
  .optional()
  .describe(`${URL_RULE}. Never shown again, as it may hold a token; left out, that of the known channel stays`);

function isPlainUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, hash } = new URL(text);
  return (protocol === 'http:' || protocol === 'https:') && username === '' && password === '' && hash === '';
}

const secretOf = (what: string) =>
  z
    .string()
    .min(1)
    .max(512)
    .nullable()
    .optional()
    .describe(`${what}. Never shown again; left out, that of the known channel stays; null takes it away`);

const filter = z.strictObject({
  parks: z.array(anyId).max(100).default([]).describe('only alarms of these parks, and of the service; empty: all'),
  domains: z.array(z.enum(ALARM_DOMAINS)).max(ALARM_DOMAINS.length).default([]).describe('empty: all'),
  minPriority: z.enum(PRIORITIES).default('low').describe('this priority and those above'),
});

const settings = (perMinute: number) => ({
  enabled: z.boolean().default(true),
  language: z.enum(LANGUAGES).default('zh').describe('of texts; a webhook gets both'),
  filter: filter.prefault({}),
  perMinute: z.number().int().min(1).max(600).default(perMinute).describe('messages in a minute at most; others wait'),
});

const host = z
  .string()
  .max(253)
  .regex(/^[A-Za-z0-9.:-]+$/, 'a host name or address');
const mail = z.email().max(254);

const server = {
  host,
  port: z.number().int().min(1).max(65_535),
  secure: z.boolean().describe('TLS from the start; otherwise STARTTLS, which is required where there is a user'),
  user: z.string().min(1).max(254).nullable().default(null),
  from: mail,
  to: z.array(mail).min(1).max(20),
};

export const channelInput = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('webhook'),
    ...settings(120),
    url,
    secret: secretOf(
      'key of the signature, at least 16 characters: header X-Park-Signature holds `v1=` and the ' +
        'HMAC-SHA256, in hex, of `{X-Park-Timestamp}.{body}`; X-Park-Delivery is the same at every attempt',
    ),
  }),
  z.strictObject({
    kind: z.literal('dingtalk'),
    ...settings(20),
    url,
    secret: secretOf('key of the signature (加签) where the robot asks for one'),
  }),
  z.strictObject({ kind: z.literal('wecom'), ...settings(20), url }),
  z.strictObject({
    kind: z.literal('email'),
    ...settings(30),
    ...server,
    secret: secretOf('password of the user; asked for again when the mail server is another one'),
  }),
]);
export type ChannelBody = z.output<typeof channelInput>;

export const channelAnswer = z.strictObject({
  id: z.string(),
  kind: z.enum(CHANNEL_KINDS),
  enabled: z.boolean(),
  language: z.enum(LANGUAGES),
  filter: z.strictObject({
    parks: z.array(z.string()),
    domains: z.array(z.enum(ALARM_DOMAINS)),
    minPriority: z.enum(PRIORITIES),
  }),
  perMinute: z.number().int(),
  address: z.string().describe('where it leads: scheme, host and port'),
  email: z
    .strictObject({
      host: z.string(),
      port: z.number().int(),
      secure: z.boolean(),
      user: z.string().nullable(),
      from: z.string(),
      to: z.array(z.string()),
    })
    .nullable()
    .describe('null for other kinds'),
  hasSecret: z.boolean(),
  updatedAt: wireTime,
  updatedBy: z.string().describe('token id'),
  failingSince: wireTime.nullable().describe('since when no attempt has succeeded; null while it works'),
  error: z.string().nullable().describe('why the last attempt failed'),
  waiting: z.number().int().describe('messages that wait'),
  dead: z.number().int().describe('messages that were given up, as far as they are kept'),
});

export const channelList = pageOf(channelAnswer, 'by id');

export const testAnswer = z.strictObject({
  delivered: z.boolean(),
  error: z.string().nullable().describe('why not; when delivered, who of several receivers did not get it'),
  tookMs: z.number(),
});

export const deliveriesQuery = z.strictObject({
  state: z.enum(DELIVERY_STATES).optional(),
  channel: anyId.optional(),
  ...newestFirstQuery(500),
});

export const deliveryParams = z.strictObject({ id: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER) });

export const deliveryAnswer = z.strictObject({
  id: z.number().int(),
  key: z.string().describe('the same at every attempt; header X-Park-Delivery of a webhook'),
  channel: z.string(),
  alarm: z.string(),
  event: z.string(),
  level: z.number().int().describe('escalation level; 0 at the end of the alarm'),
  priority: z.enum(PRIORITIES),
  park: z.string().nullable(),
  state: z.enum(DELIVERY_STATES).describe('`dead`: given up, because of a final error or after too many attempts'),
  attempts: z.number().int(),
  createdAt: wireTime,
  nextAt: wireTime.nullable().describe('next attempt; null when there will be none'),
  finishedAt: wireTime.nullable(),
  error: z.string().nullable().describe('why the last attempt failed'),
});

export const deliveryList = pageOf(deliveryAnswer, 'newest first');
