import type { Domain } from '../reading.js';
import { type AlarmRule, atLeast, type Priority, type Text } from './rule.js';
import type { AlarmEventName, Transition } from './transition.js';

/** One rule on one device, as people see it. Times are epoch milliseconds. */
export interface Alarm {
  readonly id: string;
  readonly rule: string;
  readonly ruleVersion: number;
  readonly device: string;
  readonly metric: string;
  readonly park: string;
  readonly domain: Domain;
  readonly priority: Priority;
  readonly state: 'active' | 'normal';
  readonly message: Text;
  readonly advice: Text;
  readonly source: { readonly standard: string; readonly clause: string };
  /** The value that raised it. */
  readonly value: number;
  readonly setpoint: number;
  /** Event time: when the condition began, and when it had lasted long enough. */
  readonly since: number;
  readonly raisedAt: number;
  /** Receipt of the reading that raised it. */
  readonly receivedAt: number;
  /** Event time of the end; null while it stands. */
  readonly clearedAt: number | null;
  readonly place: string | null;
  readonly enterprise: string | null;
  /** Of its last event. */
  readonly seq: number;
}

/** Why an alarm ended although no reading said so: its rule changed, or its device fell under another limit profile. */
export type EventCause = 'reading' | 'rule_withdrawn';

/** One entry of the event record; `seq` rises by one per event of the whole service. */
export interface AlarmEvent {
  readonly seq: number;
  readonly event: AlarmEventName;
  readonly cause: EventCause;
  /** Event time, and receipt of the reading that decided; epoch milliseconds. */
  readonly at: number;
  readonly receivedAt: number;
  readonly alarm: Alarm;
}

export function alarmId(rule: string, device: string): string {
  return `${rule}:${device}`;
}

/** What the alarm needs to know of its device. */
export interface AlarmPlace {
  readonly device: string;
  readonly park: string;
  readonly place: string | null;
  readonly enterprise: string | null;
}

/** The alarm as its rule raises it. */
export function raise(rule: AlarmRule, where: AlarmPlace, raised: Transition, receivedAt: number, seq: number): Alarm {
  return {
    id: alarmId(rule.id, where.device),
    rule: rule.id,
    ruleVersion: rule.version,
    device: where.device,
    metric: rule.metric,
    park: where.park,
    domain: rule.domain,
    priority: rule.priority,
    state: 'active',
    message: rule.message,
    advice: rule.advice,
    source: { standard: rule.source.standard, clause: rule.source.clause },
    value: raised.value,
    setpoint: rule.condition.setpoint,
    since: raised.since,
    raisedAt: raised.at,
    receivedAt,
    clearedAt: null,
    place: where.place,
    enterprise: where.enterprise,
    seq,
  };
}

/** The alarm once it has ended at `at`. */
export function clear(alarm: Alarm, at: number, seq: number): Alarm {
  return { ...alarm, state: 'normal', clearedAt: at, seq };
}

/** Which alarms are meant; what is left out does not limit. */
export interface AlarmFilter {
  readonly parks?: ReadonlySet<string>;
  readonly domains?: ReadonlySet<Domain>;
  readonly minPriority?: Priority;
  readonly device?: string;
}

export function matches(filter: AlarmFilter, alarm: Alarm): boolean {
  return (
    (filter.parks === undefined || filter.parks.has(alarm.park)) &&
    (filter.domains === undefined || filter.domains.has(alarm.domain)) &&
    (filter.minPriority === undefined || atLeast(alarm.priority, filter.minPriority)) &&
    (filter.device === undefined || filter.device === alarm.device)
  );
}
