import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { invalidField } from './problem.js';

/** `limit` and `cursor` of a paged list. */
export const pagingQuery = (most = 1_000, usual = 100) => ({
  limit: z.coerce.number().int().min(1).max(most).default(usual).describe('items of one page'),
  cursor: z.string().max(200).optional().describe('`nextCursor` of the page before, with the same filters'),
});

/** The same for a list ordered by row id, the newest first. */
export const newestFirstQuery = (most = 1_000) => ({
  limit: z.coerce.number().int().min(1).max(most).default(100).describe('items of one page'),
  cursor: z.coerce.number().int().min(1).optional().describe('`nextCursor` of the page before, with the same filters'),
});

/** The answer of a paged list. */
export const pageOf = <T extends z.ZodType>(item: T, order: string) =>
  z.strictObject({
    items: z.array(item).describe(order),
    nextCursor: z.string().nullable().describe('asks for the next page; null at the end'),
  });

interface Page<T> {
  readonly items: T[];
  readonly nextCursor: string | null;
}

/**
 * Cuts a page out of `all`, whose keys rise, behind the item in the cursor. Items added or removed meanwhile neither
 * repeat nor skip others.
 * @throws ProblemError 422 when the service did not make the cursor
 */
export function pageAfter<T>(
  all: readonly T[],
  keyOf: (item: T) => string,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): Page<T> {
  const after = cursor === undefined ? null : readCursor(cursor);
  const start = after === null ? 0 : all.findIndex((item) => keyOf(item) > after);
  const items = start < 0 ? [] : all.slice(start, start + limit);
  const last = items.at(-1);
  const more = last !== undefined && start + limit < all.length;
  return { items, nextCursor: more ? writeCursor(keyOf(last)) : null };
}

/** A page of the rows read; the caller read one more than `limit`. */
export function pageRead<T>(found: readonly T[], limit: number, keyOf: (last: T) => number): Page<T> {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: last !== undefined && found.length > limit ? String(keyOf(last)) : null };
}

/** Links the next page in the header, RFC 8288. */
export function linkNext(reply: FastifyReply, cursor: string | null): void {
  if (cursor === null) return;
  const url = new URL(reply.request.url, 'http://localhost');
  url.searchParams.set('cursor', cursor);
  reply.header('link', `<${url.pathname}${url.search}>; rel="next"`);
}

/** Cursors with values of the schema. Reading one throws ProblemError 422 when the service did not make the text. */
export const cursors = <T extends z.ZodType>(schema: T) => ({
  write: (values: z.output<T>): string => Buffer.from(JSON.stringify(values)).toString('base64url'),
  read(text: string): z.output<T> {
    try {
      return schema.parse(JSON.parse(Buffer.from(text, 'base64url').toString()));
    } catch {
      throw notOurs();
    }
  },
});

const notOurs = () => invalidField('query.cursor', 'the nextCursor of the page before');

function writeCursor(key: string): string {
  return Buffer.from(key).toString('base64url');
}

function readCursor(cursor: string): string {
  const key = Buffer.from(cursor, 'base64url').toString();
  if (writeCursor(key) === cursor) return key;
  throw notOurs();
}
