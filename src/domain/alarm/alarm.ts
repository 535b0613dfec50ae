import { type AlarmDomain, type AlarmRule, atLeast, type Priority, type Text } from './rule.js';
import type { AlarmEventName, Transition } from './transition.js';

/** One rule on one device, as people see it. Times are epoch milliseconds. */
export interface Alarm {
  readonly id: string;
  readonly rule: string;
  readonly ruleVersion: number;
  /** In the domain `system` the part of the service. */
  readonly device: string;
  readonly metric: string;
  /** Null in the domain `system`. */
  readonly park: string | null;
  readonly domain: AlarmDomain;
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

/**
 * What decided. `observation`: the service measured itself. `rule_withdrawn`: no value did, the rule changed, or the
 * device fell under another limit profile.
 */
export const EVENT_CAUSES = ['reading', 'observation', 'rule_withdrawn'] as const;
export type EventCause = (typeof EVENT_CAUSES)[number];

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
  readonly park: string | null;
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

/**
 * Which alarms are meant; what is left out does not limit. Alarms of the service itself are meant when `domains` names
 * `system`, or when neither parks nor domains are limited, unless `system` is false.
 */
export interface AlarmFilter {
  readonly parks?: ReadonlySet<string>;
  readonly domains?: ReadonlySet<AlarmDomain>;
  readonly system?: boolean;
  readonly minPriority?: Priority;
  readonly device?: string;
}

export function matches(filter: AlarmFilter, alarm: Alarm): boolean {
  return (
    (alarm.park === null ? meansSystem(filter) : filter.parks === undefined || filter.parks.has(alarm.park)) &&
    (filter.domains === undefined || filter.domains.has(alarm.domain)) &&
    (filter.minPriority === undefined || atLeast(alarm.priority, filter.minPriority)) &&
    (filter.device === undefined || filter.device === alarm.device)
  );
}

function meansSystem({ system, parks, domains }: AlarmFilter): boolean {
  return system !== false && (domains?.has('system') ?? parks === undefined);
}
