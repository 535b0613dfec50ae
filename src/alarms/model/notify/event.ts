import type { Priority } from '../priority.js';
import type { AlarmDomain, Text } from '../rule/rule.js';
import { SUPPRESSION_ENDED_BY } from '../suppression.js';
import { type AlarmEventName, ANNUNCIATIONS } from '../transition.js';

/** What notification needs to know of an alarm, as its last event left it. */
export interface NotifiedAlarm {
  readonly id: string;
  /** Of its last event. */
  readonly seq: number;
  readonly priority: Priority;
  readonly domain: AlarmDomain;
  /** Null in the domain `system`. */
  readonly park: string | null;
  readonly device: string;
  readonly place: string | null;
  readonly message: Text;
  readonly advice: Text;
  /** What raised it; null when it never stood. */
  readonly value: number | null;
  readonly setpoint: number;
  /** Name of the alarm's state, such as `unack_active`. */
  readonly state: string;
  readonly active: boolean;
  readonly unacknowledged: boolean;
  /** Null while the alarm is not suppressed; else by what: `shelved`, `suppressed_by_design`, `out_of_service`. */
  readonly suppression: string | null;
}

/** One entry of the event record; `at` is event time in epoch milliseconds. */
export interface NotifiedEvent {
  readonly seq: number;
  readonly event: AlarmEventName;
  readonly at: number;
  readonly alarm: NotifiedAlarm;
}

/** The condition is over; `condition_ended` stands for `cleared` while an alarm is suppressed. */
const ENDS: ReadonlySet<AlarmEventName> = new Set(['cleared', 'condition_ended']);

/** Whether an operator has to react to it: the clock of escalation begins anew. */
export const isAnnunciation = (event: AlarmEventName): boolean => ANNUNCIATIONS.has(event);
export const isEnd = (event: AlarmEventName): boolean => ENDS.has(event);
/** Suppression is over; what stands unacknowledged then and was never told is told now. */
export const isResumption = (event: AlarmEventName): boolean => SUPPRESSION_ENDED_BY.has(event);

/** The fields of NotifiedAlarm alone, for storing. */
export function pickNotified(alarm: NotifiedAlarm): NotifiedAlarm {
  const { id, seq, priority, domain, park, device, place, message, advice, value, setpoint } = alarm;
  const { state, active, unacknowledged, suppression } = alarm;
  return {
    ...{ id, seq, priority, domain, park, device, place, message, advice, value, setpoint },
    ...{ state, active, unacknowledged, suppression },
  };
}
