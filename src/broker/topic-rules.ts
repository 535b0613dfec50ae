import { filterStaysInPark, parseTopic } from '../model/wire/topic.js';

/** Most levels of any topic; the contract's have five. */
export const MAX_TOPIC_LEVELS = 16;

/** The gateway that publishes or subscribes. */
export interface GatewayScope {
  readonly gateway: string;
  readonly park: string;
}

type PublishVerdict = { readonly kind: 'readings' | 'status' } | { readonly kind: 'refused'; readonly reason: string };

const READINGS: PublishVerdict = { kind: 'readings' };
const STATUS: PublishVerdict = { kind: 'status' };

/**
 * Classifies a gateway's publish on `topic`. Any topic in its own park that ends in `/readings` goes to ingest, which
 * names the fault, so that one misnamed device does not disconnect its gateway. The broker refuses the service's own
 * topics and other parks.
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
