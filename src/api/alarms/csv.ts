import { stringify } from 'csv-stringify/sync';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Alarm, AlarmEvent } from '../../alarms/model/alarm.js';
import { maybe, type WriteTime } from '../../alarms/model/wire.js';
import { CSV_TYPE, JSON_OR_CSV, negotiate } from '../../http/negotiate.js';
import { OpenQueries } from '../../http/open-queries.js';
import { sendAnswer } from '../../http/send.js';
import { timeWriter } from '../../http/times.js';
import type { ApiDeps } from '../deps.js';

type Cell = string | number | null;

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

/** Rows of a CSV table. */
interface Table<T> {
  readonly columns: readonly string[];
  row(item: T): readonly Cell[];
}

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

/** The table piece by piece, a piece for each chunk of items. */
async function* writeTable<T>(
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

/** How the lists are answered: as JSON, or as CSV to who accepts that. */
export function listAnswers({
  timeZone,
  clock,
  queries = new OpenQueries(),
}: Pick<ApiDeps, 'timeZone' | 'clock' | 'queries'>) {
  const time = timeWriter(timeZone);
  return {
    time,
    wantsCsv: ({ headers }: FastifyRequest) => negotiate(headers.accept, JSON_OR_CSV) === 'text/csv',
    /** Streams a table as fast as the client takes it, until it leaves. @throws ProblemError 503 when too many do */
    sendCsv<T>(reply: FastifyReply, name: string, table: Table<T>, chunks: AsyncIterable<readonly T[]>, bom: boolean) {
      queries.enterUntilSent(reply);
      return sendAnswer(reply, chunks, (all) => all, {
        contentType: CSV_TYPE,
        fileName: `${name}-${time(clock()).slice(0, 10)}.csv`,
        write: (all) => writeTable(table, all, bom),
      });
    },
  };
}

/** Items already in memory, so many at a time. */
export async function* inChunks<T>(items: readonly T[], size = 200): AsyncGenerator<readonly T[]> {
  for (let from = 0; from < items.length; from += size) yield items.slice(from, from + size);
}
