import type { Alarm, AlarmEvent } from '../../alarms/model/alarm.js';
import { maybe } from '../../alarms/model/wire.js';
import type { CsvTable } from '../../http/csv.js';
import type { WriteTime } from '../../model/time/rfc3339.js';

const PLAIN = [
  ...(['id', 'state', 'suppression', 'priority', 'level', 'park', 'domain'] as const),
  ...(['device', 'metric', 'place', 'enterprise'] as const),
] satisfies readonly (keyof Alarm)[];

/** Columns of alarms; named as in JSON where that is flat. */
export const ALARM_COLUMNS = [
  ...PLAIN,
  ...['messageZh', 'messageEn', 'value', 'setpoint', 'since', 'raisedAt', 'clearedAt', 'acknowledgedAt'],
  ...['acknowledgedBy', 'comment', 'shelvedUntil', 'outOfServiceSince', 'cause', 'rule', 'ruleVersion', 'alarmClass'],
  'seq',
];

/** Columns of events: the event, then the alarm after it. */
export const EVENT_COLUMNS = [
  ...['seq', 'event', 'cause', 'at', 'receivedAt', 'by', 'comment'],
  ...['alarm', ...PLAIN.slice(1)],
  ...['messageZh', 'messageEn', 'value', 'setpoint', 'rule', 'ruleVersion', 'alarmClass'],
];

export function alarmTable(time: WriteTime): CsvTable<Alarm> {
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

export function eventTable(time: WriteTime): CsvTable<AlarmEvent> {
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
