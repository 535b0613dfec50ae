import { z } from 'zod';
import type { HistorianQueries, RawChunk, RawQuery, SeriesKey } from '../../historian/port/queries.js';
import { cursors } from '../../http/paging.js';
import { invalidField } from '../../http/problem.js';
import { MAX_INSTANT, MIN_INSTANT } from '../../model/time/rfc3339.js';

/** End of a page: the next one begins after `after` in `series`, an index, of the query from `from` to `to`. */
interface PageCursor {
  readonly from: number;
  readonly to: number;
  readonly device: string;
  readonly metric: string;
  readonly after: number;
}

const time = z.number().min(MIN_INSTANT).max(MAX_INSTANT);
const pageCursor = cursors(z.tuple([time, time, z.string(), z.string(), time]));

function writeCursor({ from, to, device, metric, after }: PageCursor): string {
  return pageCursor.write([from, to, device, metric, after]);
}

/** @throws ProblemError 422 when the text is no cursor of these pages */
export function readCursor(text: string): PageCursor {
  const [from, to, device, metric, after] = pageCursor.read(text);
  return { from, to, device, metric, after };
}

interface PageQuery extends RawQuery {
  /** Start after this cursor; null: from the beginning. */
  readonly cursor: PageCursor | null;
  /** Whether the client has left. */
  readonly gone: () => boolean;
}

/** Reads one page of raw readings, at most `limit`, into memory. Ends early once `gone`. */
export async function readPage(
  historian: Pick<HistorianQueries, 'raw'>,
  query: PageQuery,
): Promise<{ readonly chunks: readonly RawChunk[]; readonly nextCursor: string | null }> {
  const chunks: RawChunk[] = [];
  let room = query.limit;
  for await (const chunk of readingsBehind(historian, query)) {
    const taken = Math.min(room, chunk.ts.length);
    if (taken > 0) chunks.push(taken < chunk.ts.length ? slice(chunk, taken) : chunk);
    room -= taken;
    if (taken < chunk.ts.length) return { chunks, nextCursor: cursorBehind(chunks, query) };
  }
  return { chunks, nextCursor: null };
}

/** Assumed interval between readings before any are read. */
const ASSUMED_INTERVAL_MS = 10_000;
const MIN_STRETCH_MS = 60_000;

/** The readings after a cursor, queried in stretches of about a page: a page must not cost the whole range. */
async function* readingsBehind(
  historian: Pick<HistorianQueries, 'raw'>,
  { series, from, to, limit, by, cursor, gone }: PageQuery,
): AsyncGenerator<RawChunk> {
  let stretch = limit * ASSUMED_INTERVAL_MS;
  for (const [i, key] of keysBehind(series, cursor).entries()) {
    let start = i === 0 && cursor !== null ? cursor.after + 1 : from;
    while (start < to && !gone()) {
      const end = Math.min(to, start + Math.max(stretch, MIN_STRETCH_MS));
      let rows = 0;
      // The reader stops at its page and so ends the query: it needs no limit.
      const part = {
        series: [key],
        from: start,
        to: end,
        limit: Number.MAX_SAFE_INTEGER,
        ...(by !== undefined && { by }),
      };
      for await (const chunk of historian.raw(part)) {
        rows += chunk.ts.length;
        yield chunk;
      }
      stretch = rows === 0 ? stretch * 16 : Math.ceil(((end - start) / rows) * limit * 1.5);
      start = end;
    }
  }
}

function keysBehind(keys: readonly SeriesKey[], cursor: PageCursor | null): readonly SeriesKey[] {
  if (cursor === null) return keys;
  const index = keys.findIndex((key) => key.device === cursor.device && key.metric === cursor.metric);
  if (index < 0) throw invalidField('query.cursor', 'a cursor of the same devices and metrics');
  return keys.slice(index);
}

function slice(chunk: RawChunk, length: number): RawChunk {
  return {
    series: chunk.series,
    ts: chunk.ts.subarray(0, length),
    value: chunk.value.subarray(0, length),
    flag: chunk.flag.subarray(0, length),
    quality: chunk.quality.subarray(0, length),
    receivedAt: chunk.receivedAt.subarray(0, length),
  };
}

function cursorBehind(chunks: readonly RawChunk[], { from, to }: PageQuery) {
  const last = chunks.at(-1);
  return last ? writeCursor({ from, to, ...last.series, after: last.ts.at(-1) ?? from }) : null;
}
