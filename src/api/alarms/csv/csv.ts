import { stringify } from 'csv-stringify/sync';
import type { Alarm, AlarmEvent } from '../../../alarms/model/alarm.js';
import type { WriteTime } from '../../../alarms/model/wire.js';

type Cell = string | number | null;

const PLAIN = [
  'id',
  'state',
  'suppression',
  'priority',
  'level',
  'park',
  'domain',
  'device',
  'metric',
  'place',
  'enterprise',
] as const satisfies readonly (keyof Alarm)[];

/** Columns of alarms; the names are those of JSON where it is flat. */
export const ALARM_COLUMNS = [
  ...PLAIN,
  'messageZh',
  'messageEn',
  'value',
  'setpoint',
  'since',
  'raisedAt',
  'clearedAt',
  'acknowledgedAt',
  'acknowledgedBy',
  'comment',
  'shelvedUntil',
  'outOfServiceSince',
  'cause',
  'rule',
  'ruleVersion',
  'alarmClass',
  'seq',
] as const;

/** Columns of events: what happened, then the alarm as it was left. */
export const EVENT_COLUMNS = [
  ...['seq', 'event', 'cause', 'at', 'receivedAt', 'by', 'comment'],
  ...['alarm', ...PLAIN.slice(1)],
  ...['messageZh', 'messageEn', 'value', 'setpoint', 'rule', 'ruleVersion', 'alarmClass'],
];

/** Rows of a CSV table. */
export interface Table<T> {
  readonly columns: readonly string[];
  row(item: T): readonly Cell[];
}

export function alarmTable(time: WriteTime): Table<Alarm> {
  const orEmpty = (instant: number | null | undefined) => (instant == null ? null : time(instant));
  return {
    columns: ALARM_COLUMNS,
    row: (alarm) => [
      ...PLAIN.map((name) => alarm[name]),
      ...[alarm.message.zh, alarm.message.en, alarm.value, alarm.setpoint],
      ...[orEmpty(alarm.since), orEmpty(alarm.raisedAt), orEmpty(alarm.clearedAt)],
      ...[orEmpty(alarm.acknowledgedAt), alarm.acknowledgedBy, alarm.comment],
      ...[orEmpty(alarm.shelved?.until), orEmpty(alarm.outOfService?.at), alarm.cause],
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

/** The table piece by piece, a piece for each chunk of items. */
export async function* writeTable<T>(
  { columns, row }: Table<T>,
  chunks: AsyncIterable<readonly T[]>,
  bom: boolean,
): AsyncGenerator<Buffer> {
  yield Buffer.from(`${bom ? '\ufeff' : ''}${lines([columns])}`);
  for await (const chunk of chunks) if (chunk.length > 0) yield Buffer.from(lines(chunk.map(row)));
}

/** Comments and names are free text, and people open the file in a spreadsheet: it must not run them. */
const lines = (rows: readonly (readonly Cell[])[]) =>
  stringify(rows as Cell[][], { record_delimiter: '\r\n', escape_formulas: true });
