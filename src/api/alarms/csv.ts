import type { Alarm, AlarmEvent } from '../../alarms/model/alarm.js';
import { maybe, type WriteTime } from '../../alarms/model/wire.js';
import type { Table } from '../../http/csv.js';

const PLAIN = [
  ...(['id', 'state', 'suppression', 'priority', 'level', 'park', 'domain'] as const),
  ...(['device', 'metric', 'place', 'enterprise'] as const),
] satisfies readonly (keyof Alarm)[];

/** Columns of alarms; the names are those of JSON where it is flat. */
export const ALARM_COLUMNS = [
  ...PLAIN,
  ...['messageZh', 'messageEn', 'value', 'setpoint', 'since', 'raisedAt', 'clearedAt', 'acknowledgedAt'],
  ...['acknowledgedBy', 'comment', 'shelvedUntil', 'outOfServiceSince', 'cause', 'rule', 'ruleVersion', 'alarmClass'],
  'seq',
];

/** Columns of events: what happened, then the alarm as it was left. */
export const EVENT_COLUMNS = [
  ...['seq', 'event', 'cause', 'at', 'receivedAt', 'by', 'comment'],
  ...['alarm', ...PLAIN.slice(1)],
  ...['messageZh', 'messageEn', 'value', 'setpoint', 'rule', 'ruleVersion', 'alarmClass'],
];

export function alarmTable(time: WriteTime): Table<Alarm> {
  const orEmpty = maybe(time);
  return {
    columns: ALARM_COLUMNS,
    row: (alarm) => [
      ...PLAIN.map((name) => alarm[name]),
      ...[alarm.message.zh, alarm.message.en, alarm.value, alarm.setpoint],
      ...[orEmpty(alarm.since), orEmpty(alarm.raisedAt), orEmpty(alarm.clearedAt)],
      ...[orEmpty(alarm.acknowledgedAt), alarm.acknowledgedBy, alarm.comment],
      ...[orEmpty(alarm.shelved?.until ?? null), orEmpty(alarm.outOfService?.at ?? null), alarm.cause],
      ...[alarm.rule, alarm.ruleVersion, alarm.alarmClass, alarm.seq],
    ],
  };
}

export function eventTable(time: WriteTime): Table<AlarmEvent> {
  return {
    columns: EVENT_COLUMNS,
    row: ({ seq, event, cause, at, receivedAt, by, comment, alarm }) => [
      ...[seq, event, cause, time(at), time(receivedAt), by, comment],
      ...PLAIN.map((name) => alarm[name]),
      ...[alarm.message.zh, alarm.message.en, alarm.value, alarm.setpoint],
      ...[alarm.rule, alarm.ruleVersion, alarm.alarmClass],
    ],
  };
}
