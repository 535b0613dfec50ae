import { ResultTooLargeError } from '../../port/errors.js';
import type { RawChunk, RawQuery, SeriesKey } from '../../port/queries.js';
import type { TimeSpan } from '../../port/stats.js';
import { ask, domainSpans, type InfluxSource } from '../influx-source.js';
import { slice } from './pages.js';
import { groupsOf, seriesReadings } from './series-reader.js';
import { countStatement, isName } from './statements.js';

/** Readings buffered until the answer is known to stay within its limit; for more, a count runs first. */
const HELD_READINGS = 65_536;
/** Most readings of one chunk. */
const CHUNK_READINGS = 8_192;

/** @throws ResultTooLargeError before the first chunk */
export async function* influxRawChunks(
  source: InfluxSource,
  query: RawQuery,
): AsyncGenerator<RawChunk, void, undefined> {
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
  // Copies: the thread transfers a chunk's buffers.
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

/** Number of readings of any quality within retention, of each series in order. */
export async function counts(source: InfluxSource, series: readonly SeriesKey[], span: TimeSpan): Promise<number[]> {
  const all: number[] = [];
  for await (const counted of countedGroups(source, series, span)) all.push(...counted);
  return all;
}

/** The same, some series at a time. */
async function* countedGroups(
  source: InfluxSource,
  series: readonly SeriesKey[],
  span: TimeSpan,
): AsyncGenerator<readonly number[], void, undefined> {
  for (const group of groupsOf(series)) {
    const rows: number[] = group.series.map(() => 0);
    const asked = [...rows.keys()].filter((i) => isName(group.series[i]!.metric));
    const metrics = asked.map((i) => group.series[i]!.metric);
    for (const { domain, ...part } of asked.length === 0 ? [] : domainSpans(source, group.device, span)) {
      for await (const block of ask(source, countStatement(domain, group.device, metrics, part))) {
        asked.forEach((i, k) => {
          const [n] = block.numbers(k + 1);
          rows[i]! += n === undefined || Number.isNaN(n) ? 0 : n;
        });
      }
    }
    yield rows;
  }
}
