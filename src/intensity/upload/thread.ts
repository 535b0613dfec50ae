import { on, once } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import type { Language } from '../../model/language.js';
import { readCsv } from './csv.js';
import {
  type FileContent,
  type FileKind,
  type TableContent,
  type TableName,
  type TableSheet,
  type TemplateRow,
  UnreadableFileError,
} from './port.js';
import { readRows } from './rows.js';
import { isHelp, makeTableTemplate, readTable } from './tables.js';
import { makeTemplate } from './template.js';
import { readWorkbook, writeWorkbook } from './xlsx.js';

/** What one thread is started for; it ends when it has answered. */
export type Job =
  | { readonly do: 'read'; readonly kind: FileKind; readonly bytes: Uint8Array; readonly table?: TableName }
  | {
      readonly do: 'template';
      readonly table?: TableName;
      readonly kind: FileKind;
      readonly language: Language;
      readonly rows: readonly TemplateRow[];
    }
  /** Its rows follow as messages, `RowsOfSheet`, and null at their end. */
  | { readonly do: 'workbook'; readonly sheets: readonly TableSheet[] };

/** Rows of one of the sheets, in order. */
export interface RowsOfSheet {
  readonly sheet: number;
  readonly rows: TableSheet['rows'];
}

export type JobAnswer =
  | { readonly content: FileContent }
  | { readonly table: TableContent }
  | { readonly file: Uint8Array }
  | { readonly refused: { readonly code: UnreadableFileError['code']; readonly message: string } };

/** Rows of what was read, before the answer, which has none then; the next follow once the reader says so. */
export interface PieceRead {
  readonly piece: FileContent['entries'] | TableContent['rows'];
}

/** Copied from a thread at once: tens of thousands would hold up everything else. */
const READ_AT_ONCE = 500;

/** Hands over the rows of an answer; returns what is left of it. */
async function handedOver(whole: JobAnswer): Promise<JobAnswer> {
  const rows = 'content' in whole ? whole.content.entries : 'table' in whole ? whole.table.rows : [];
  for (let from = 0; from < rows.length; from += READ_AT_ONCE) {
    parentPort?.postMessage({ piece: rows.slice(from, from + READ_AT_ONCE) } as PieceRead);
    await once(parentPort!, 'message');
  }
  if ('content' in whole) return { content: { ...whole.content, entries: [] } };
  return 'table' in whole ? { table: { ...whole.table, rows: [] } } : whole;
}

async function answer(job: Job): Promise<JobAnswer> {
  if (job.do === 'workbook') return { file: await writeWorkbook((await filled(job.sheets)).map(toWrite)) };
  if (job.do === 'template') {
    const { table, kind, language, rows } = job;
    if (table === undefined) return { file: await makeTemplate(kind, language, rows) };
    return { file: await makeTableTemplate(table, kind, language, rows) };
  }
  try {
    const sheets = job.kind === 'csv' ? [readCsv(job.bytes)] : await readWorkbook(job.bytes);
    if (job.table === undefined) return { content: readRows(sheets) };
    const told = sheets.filter(({ name }) => !isHelp(name));
    return { table: readTable(job.table, told) };
  } catch (error) {
    if (!(error instanceof UnreadableFileError)) throw error;
    return { refused: { code: error.code, message: error.message } };
  }
}

/** The sheets with the rows that follow. */
async function filled(sheets: readonly TableSheet[]): Promise<TableSheet[]> {
  const all = sheets.map((sheet) => ({ ...sheet, rows: [] as TableSheet['rows'][number][] }));
  for await (const [piece] of on(parentPort!, 'message') as AsyncIterable<[RowsOfSheet | null]>) {
    if (piece === null) break;
    all[piece.sheet]!.rows.push(...piece.rows);
  }
  return all;
}

/** Wide enough to read; a name that spreadsheets take. */
const toWrite = ({ name, rows, textColumns }: TableSheet) => ({
  name: name.replace(/[[\]:*?/\\]/g, ' ').slice(0, 31),
  ...{ rows, textColumns, formattedRows: textColumns.length > 0 ? rows.length : 1, validations: [] },
  widths: (rows[0] ?? []).map((_, column) => {
    const seen = rows.slice(0, 50).map((row) => String(row[column] ?? '').length);
    return Math.min(60, Math.max(10, ...seen) + 2);
  }),
});

parentPort?.postMessage(await handedOver(await answer(workerData as Job)));
