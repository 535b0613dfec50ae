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

/** A subscribe message for `/ws/alarms`; a list left out or empty does not limit. */
export const alarmSubscribeSchema = z.strictObject({
  type: z.literal('subscribe'),
  parks: ids.optional(),
  domains: z.array(z.enum(ALARM_DOMAINS)).max(ALARM_DOMAINS.length).optional(),
  minPriority: z.enum(PRIORITIES).optional(),
  /** Sequence number of the client's last event. */
  since: z.int().min(0).optional(),
});
type AlarmSubscribe = z.infer<typeof alarmSubscribeSchema>;

/** A subscribe message for `/ws/readings`. */
export const readingsSubscribeSchema = z.strictObject({
  type: z.literal('subscribe'),
  parks: ids.optional(),
  domains: z.array(z.enum(DOMAINS)).max(DOMAINS.length).optional(),
  devices: ids.optional(),
});
export type ReadingsSubscribe = z.infer<typeof readingsSubscribeSchema>;

/** Parses a client's message; returns the error as a text. */
function parseMessage<T>(schema: z.ZodType<T>, data: Buffer, binary: boolean): T | string {
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

/** Passes on the client's subscribe messages; any other message closes it. */
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

/** The list as a set; undefined where it does not limit. */
export const named = <T>(list: readonly T[] | undefined) =>
  list !== undefined && list.length > 0 ? new Set(list) : undefined;

/** The parks requested by a client, within its principal's scope; undefined: all parks. */
export function requestedParks(
  who: Principal,
  asked: readonly string[] | undefined,
  registry: Pick<RegistryLookups, 'parks'>,
): ReadonlySet<string> | undefined {
  const wanted = named(asked);
  if (who.parks.length === 0 && who.districts.length === 0) return wanted;
  const seen = registry.parks().filter((park) => maySeePark(who, park) && (wanted?.has(park.id) ?? true));
  return new Set(seen.map((park) => park.id));
}

/** The filter of a subscribe message, within the principal's scope, with the service's alarms if that allows. */
export function alarmFilter(
  { parks: asked, domains: wanted, minPriority }: AlarmSubscribe,
  who: Principal,
  registry: Pick<RegistryLookups, 'parks'>,
): AlarmFilter {
  const parks = requestedParks(who, asked, registry);
  const sees = requestedParks(who, undefined, registry);
  return { ...given({ parks, sees, domains: named(wanted), minPriority }), system: maySeeService(who) };
}
