import type { FastifyReply, FastifyRequest } from 'fastify';
import { parksAsked } from '../../http/auth/scope.js';
import { tooManyUploads } from '../../http/bodies/uploads.js';
import { problem } from '../../http/problem.js';
import {
  FILE_KINDS,
  type FileKind,
  type TemplateRow,
  TooManyFilesError,
  UnreadableFileError,
  type WrongCell,
} from '../../intensity/upload/port.js';
import type { Language } from '../../model/language.js';
import type { ApiDeps } from '../deps.js';
import { FILE_TYPES } from './upload-schemas.js';

/** Most cells that one answer lists; it counts the rest. */
export const LISTED = 1_000;
/** Rows of one template: enough for every enterprise above designated size of a city. */
const TEMPLATE_ROWS = 5_000;

/**
 * What the file says that a request brings.
 * @throws ProblemError 422 where it cannot be read, 503 while too many files are read
 */
export async function readFileOf<T>(
  { body, headers }: FastifyRequest,
  read: (kind: FileKind, bytes: Uint8Array) => Promise<T>,
): Promise<T> {
  if (!Buffer.isBuffer(body) || body.length === 0) throw problem(422, 'unreadable_file', 'the body has no file');
  const contentType = headers['content-type']?.toLowerCase() ?? '';
  const kind = FILE_KINDS.find((one) => contentType.startsWith(FILE_TYPES[one])) ?? 'csv';
  return read(kind, body).catch(refuseFile);
}

function refuseFile(error: unknown): never {
  if (error instanceof UnreadableFileError) throw problem(422, error.code, error.message);
  throw error instanceof TooManyFilesError ? tooManyUploads() : error;
}

/**
 * The wrong cells of a file: those that could not be read, and those `found` wrong after that.
 * @throws ProblemError 422 with them where there are any, unless in a dry run
 */
export function wrongCellsOf(
  read: { readonly wrong: readonly WrongCell[]; readonly wrongCount: number },
  found: readonly WrongCell[],
  dryRun: boolean,
): { readonly wrong: WrongCell[]; readonly wrongCount: number } {
  const wrong = [...read.wrong, ...found].slice(0, LISTED);
  const wrongCount = read.wrongCount + found.length;
  if (dryRun || wrongCount === 0) return { wrong, wrongCount };
  const errors = wrong.map((one) => ({
    field: [one.sheet, one.cell].filter((part) => part !== null).join('!'),
    ...one,
  }));
  const first = errors[0];
  const detail = `${wrongCount} cells cannot be taken, and nothing was recorded; the first: ${first?.field}: ${first?.wrong}`;
  throw problem(422, 'wrong_cells', detail, { errors, wrongCount });
}

/** A row for each park in scope and each of its enterprises. @throws ProblemError 422 where there are too many */
export function templateRows(
  request: FastifyRequest,
  registry: ApiDeps['registry'],
  { lang, park }: { readonly lang: Language; readonly park?: string | undefined },
): TemplateRow[] {
  const nameIn = (named: { readonly nameZh: string; readonly nameEn: string }) =>
    lang === 'zh' ? named.nameZh : named.nameEn;
  const rows = parksAsked(request, registry, park).flatMap((one) => [
    { park: one.id, enterprise: null, name: nameIn(one) },
    ...registry.enterprises(one.id).map((firm) => ({ park: one.id, enterprise: firm.id, name: nameIn(firm) })),
  ]);
  if (rows.length > TEMPLATE_ROWS) {
    const detail = `the template would have ${rows.length} rows, ${TEMPLATE_ROWS} at most; ask for one park: park=`;
    throw problem(422, 'result_too_large', detail, { limit: TEMPLATE_ROWS });
  }
  return rows;
}

/** Sends a file that is made; `name` without its ending. @throws ProblemError 503 while too many files are made */
export async function sendFile(reply: FastifyReply, kind: FileKind, name: string, made: Promise<Uint8Array>) {
  const file = await made.catch(refuseFile);
  const type = kind === 'csv' ? `${FILE_TYPES.csv}; charset=utf-8; header=present` : FILE_TYPES.xlsx;
  reply.header('content-disposition', `attachment; filename="${name}.${kind}"`).type(type);
  return reply.serializer((bytes: unknown) => bytes as string).send(Buffer.from(file));
}
