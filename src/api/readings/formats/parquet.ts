import type { SchemaElement } from 'hyparquet';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { RawChunk, SeriesKey } from '../../../historian/port/queries.js';
import { deviceOf } from '../../../model/ids.js';
import { DATA_FLAGS, QUALITIES } from '../../../model/reading.js';
import type { AskedSeries } from '../series.js';
import type { FilledChunk } from '../thin/fill.js';
import { endsOf } from '../thin/window-ends.js';
import type { Columns } from './format.js';
import type { AnswerWindows } from './json.js';

export const PARQUET = 'application/vnd.apache.parquet';
/** Rows of one row group: what is held in memory, and what is encoded at a stretch while nothing else has its turn. */
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
  /** Least and greatest of each row group, by which a reader leaves groups out. */
  readonly statistics: boolean;
  /** Cells of a chunk by row, rows rising from call to call. */
  readonly cells: (chunk: C) => (i: number) => Cell;
}

/** Raw readings of all series as one Parquet table, sent a row group at a time; times are UTC, as Parquet has them. */
export function rawParquet(asked: readonly AskedSeries[], chunks: AsyncIterable<RawChunk>): AsyncGenerator<Buffer> {
  const columns: Column<RawChunk>[] = [
    ...named(asked),
    time(
      'ts',
      ({ ts }) =>
        (i) =>
          ts[i]!,
    ),
    number('value', ({ value }) => value),
    text(
      'flag',
      ({ flag }) =>
        (i) =>
          DATA_FLAGS[flag[i]!]!,
    ),
    text(
      'quality',
      ({ quality }) =>
        (i) =>
          QUALITIES[quality[i]!]!,
    ),
    {
      ...time<RawChunk>(
        'received_at',
        ({ receivedAt }) =>
          (i) =>
            receivedAt[i]!,
      ),
      statistics: false,
    },
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
    text('fn', () => () => fn),
    time(
      'start',
      ({ start }) =>
        (i) =>
          start[i]!,
    ),
    time('end', ({ start }) => {
      const endOf = endsOf(edges);
      return (i) => endOf(start[i]!);
    }),
    number('value', ({ value }) => value),
    {
      name: 'filled',
      type: 'truth',
      statistics: false,
      cells:
        ({ filled }) =>
        (i) =>
          filled[i] === 1,
    },
  ];
  return table(columns, chunks);
}

function named(asked: readonly AskedSeries[]): Column<Columns>[] {
  const units = new Map(asked.map(({ key, metric }) => [nameOf(key), metric.unit]));
  const constant = (of: (series: SeriesKey) => string) => (chunk: Columns) => {
    const cell = of(chunk.series);
    return () => cell;
  };
  return [
    {
      ...text(
        'device',
        constant(({ device }) => deviceOf(device)),
      ),
      statistics: true,
    },
    {
      ...text(
        'metric',
        constant(({ metric }) => metric),
      ),
      statistics: true,
    },
    text(
      'unit',
      constant((series) => units.get(nameOf(series)) ?? ''),
    ),
  ];
}

const nameOf = ({ device, metric }: SeriesKey) => `${device}/${metric}`;

const text = <C>(name: string, cells: (chunk: C) => (i: number) => string): Column<C> => ({
  name,
  type: 'text',
  statistics: false,
  cells,
});

const number = <C>(name: string, of: (chunk: C) => Float64Array): Column<C> => ({
  name,
  type: 'number',
  statistics: true,
  cells: (chunk) => {
    const values = of(chunk);
    return (i) => values[i]!;
  },
});

const time = <C>(name: string, cells: (chunk: C) => (i: number) => number): Column<C> => ({
  name,
  type: 'time',
  statistics: true,
  cells: (chunk) => {
    const millis = cells(chunk);
    return (i) => BigInt(millis(i));
  },
});

async function* table<C extends Columns>(
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
    return taken(bytes);
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
  yield taken(bytes);
}

/** What was written since the last time, out of the writer's buffer, which is used again. */
function taken(bytes: ByteWriter): Buffer {
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
