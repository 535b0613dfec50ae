import { z } from 'zod';
import { PRIORITIES } from '../alarms/model/class.js';
import type { AlarmFilter } from '../alarms/model/filter.js';
import { ALARM_DOMAINS } from '../alarms/model/rule/rule.js';
import { given } from '../http/given.js';
import { maySeePark, maySeeService, type Principal } from '../model/access.js';
import { ID_RULE, isId } from '../model/ids.js';
import { DOMAINS } from '../model/reading.js';
import type { RegistryLookups } from '../registry/port.js';
import { MAX_MESSAGE_BYTES } from './limits.js';
import type { FeedPeer } from './peer.js';

const ids = z.array(z.string().refine(isId, ID_RULE)).max(200);

/** What a client of `/ws/alarms` says; a list left out or empty does not limit. */
export const alarmSubscribeSchema = z.strictObject({
  type: z.literal('subscribe'),
  parks: ids.optional(),
  domains: z.array(z.enum(ALARM_DOMAINS)).max(ALARM_DOMAINS.length).optional(),
  minPriority: z.enum(PRIORITIES).optional(),
  /** Sequence number of the last event the client has. */
  since: z.int().min(0).optional(),
});
type AlarmSubscribe = z.infer<typeof alarmSubscribeSchema>;

/** What a client of `/ws/readings` says. */
export const readingsSubscribeSchema = z.strictObject({
  type: z.literal('subscribe'),
  parks: ids.optional(),
  domains: z.array(z.enum(DOMAINS)).max(DOMAINS.length).optional(),
  devices: ids.optional(),
});
export type ReadingsSubscribe = z.infer<typeof readingsSubscribeSchema>;

/** Reads a message of a client; a text says what is wrong with it. */
export function parseMessage<T>(schema: z.ZodType<T>, data: Buffer, binary: boolean): T | string {
  if (binary) return 'messages are JSON text';
  if (data.length > MAX_MESSAGE_BYTES) return `a message has at most ${MAX_MESSAGE_BYTES} bytes`;
  let json: unknown;
  try {
    json = JSON.parse(data.toString('utf8'));
  } catch {
    return 'the message is not JSON';
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  return parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'message'}: ${message}`).join('; ');
}

/** Has the client's subscribe messages read; one that is none ends it. */
export function onSubscribe<T>(peer: FeedPeer, schema: z.ZodType<T>, then: (message: T) => void): void {
  peer.onMessage((data, binary) => {
    const message = parseMessage(schema, data, binary);
    if (typeof message === 'string') {
      peer.refuse('invalid_subscribe', message);
      return;
    }
    peer.subscribed();
    then(message);
  });
}

/** What a list names; undefined where it does not limit. */
export const named = <T>(list: readonly T[] | undefined) =>
  list !== undefined && list.length > 0 ? new Set(list) : undefined;

/** The parks meant by a client within what its principal may see; undefined for all there are. */
export function parksInScope(
  who: Principal,
  asked: readonly string[] | undefined,
  registry: Pick<RegistryLookups, 'parks'>,
): ReadonlySet<string> | undefined {
  const wanted = named(asked);
  if (who.parks.length === 0 && who.districts.length === 0) return wanted;
  const seen = registry.parks().filter((park) => maySeePark(who, park) && (wanted?.has(park.id) ?? true));
  return new Set(seen.map((park) => park.id));
}

/** The alarms meant by a subscribe message, within the principal's scope; those of the service for who may see it. */
export function alarmFilter(
  { parks: asked, domains: wanted, minPriority }: AlarmSubscribe,
  who: Principal,
  registry: Pick<RegistryLookups, 'parks'>,
): AlarmFilter {
  const parks = parksInScope(who, asked, registry);
  const sees = parksInScope(who, undefined, registry);
  return { ...given({ parks, sees, domains: named(wanted), minPriority }), system: maySeeService(who) };
}
