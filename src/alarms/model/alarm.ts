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
  /** What it is about: a device; a gateway; a place, as `{park}-{hash}`; in the domain `system` the part of the service. */
  readonly device: string;
  readonly metric: string;
  /** Null in the domain `system`. */
  readonly park: string | null;
  readonly domain: AlarmDomain;
  readonly alarmClass: AlarmClass;
  /** Of the level that stands, or stood last. */
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
  /** What raised it, in the unit of the rule's signal; null when it never stood. */
  readonly value: number | null;
  readonly setpoint: number;
  /** Event time: when the condition began, and when it had lasted long enough. */
  readonly since: number | null;
  readonly raisedAt: number | null;
  /** Receipt of the reading that raised it. */
  readonly receivedAt: number | null;
  /** Event time of the end; null while it stands. */
  readonly clearedAt: number | null;
  /** Of this annunciation; null as long as nobody has. `acknowledgedBy` is null too when it went by itself. */
  readonly acknowledgedAt: number | null;
  readonly acknowledgedBy: string | null;
  readonly comment: string | null;
  readonly place: string | null;
  readonly enterprise: string | null;
  /** Of its last event. */
  readonly seq: number;
}

/**
 * What decided. `reading`; `observation`: the service measured itself, or missed something; `operator`; `time`: a delay,
 * a shelving or a schedule ran out; `design`: another alarm; `rule_withdrawn`: the rule changed, or the device fell under
 * another limit profile; `device_gone`: the device was retired, removed or moved to another park, as the comment says;
 * `notification`: nobody reacted to what was sent.
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

/** One entry of the event record; `seq` rises by one per event of the whole service. */
export interface AlarmEvent {
  readonly seq: number;
  readonly event: AlarmEventName;
  readonly cause: EventCause;
  /** Event time where a reading decided, else the service's clock; and when the service came to know. Epoch milliseconds. */
  readonly at: number;
  readonly receivedAt: number;
  /** Token id of the person who acted, and what they said. */
  readonly by: string | null;
  readonly comment: string | null;
  readonly alarm: Alarm;
}

/** @param name of the device, as it is unique among all parks */
export function alarmId(rule: string, name: string): string {
  return `${rule}:${name}`;
}

/** Where an alarm is. */
export interface AlarmPlace {
  readonly device: string;
  /** What alarms call the device; its id when left out. */
  readonly name?: string;
  readonly park: string | null;
  readonly place: string | null;
  readonly enterprise: string | null;
}

/** The alarm of a rule that has not stood yet. */
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

/** The alarm in another state of its own; what the state says is taken over, the rest stays. */
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

/** The alarm after its process changed: a new occurrence, another level, or the end. */
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

/** Whether people are to see it: it stands, and nothing suppresses it. */
export function isAnnunciated(alarm: Pick<Alarm, 'state' | 'suppression'>): boolean {
  return alarm.state !== 'normal' && alarm.suppression === null;
}
