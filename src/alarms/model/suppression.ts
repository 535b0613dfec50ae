import type { SuppressionName } from './state.js';
import type { AlarmEventName } from './transition.js';

/** The events that begin and end each way of suppression. */
const EVENTS = {
  shelved: { begins: 'shelved', ends: 'unshelved' },
  suppressed_by_design: { begins: 'suppressed', ends: 'unsuppressed' },
  out_of_service: { begins: 'out_of_service', ends: 'returned_to_service' },
} as const satisfies Record<SuppressionName, Record<'begins' | 'ends', AlarmEventName>>;

const named = (which: 'begins' | 'ends'): ReadonlyMap<AlarmEventName, SuppressionName> =>
  new Map(Object.entries(EVENTS).map(([name, events]) => [events[which], name as SuppressionName]));

/** By the event: what it begins or ends. */
export const SUPPRESSION_BEGUN_BY = named('begins');
export const SUPPRESSION_ENDED_BY = named('ends');
