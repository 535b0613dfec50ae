import type { SchemaElement } from 'hyparquet';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { RawChunk, SeriesKey } from '../../../historian/port/queries.js';
import { deviceOf } from '../../../model/ids.js';
import { DATA_FLAGS, QUALITIES } from '../../../model/reading.js';
import type { AskedSeries } from '../series.js';
import type { FilledChunk } from '../thin/fill.js';
import { type SeriesColumns, windowEnds } from './format.js';
import type { AnswerWindows } from './json.js';

export const PARQUET = 'application/vnd.apache.parquet';
/** Rows of one row group: bounds the memory, and the time that encoding blocks the event loop. */
const GROUP_ROWS = 16_384;

const TYPES = {
  text: {
    element: { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } },
    encoding: 'RLE_DICTIONARY',
  },
  number: { element: { type: 'DOUBLE' }, encoding: undefined },
  time: {
    element: {
      type: 'INT64',
      converted_type: 'TIMESTAMP_MILLIS',
      logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
    },
    encoding: 'DELTA_BINARY_PACKED',
  },
  truth: { element: { type: 'BOOLEAN' }, encoding: undefined },
} as const;

type Cell = string | number | bigint | boolean;

interface Column<C> {
  readonly name: string;
  readonly type: keyof typeof TYPES;
  /** Minimum and maximum of each row group, by which a reader skips groups. */
  readonly statistics: boolean;
  /** Cells of a chunk by row, rows rising from call to call. */
  readonly cells: (chunk: C) => (i: number) => Cell;
}

/** Raw readings of all series as one Parquet table, sent a row group at a time; times are UTC, as Parquet has them. */
export function rawParquet(asked: readonly AskedSeries[], chunks: AsyncIterable<RawChunk>): AsyncGenerator<Buffer> {
  const columns: Column<RawChunk>[] = [
    ...named(asked),
    time('ts', ({ ts }) => ts),
    number('value', ({ value }) => value),
    word('flag', DATA_FLAGS, ({ flag }) => flag),
    word('quality', QUALITIES, ({ quality }) => quality),
    { ...time<RawChunk>('received_at', ({ receivedAt }) => receivedAt), statistics: false },
  ];
  return table(columns, chunks);
}

/** Windows of all series in the same way. */
export function windowsParquet(
  asked: readonly AskedSeries[],
  { fn, edges }: AnswerWindows,
  chunks: AsyncIterable<FilledChunk>,
): AsyncGenerator<Buffer> {
  const columns: Column<FilledChunk>[] = [
    ...named(asked),
    constant('fn', () => fn),
    time('start', ({ start }) => start),
    time('end', ({ start }) => start.map(windowEnds(edges))),
    number('value', ({ value }) => value),
    column(
      'filled',
      'truth',
      ({ filled }) => filled,
      (truth) => truth === 1,
      false,
    ),
  ];
  return table(columns, chunks);
}

function named(asked: readonly AskedSeries[]): Column<SeriesColumns>[] {
  const units = new Map(asked.map(({ key, metric }) => [nameOf(key), metric.unit]));
  return [
    { ...constant('device', ({ series }) => deviceOf(series.device)), statistics: true },
    { ...constant('metric', ({ series }) => series.metric), statistics: true },
    constant('unit', ({ series }) => units.get(nameOf(series)) ?? ''),
  ];
}

const nameOf = ({ device, metric }: SeriesKey) => `${device}/${metric}`;

/** A column with the same text in all rows of a chunk. */
const constant = <C extends SeriesColumns>(name: string, of: (chunk: C) => string): Column<C> => ({
  ...{ name, type: 'text', statistics: false },
  cells: (chunk) => {
    const cell = of(chunk);
    return () => cell;
  },
});

/** A column whose cells derive from the numbers of a chunk. */
const column = <C>(
  name: string,
  type: Column<C>['type'],
  of: (chunk: C) => Float64Array | Uint8Array,
  cellOf: (number: number) => Cell,
  statistics = true,
): Column<C> => ({
  ...{ name, type, statistics },
  cells: (chunk) => {
    const numbers = of(chunk);
    return (i) => cellOf(numbers[i]!);
  },
});

const number = <C>(name: string, of: (chunk: C) => Float64Array) => column(name, 'number', of, (value) => value);
const time = <C>(name: string, of: (chunk: C) => Float64Array) => column(name, 'time', of, BigInt);
const word = <C>(name: string, words: readonly string[], of: (chunk: C) => Uint8Array) =>
  column(name, 'text', of, (index) => words[index]!, false);

async function* table<C extends SeriesColumns>(
  columns: readonly Column<C>[],
  chunks: AsyncIterable<C>,
): AsyncGenerator<Buffer> {
  const bytes = new ByteWriter();
  const writer = new ParquetWriter({ writer: bytes, schema: schemaOf(columns) });
  let group = columns.map((): Cell[] => []);
  let rows = 0;
  const encode = () => {
    const columnData = columns.map(({ name, type, statistics }, c) => {
      const { encoding } = TYPES[type];
      return { name, data: group[c]!, statistics, ...(encoding && { encoding }) };
    });
    writer.write({ columnData, rowGroupSize: rows });
    group = columns.map(() => []);
    rows = 0;
    return drained(bytes);
  };
  for await (const chunk of chunks) {
    const cells = columns.map((column) => column.cells(chunk));
    for (let from = 0; from < chunk.value.length; ) {
      const end = Math.min(chunk.value.length, from + GROUP_ROWS - rows);
      for (const [c, cell] of cells.entries()) for (let i = from; i < end; i += 1) group[c]!.push(cell(i));
      rows += end - from;
      from = end;
      if (rows === GROUP_ROWS) yield encode();
    }
  }
  if (rows > 0) yield encode();
  writer.finish();
  yield drained(bytes);
}

/** The bytes since the last call, copied out of the writer's buffer, which is reused. */
function drained(bytes: ByteWriter): Buffer {
  const piece = Buffer.from(bytes.getBytes());
  bytes.index = 0;
  return piece;
}

function schemaOf<C>(columns: readonly Column<C>[]): SchemaElement[] {
  return [
    { name: 'root', num_children: columns.length },
    ...columns.map(({ name, type }): SchemaElement => ({ name, repetition_type: 'REQUIRED', ...TYPES[type].element })),
  ];
}
