import { parentPort, workerData } from 'node:worker_threads';
import { readCsv } from './csv.js';
import { type FileContent, type FileKind, type Language, type TemplateRow, UnreadableFileError } from './port.js';
import { readRows } from './rows.js';
import { makeTemplate } from './template.js';
import { readWorkbook } from './xlsx.js';

/** What one thread is started for; it ends when it has answered. */
export type Job =
  | { readonly do: 'read'; readonly kind: FileKind; readonly bytes: Uint8Array }
  | {
      readonly do: 'template';
      readonly kind: FileKind;
      readonly language: Language;
      readonly rows: readonly TemplateRow[];
    };

export type JobAnswer =
  | { readonly content: FileContent }
  | { readonly file: Uint8Array }
  | { readonly refused: { readonly code: UnreadableFileError['code']; readonly message: string } };

async function answer(job: Job): Promise<JobAnswer> {
  if (job.do === 'template') return { file: await makeTemplate(job.kind, job.language, job.rows) };
  try {
    return { content: readRows(job.kind === 'csv' ? [readCsv(job.bytes)] : await readWorkbook(job.bytes)) };
  } catch (error) {
    if (!(error instanceof UnreadableFileError)) throw error;
    return { refused: { code: error.code, message: error.message } };
  }
}

parentPort?.postMessage(await answer(workerData as Job));
