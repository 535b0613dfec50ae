import type { AlarmClass, Priority } from './class.js';
import type { Transition } from './judge/evaluate.js';
import type { AlarmDomain, AlarmRule, Text } from './rule/rule.js';
import {
  type AlarmState,
  type AlarmStateName,
  type Removal,
  type Shelving,
  type SuppressionName,
  stateName,
  suppressionName,
} from './state.js';
import type { AlarmEventName } from './transition.js';

/** One rule on one subject, as people see it. Times are epoch milliseconds. */
export interface Alarm {
  readonly id: string;
  readonly rule: string;
  readonly ruleVersion: number;
  /** The subject: a device; a gateway; a place, as `{park}-{hash}`; in the domain `system` the part of the service. */
  readonly device: string;
  readonly metric: string;
  /** Null in the domain `system`. */
  readonly park: string | null;
  readonly domain: AlarmDomain;
  readonly alarmClass: AlarmClass;
  /** Of the present level, or of the last. */
  readonly priority: Priority;
  readonly level: string;
  readonly state: AlarmStateName;
  readonly active: boolean;
  readonly unacknowledged: boolean;
  readonly latched: boolean;
  readonly suppression: SuppressionName | null;
  readonly shelved: Shelving | null;
  readonly outOfService: Removal | null;
  /** The alarm that silences this one by design; null without. */
  readonly cause: string | null;
  readonly message: Text;
  readonly advice: Text;
  readonly source: { readonly standard: string; readonly clause: string };
  /** The value that raised it, in the unit of the rule's signal; null when it never stood. */
  readonly value: number | null;
  readonly setpoint: number;
  /** Event times of the condition's begin, and of the end of its on-delay. */
  readonly since: number | null;
  readonly raisedAt: number | null;
  /** Receipt of the reading that raised it. */
  readonly receivedAt: number | null;
  /** Event time of the end; null while it stands. */
  readonly clearedAt: number | null;
  /** Of this annunciation; null until acknowledged. `acknowledgedBy` is null too when time did it. */
  readonly acknowledgedAt: number | null;
  readonly acknowledgedBy: string | null;
  readonly comment: string | null;
  readonly place: string | null;
  readonly enterprise: string | null;
  /** Number of its last event. */
  readonly seq: number;
}

/**
 * What decided. `reading`; `observation`: the service measured itself, or noticed an absence; `operator`; `time`: a
 * delay, a shelving or a schedule ran out; `design`: another alarm; `rule_withdrawn`: the rule changed, the device got
 * another limit profile, or nobody watches the condition any more, as the comment says; `device_gone`: the device was retired, removed or moved to another park, as the comment
 * says; `notification`: no operator reacted to a notification.
 */
export const EVENT_CAUSES = [
  'reading',
  'observation',
  'operator',
  'time',
  'design',
  'rule_withdrawn',
  'device_gone',
  'notification',
] as const;
export type EventCause = (typeof EVENT_CAUSES)[number];

/** One stored event; `seq` rises by one per event of the whole service. */
export interface AlarmEvent {
  readonly seq: number;
  readonly event: AlarmEventName;
  readonly cause: EventCause;
  /** Event time where a reading decided, else the service's clock; and time of receipt. Epoch milliseconds. */
  readonly at: number;
  readonly receivedAt: number;
  /** Token id and comment of the operator. */
  readonly by: string | null;
  readonly comment: string | null;
  readonly alarm: Alarm;
}

/** @param name of the device, as it is unique among all parks */
export function alarmId(rule: string, name: string): string {
  return `${rule}:${name}`;
}

/** Location of an alarm. */
export interface AlarmPlace {
  readonly device: string;
  /** Name of the device in alarms; its id when left out. */
  readonly name?: string;
  readonly park: string | null;
  readonly place: string | null;
  readonly enterprise: string | null;
}

/** The alarm of a rule that never stood. */
export function freshAlarm(rule: AlarmRule, where: AlarmPlace): Alarm {
  const [least] = rule.comparison.levels;
  return {
    id: alarmId(rule.id, where.name ?? where.device),
    ...ofRule(rule),
    message: least!.message ?? rule.message,
    device: where.device,
    park: where.park,
    priority: least!.priority,
    level: least!.name,
    state: 'normal',
    active: false,
    unacknowledged: false,
    latched: false,
    suppression: null,
    shelved: null,
    outOfService: null,
    cause: null,
    value: null,
    setpoint: least!.setpoint,
    since: null,
    raisedAt: null,
    receivedAt: null,
    clearedAt: null,
    acknowledgedAt: null,
    acknowledgedBy: null,
    comment: null,
    place: where.place,
    enterprise: where.enterprise,
    seq: 0,
  };
}

function ofRule(rule: AlarmRule) {
  return {
    rule: rule.id,
    ruleVersion: rule.version,
    metric: rule.metric,
    domain: rule.domain,
    alarmClass: rule.alarmClass,
    message: rule.message,
    advice: rule.advice,
    source: { standard: rule.source.standard, clause: rule.source.clause },
  };
}

/** The alarm with another state and the fields that follow from it. */
export function withState(alarm: Alarm, state: AlarmState): Alarm {
  return {
    ...alarm,
    state: stateName(state),
    active: state.active,
    unacknowledged: state.unacknowledged,
    latched: state.latched,
    suppression: suppressionName(state),
    shelved: state.suppression.shelved,
    outOfService: state.suppression.outOfService,
    cause: state.suppression.byDesign,
  };
}

/** The alarm after a change of its process: a new occurrence, another level, or the end. */
export function withTransition(
  alarm: Alarm,
  rule: AlarmRule,
  where: AlarmPlace,
  { kind, level, at, since, value }: Transition,
  receivedAt: number,
): Alarm {
  if (kind === 'cleared') return { ...alarm, clearedAt: at };
  const standing = rule.comparison.levels[level - 1]!;
  const { priority, name, setpoint, message = rule.message } = standing;
  const now = { ...alarm, priority, level: name, setpoint, message };
  if (kind === 'level_lowered') return now;
  const annunciated = { ...now, value, acknowledgedAt: null, acknowledgedBy: null, comment: null };
  if (kind === 'level_raised') return annunciated;
  return {
    ...annunciated,
    ...ofRule(rule),
    message,
    since,
    raisedAt: at,
    receivedAt,
    clearedAt: null,
    place: where.place,
    enterprise: where.enterprise,
  };
}

/** Whether operators see it: it stands, and nothing suppresses it. */
export function isAnnunciated(alarm: Pick<Alarm, 'state' | 'suppression'>): boolean {
  return alarm.state !== 'normal' && alarm.suppression === null;
}
