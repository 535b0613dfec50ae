import { filterStaysInPark, parseTopic } from '../model/wire/topic.js';

/** Levels of any topic at the most; the contract's have five. */
export const MAX_TOPIC_LEVELS = 16;

/** Who publishes or subscribes. */
export interface GatewayScope {
  readonly gateway: string;
  readonly park: string;
}

type PublishVerdict = { readonly kind: 'readings' | 'status' } | { readonly kind: 'refused'; readonly reason: string };

const READINGS: PublishVerdict = { kind: 'readings' };
const STATUS: PublishVerdict = { kind: 'status' };

/**
 * What a gateway's publish on `topic` is. Whatever ends in `/readings` in its own park goes to ingest, which names what
 * is wrong with it, so that one misnamed device does not cut its gateway off; the service's own topics and other parks
 * are refused.
 */
export function judgePublish(topic: string, scope: GatewayScope): PublishVerdict {
  if (!topic.startsWith(`parks/${scope.park}/`)) {
    return { kind: 'refused', reason: `a gateway of park ${scope.park} may only publish below parks/${scope.park}/` };
  }
  if (topic.endsWith('/readings')) return READINGS;
  const parsed = parseTopic(topic);
  if (parsed?.kind === 'status' && parsed.gateway === scope.gateway) return STATUS;
  return { kind: 'refused', reason: 'gateways publish readings and their own status, nothing else' };
}

/** Null when the gateway may subscribe, else why not. */
export function judgeSubscribe(filter: string, scope: GatewayScope): string | null {
  return filterStaysInPark(filter, scope.park) ? null : `filters must stay below parks/${scope.park}/`;
}
