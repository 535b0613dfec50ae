import type { SchemaElement } from 'hyparquet';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { DATA_FLAGS, QUALITIES } from '../../domain/reading.js';
import type { RawChunk, SeriesKey } from '../../historian/port.js';
import { endsOf } from './ends.js';
import type { FilledChunk } from './fill.js';
import type { AnswerWindows } from './json.js';
import type { AskedSeries } from './series.js';

export const PARQUET = 'application/vnd.apache.parquet';
/** Rows of one row group, about: what is held in memory. */
const GROUP_ROWS = 50_000;

type Column = readonly [name: string, type: keyof typeof TYPES];
type Values = (string | number | boolean | Date)[];

const TYPES = {
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  number: { type: 'DOUBLE' },
  time: { type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' },
  truth: { type: 'BOOLEAN' },
} as const satisfies Record<string, Partial<SchemaElement>>;

const RAW: readonly Column[] = [
  ['device', 'text'],
  ['metric', 'text'],
  ['unit', 'text'],
  ['ts', 'time'],
  ['value', 'number'],
  ['flag', 'text'],
  ['quality', 'text'],
  ['received_at', 'time'],
];
const WINDOWS: readonly Column[] = [
  ['device', 'text'],
  ['metric', 'text'],
  ['unit', 'text'],
  ['fn', 'text'],
  ['start', 'time'],
  ['end', 'time'],
  ['value', 'number'],
  ['filled', 'truth'],
];

/** Raw readings of all series as one Parquet table, sent a row group at a time. */
export function rawParquet(asked: readonly AskedSeries[], chunks: AsyncIterable<RawChunk>): AsyncGenerator<Buffer> {
  const unitOf = units(asked);
  return table(RAW, chunks, ({ series, ts, value, flag, quality, receivedAt }, columns) => {
    const unit = unitOf(series);
    for (let i = 0; i < ts.length; i += 1) {
      const verdict = [DATA_FLAGS[flag[i]!]!, QUALITIES[quality[i]!]!];
      const row = [
        series.device,
        series.metric,
        unit,
        new Date(ts[i]!),
        value[i]!,
        ...verdict,
        new Date(receivedAt[i]!),
      ];
      row.forEach((cell, c) => void columns[c]!.push(cell));
    }
  });
}

/** Windows of all series in the same way; times are UTC, as Parquet has them. */
export function windowsParquet(
  asked: readonly AskedSeries[],
  { fn, edges }: AnswerWindows,
  chunks: AsyncIterable<FilledChunk>,
): AsyncGenerator<Buffer> {
  const unitOf = units(asked);
  return table(WINDOWS, chunks, ({ series, start, value, filled }, columns) => {
    const unit = unitOf(series);
    const endOf = endsOf(edges);
    for (let i = 0; i < start.length; i += 1) {
      const times = [new Date(start[i]!), new Date(endOf(start[i]!))];
      const row = [series.device, series.metric, unit, fn, ...times, value[i]!, filled[i] === 1];
      row.forEach((cell, c) => void columns[c]!.push(cell));
    }
  });
}

async function* table<C>(
  columns: readonly Column[],
  chunks: AsyncIterable<C>,
  add: (chunk: C, columns: readonly Values[]) => void,
): AsyncGenerator<Buffer> {
  const bytes = new ByteWriter();
  const writer = new ParquetWriter({ writer: bytes, schema: schemaOf(columns) });
  let rows: Values[] = columns.map(() => []);
  const group = () => {
    const columnData = columns.map(([name], c) => ({ name, data: rows[c]! }));
    writer.write({ columnData, rowGroupSize: rows[0]!.length });
    rows = columns.map(() => []);
    return taken(bytes);
  };
  for await (const chunk of chunks) {
    add(chunk, rows);
    if (rows[0]!.length >= GROUP_ROWS) yield group();
  }
  if (rows[0]!.length > 0) yield group();
  writer.finish();
  yield taken(bytes);
}

/** What was written since the last time, out of the writer's buffer, which is used again. */
function taken(bytes: ByteWriter): Buffer {
  const piece = Buffer.from(bytes.getBytes());
  bytes.index = 0;
  return piece;
}

function schemaOf(columns: readonly Column[]): SchemaElement[] {
  return [
    { name: 'root', num_children: columns.length },
    ...columns.map(([name, type]): SchemaElement => ({ name, repetition_type: 'REQUIRED', ...TYPES[type] })),
  ];
}

function units(asked: readonly AskedSeries[]): (series: SeriesKey) => string {
  const known = new Map(asked.map(({ key, metric }) => [`${key.device}/${key.metric}`, metric.unit]));
  return ({ device, metric }) => known.get(`${device}/${metric}`) ?? '';
}
