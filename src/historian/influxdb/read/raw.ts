import { ResultTooLargeError } from '../../port/errors.js';
import type { RawChunk, RawQuery } from '../../port/queries.js';
import type { InfluxSource } from '../influx-source.js';
import { countedGroups } from './counts.js';
import { slice } from './pages.js';
import { seriesReadings } from './series-reader.js';

/** Readings held back until it is known whether the answer stays within its limit; beyond, they are counted first. */
const HELD_READINGS = 65_536;
/** Readings in one chunk at most. */
const CHUNK_READINGS = 8_192;

/** @throws ResultTooLargeError before the first chunk */
export async function* rawChunks(source: InfluxSource, query: RawQuery): AsyncGenerator<RawChunk, void, undefined> {
  const held: RawChunk[] = [];
  let rows = 0;
  let bounded = query.limit < Number.MAX_SAFE_INTEGER;
  for await (const readings of seriesReadings(source, query.series, query, { delays: true })) {
    if (!bounded) {
      yield* chunks(readings);
      continue;
    }
    rows += readings.ts.length;
    if (rows > query.limit) throw new ResultTooLargeError(query.limit);
    held.push(...chunks(readings));
    if (rows < HELD_READINGS) continue;
    if (await isMore(source, query)) throw new ResultTooLargeError(query.limit);
    bounded = false;
    yield* held.splice(0);
  }
  yield* held;
}

function* chunks(readings: RawChunk): Generator<RawChunk> {
  const { series, ts } = readings;
  if (ts.length <= CHUNK_READINGS) {
    yield readings;
    return;
  }
  // Copies: a chunk's buffers are given away.
  for (let from = 0; from < ts.length; from += CHUNK_READINGS) {
    yield { series, ...slice(readings, from, from + CHUNK_READINGS) };
  }
}

async function isMore(source: InfluxSource, { series, limit, ...span }: RawQuery): Promise<boolean> {
  let rows = 0;
  for await (const counted of countedGroups(source, series, span)) {
    rows += counted.reduce((sum, n) => sum + n, 0);
    if (rows > limit) return true;
  }
  return false;
}
