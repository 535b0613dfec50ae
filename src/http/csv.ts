import { stringify } from 'csv-stringify/sync';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CSV_TYPE, JSON_OR_CSV, negotiate } from './negotiate.js';
import { OpenQueries } from './open-queries.js';
import { sendAnswer } from './send.js';
import { timeWriter } from './times.js';

export type Cell = string | number | null;

/** Rows of a CSV table. */
export interface CsvTable<T> {
  readonly columns: readonly string[];
  row(item: T): readonly Cell[];
}

/** The table piece by piece, a piece for each chunk of items. */
async function* writeTable<T>(
  { columns, row }: CsvTable<T>,
  chunks: AsyncIterable<readonly T[]>,
  bom: boolean,
): AsyncGenerator<Buffer> {
  yield Buffer.from(`${bom ? '\ufeff' : ''}${lines([columns])}`);
  for await (const chunk of chunks) if (chunk.length > 0) yield Buffer.from(lines(chunk.map(row)));
}

/** Comments and names are free text, and people open the file in a spreadsheet: it must not run them. */
const lines = (rows: readonly (readonly Cell[])[]) =>
  stringify(rows as Cell[][], { record_delimiter: '\r\n', escape_formulas: true });

interface ListDeps {
  /** IANA name. */
  readonly timeZone: string;
  /** Epoch milliseconds. */
  readonly clock: () => number;
  /** Bounds the answers being written; one is made when left out. */
  readonly queries?: OpenQueries;
}

/** How lists are answered: as JSON, or as CSV to who accepts that. */
export function listAnswers({ timeZone, clock, queries = new OpenQueries() }: ListDeps) {
  const time = timeWriter(timeZone);
  return {
    time,
    wantsCsv: ({ headers }: FastifyRequest) => negotiate(headers.accept, JSON_OR_CSV) === 'text/csv',
    /** Streams a table as fast as the client takes it, until it leaves. @throws ProblemError 429 or 503 when too many do */
    sendCsv<T>(
      reply: FastifyReply,
      name: string,
      table: CsvTable<T>,
      chunks: AsyncIterable<readonly T[]>,
      bom: boolean,
    ) {
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
