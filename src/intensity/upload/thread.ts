import { parentPort, workerData } from 'node:worker_threads';
import { readCsv } from './csv.js';
import {
  type FileContent,
  type FileKind,
  type Language,
  type TableContent,
  type TableName,
  type TemplateRow,
  UnreadableFileError,
} from './port.js';
import { readRows } from './rows.js';
import { isHelp, makeTableTemplate, readTable } from './tables.js';
import { makeTemplate } from './template.js';
import { readWorkbook } from './xlsx.js';

/** What one thread is started for; it ends when it has answered. */
export type Job =
  | { readonly do: 'read'; readonly kind: FileKind; readonly bytes: Uint8Array; readonly table?: TableName }
  | {
      readonly do: 'template';
      readonly table?: TableName;
      readonly kind: FileKind;
      readonly language: Language;
      readonly rows: readonly TemplateRow[];
    };

export type JobAnswer =
  | { readonly content: FileContent }
  | { readonly table: TableContent }
  | { readonly file: Uint8Array }
  | { readonly refused: { readonly code: UnreadableFileError['code']; readonly message: string } };

async function answer(job: Job): Promise<JobAnswer> {
  if (job.do === 'template') {
    const { table, kind, language, rows } = job;
    if (table === undefined) return { file: await makeTemplate(kind, language, rows) };
    return { file: await makeTableTemplate(table, kind, language, rows) };
  }
  try {
    const sheets = job.kind === 'csv' ? [readCsv(job.bytes)] : await readWorkbook(job.bytes);
    if (job.table === undefined) return { content: readRows(sheets) };
    const filled = sheets.filter(({ name }) => !isHelp(name));
    return { table: readTable(job.table, filled) };
  } catch (error) {
    if (!(error instanceof UnreadableFileError)) throw error;
    return { refused: { code: error.code, message: error.message } };
  }
}

parentPort?.postMessage(await answer(workerData as Job));
