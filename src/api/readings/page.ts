import type { HistorianQueries, RawChunk, SeriesKey } from '../../historian/port.js';
import { invalidFields } from '../problem.js';
import { type PagePosition, writeCursor } from './cursor.js';

export interface Page {
  readonly chunks: readonly RawChunk[];
  readonly nextCursor: string | null;
}

/** Reads one page of raw readings: at most `limit`, a bounded amount that is held in memory. */
export async function readPage(
  historian: Pick<HistorianQueries, 'raw'>,
  keys: readonly SeriesKey[],
  range: { readonly from: number; readonly to: number },
  limit: number,
  position: PagePosition | null,
): Promise<Page> {
  const chunks: RawChunk[] = [];
  let room = limit;
  for await (const chunk of readingsBehind(historian, keys, range, position)) {
    const taken = Math.min(room, chunk.ts.length);
    if (taken > 0) chunks.push(taken < chunk.ts.length ? slice(chunk, taken) : chunk);
    room -= taken;
    if (taken < chunk.ts.length) return { chunks, nextCursor: cursorBehind(chunks, range) };
  }
  return { chunks, nextCursor: null };
}

async function* readingsBehind(
  historian: Pick<HistorianQueries, 'raw'>,
  keys: readonly SeriesKey[],
  { from, to }: { readonly from: number; readonly to: number },
  position: PagePosition | null,
): AsyncGenerator<RawChunk> {
  // The reader stops at its limit and ends the query; a page has no bound of its own to run into.
  const limit = Number.MAX_SAFE_INTEGER;
  if (position === null) {
    yield* historian.raw({ series: keys, from, to, limit });
    return;
  }
  const index = keys.findIndex((key) => key.device === position.device && key.metric === position.metric);
  if (index < 0) throw invalidFields([{ field: 'query.cursor', expected: 'a cursor of the same devices and metrics' }]);
  if (position.after + 1 < to) {
    yield* historian.raw({ series: keys.slice(index, index + 1), from: position.after + 1, to, limit });
  }
  if (index + 1 < keys.length) yield* historian.raw({ series: keys.slice(index + 1), from, to, limit });
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
