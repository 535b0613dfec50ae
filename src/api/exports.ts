import { setImmediate } from 'node:timers/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { principalOf } from '../http/auth/access.js';
import { inChunks, listAnswers } from '../http/csv.js';
import { JSON_OR_TABLES, negotiate, XLSX_TYPE } from '../http/negotiate.js';
import { OpenQueries } from '../http/open-queries.js';
import { problem } from '../http/problem.js';
import { type TableSheet, TooManyFilesError } from '../intensity/upload/port.js';
import { LANGUAGES, type Language } from '../model/language.js';
import type { ApiDeps } from './deps.js';

/** Null is an empty cell; a bigint is always written as text. */
export type ExportCell = string | number | bigint | boolean | null;

/** A title in both languages. */
export interface Title {
  readonly zh: string;
  readonly en: string;
}
export const title = (zh: string, en: string): Title => ({ zh, en });
/** Titles beside the cells of an item. */
export type ExportColumns<T> = readonly (readonly [zh: string, en: string, of: (item: T) => ExportCell])[];

/** One table: a sheet of a workbook, or a CSV file. */
export interface ExportTable {
  readonly id: string;
  readonly title: Title;
  readonly columns: readonly Title[];
  readonly rows: readonly (readonly ExportCell[])[];
}

export function tableOf<T>(id: string, title: Title, columns: ExportColumns<T>, items: readonly T[]): ExportTable {
  return {
    ...{ id, title, columns: columns.map(([zh, en]) => ({ zh, en })) },
    rows: items.map((item) => columns.map(([, , of]) => of(item))),
  };
}

/** What is exported, and what it says of itself. */
export interface Exported {
  /** Of the file, without its ending. */
  readonly name: string;
  /** Scope, version and the like, beside their titles. */
  readonly about: readonly (readonly [title: Title, value: string | number])[];
  readonly tables: readonly ExportTable[];
  /** The table of a CSV file. */
  readonly csv: string;
}

/** Most cells of a workbook, which a thread makes in memory. */
export const MAX_EXPORT_CELLS = 400_000;
/** A spreadsheet keeps 15 digits of a number. */
const MOST_DIGITS = 1e15;

export const langText = z
  .enum(LANGUAGES)
  .optional()
  .describe('of titles and sentences; by `Accept-Language` when left out, Chinese where that prefers neither');

/** The language asked for. */
export function languageOf({ headers }: FastifyRequest, lang: Language | undefined): Language {
  if (lang !== undefined) return lang;
  const first = /^\s*([a-z]{2})\b/i.exec(headers['accept-language'] ?? '')?.[1]?.toLowerCase();
  return LANGUAGES.find((one) => one === first) ?? 'zh';
}

/** Answers tables: one of them as CSV with a BOM, or all of them as a workbook. */
export function exportAnswers(deps: Pick<ApiDeps, 'statisticsFiles' | 'timeZone' | 'clock' | 'queries'>) {
  const { clock, statisticsFiles: files, timeZone, queries = new OpenQueries() } = deps;
  const { time, sendCsv } = listAnswers({ timeZone, clock, queries });
  return {
    /** @throws ProblemError 406 */
    typeOf: ({ headers }: FastifyRequest) => negotiate(headers.accept, JSON_OR_TABLES),
    /** @throws ProblemError 422 beyond what a workbook may hold, 503 while too many files are made */
    async send(
      request: FastifyRequest,
      reply: FastifyReply,
      type: 'text/csv' | typeof XLSX_TYPE,
      lang: Language,
      what: Exported,
    ) {
      const { name, about, tables } = what;
      if (type === 'text/csv') {
        const { columns, rows } = tables.find(({ id }) => id === what.csv) ?? tables[0]!;
        const table = {
          columns: columns.map((title) => title[lang]),
          row: (row: readonly ExportCell[]) => row.map(cellOf),
        };
        return sendCsv(reply, name, table, inChunks(rows), true);
      }
      const cells = tables.reduce((sum, { rows, columns }) => sum + rows.length * columns.length, 0);
      if (cells > MAX_EXPORT_CELLS) {
        const detail = `the workbook would have ${cells} cells, ${MAX_EXPORT_CELLS} at most: ask for less, or for CSV`;
        throw problem(422, 'result_too_large', detail, { limit: MAX_EXPORT_CELLS });
      }
      const who = principalOf(request);
      // The workbook is in memory until it is sent.
      queries.enterUntilSent(reply);
      const said: (readonly [string, string | number])[] = [
        ...about.map(([title, value]) => [title[lang], value] as const),
        [lang === 'zh' ? '时区' : 'Time zone', timeZone],
        [lang === 'zh' ? '生成时间' : 'Made at', time(clock())],
        [lang === 'zh' ? '生成者' : 'Made by', `${who.name} (${who.id})`],
      ];
      const first: TableSheet = {
        name: lang === 'zh' ? '说明' : 'About',
        rows: [lang === 'zh' ? ['项目', '内容'] : ['Item', 'Value'], ...said.map((row) => [...row])],
        textColumns: [],
      };
      const sheets: TableSheet[] = [];
      for (const { title, columns, rows } of tables) {
        const cells: TableSheet['rows'][number][] = [columns.map((one) => one[lang])];
        for await (const some of inChunks(rows)) {
          cells.push(...some.map((row) => row.map(cellOf)));
          if (cells.length < rows.length) await setImmediate();
        }
        sheets.push({ name: title[lang], rows: cells, textColumns: [] });
      }
      const file = await files.workbook([first, ...sheets], who.id).catch((error: unknown) => {
        if (!(error instanceof TooManyFilesError)) throw error;
        throw problem(503, 'too_many_queries', error.message, {}, { 'retry-after': '1' });
      });
      return reply
        .type(XLSX_TYPE)
        .header('vary', 'accept, accept-language')
        .header('content-disposition', `attachment; filename="${name}-${time(clock()).slice(0, 10)}.xlsx"`)
        .serializer((bytes: unknown) => bytes as string)
        .send(Buffer.from(file) as never);
    },
  };
}

/** Writes a number that a spreadsheet would round as text, digit for digit. */
function cellOf(value: ExportCell): string | number | null {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (typeof value === 'number' && Number.isInteger(value) && Math.abs(value) >= MOST_DIGITS)
    return BigInt(value).toString();
  return value;
}
