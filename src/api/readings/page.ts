import type { HistorianQueries, RawChunk, SeriesKey } from '../../historian/port/queries.js';
import { invalidFields } from '../../http/problem.js';
import { type PagePosition, writeCursor } from './cursor.js';

export interface Page {
  readonly chunks: readonly RawChunk[];
  readonly nextCursor: string | null;
}

/** Reads one page of raw readings: at most `limit`, a bounded amount that is held in memory. Ends early once `gone`. */
export async function readPage(
  historian: Pick<HistorianQueries, 'raw'>,
  keys: readonly SeriesKey[],
  range: { readonly from: number; readonly to: number },
  limit: number,
  position: PagePosition | null,
  gone: () => boolean,
): Promise<Page> {
  const chunks: RawChunk[] = [];
  let room = limit;
  for await (const chunk of readingsBehind(historian, keys, range, limit, position, gone)) {
    const taken = Math.min(room, chunk.ts.length);
    if (taken > 0) chunks.push(taken < chunk.ts.length ? slice(chunk, taken) : chunk);
    room -= taken;
    if (taken < chunk.ts.length) return { chunks, nextCursor: cursorBehind(chunks, range) };
  }
  return { chunks, nextCursor: null };
}

/** Interval between readings that is assumed before any were seen. */
const ASSUMED_INTERVAL_MS = 10_000;
const MIN_STRETCH_MS = 60_000;

/**
 * The readings behind a position, asked for in stretches of time that hold about a page, so that a short page of a long
 * range does not cost the whole range.
 */
async function* readingsBehind(
  historian: Pick<HistorianQueries, 'raw'>,
  keys: readonly SeriesKey[],
  { from, to }: { readonly from: number; readonly to: number },
  limit: number,
  position: PagePosition | null,
  gone: () => boolean,
): AsyncGenerator<RawChunk> {
  let stretch = limit * ASSUMED_INTERVAL_MS;
  for (const [i, key] of keysBehind(keys, position).entries()) {
    let start = i === 0 && position !== null ? position.after + 1 : from;
    while (start < to && !gone()) {
      const end = Math.min(to, start + Math.max(stretch, MIN_STRETCH_MS));
      let rows = 0;
      // The reader stops at its page and so ends the query: there is no bound to run into.
      for await (const chunk of historian.raw({
        series: [key],
        from: start,
        to: end,
        limit: Number.MAX_SAFE_INTEGER,
      })) {
        rows += chunk.ts.length;
        yield chunk;
      }
      stretch = rows === 0 ? stretch * 16 : Math.ceil(((end - start) / rows) * limit * 1.5);
      start = end;
    }
  }
}

function keysBehind(keys: readonly SeriesKey[], position: PagePosition | null): readonly SeriesKey[] {
  if (position === null) return keys;
  const index = keys.findIndex((key) => key.device === position.device && key.metric === position.metric);
  if (index < 0) throw invalidFields([{ field: 'query.cursor', expected: 'a cursor of the same devices and metrics' }]);
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

function cursorBehind(chunks: readonly RawChunk[], { from, to }: { readonly from: number; readonly to: number }) {
  const last = chunks.at(-1);
  return last ? writeCursor({ from, to, ...last.series, after: last.ts.at(-1) ?? from }) : null;
}
