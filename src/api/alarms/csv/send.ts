import type { FastifyReply } from 'fastify';
import type { OpenQueries } from '../../../http/open-queries.js';
import { sendAnswer } from '../../../http/send.js';
import { instantFormatter } from '../../../model/time/rfc3339.js';
import type { TimeZone } from '../../../model/time/zone.js';
import { type Table, writeTable } from './csv.js';

/** Media types of the lists, the preferred one first. */
export const MEDIA_TYPES = ['application/json', 'text/csv'] as const;

export interface CsvAnswer<T> {
  readonly table: Table<T>;
  readonly chunks: AsyncIterable<readonly T[]>;
  readonly bom: boolean;
  /** What a browser saves it as, without its ending. */
  readonly name: string;
}

/** Streams a table as fast as the client takes it; it ends when the client leaves. @throws ProblemError 503 when too many do */
export function sendCsv<T>(reply: FastifyReply, queries: OpenQueries, answer: CsvAnswer<T>): Promise<FastifyReply> {
  queries.enterUntilSent(reply);
  return sendAnswer(reply, answer.chunks, (chunks) => chunks, {
    contentType: 'text/csv; charset=utf-8; header=present',
    fileName: `${answer.name}.csv`,
    write: (chunks) => writeTable(answer.table, chunks, answer.bom),
  });
}

/** Name of a file of today. */
export const datedName = (what: string, zone: TimeZone, now: number) =>
  `${what}-${instantFormatter(zone)(now).slice(0, 10)}`;

/** Items already in memory, so many at a time. */
export async function* inChunks<T>(items: readonly T[], size = 200): AsyncGenerator<readonly T[]> {
  for (let from = 0; from < items.length; from += size) yield items.slice(from, from + size);
}
