import { LTTBIndexesForBuckets } from 'downsample/methods/LTTB.js';
import type { RawChunk, SeriesKey } from '../../../historian/port/queries.js';
import { Envelope, type RowColumns } from './envelope.js';
import type { FilledChunk } from './fill.js';

/**
 * At most `points` readings of each series that look like all of it in a plot, whatever their quality: real ones, the
 * first and the last among them. It is done here and not in the historian's thread because a chunk takes a small part
 * of a millisecond, far less than reading it took there.
 */
export function reduceRaw(chunks: AsyncIterable<RawChunk>, points: number): AsyncGenerator<RawChunk> {
  return bySeries<RawChunk>(
    chunks,
    points,
    ({ ts, value, flag, quality, receivedAt }) => [ts, value, flag, quality, receivedAt],
    (series, columns) => {
      const [ts, value, flag, quality, receivedAt] = columns as RawColumns;
      return { series, ts, value, flag, quality, receivedAt };
    },
  );
}

/** At most `points` windows of each series. */
export function reduceWindows(chunks: AsyncIterable<FilledChunk>, points: number): AsyncGenerator<FilledChunk> {
  return bySeries<FilledChunk>(
    chunks,
    points,
    ({ start, value, filled }) => [start, value, filled],
    (series, columns) => {
      const [start, value, filled] = columns as WindowColumns;
      return { series, start, value, filled };
    },
  );
}

type RawColumns = readonly [Float64Array, Float64Array, Uint8Array, Uint8Array, Float64Array];
type WindowColumns = readonly [Float64Array, Float64Array, Uint8Array];

async function* bySeries<C extends { readonly series: SeriesKey }>(
  chunks: AsyncIterable<C>,
  points: number,
  columnsOf: (chunk: C) => RowColumns,
  build: (series: SeriesKey, columns: RowColumns) => C,
): AsyncGenerator<C> {
  let current: { readonly series: SeriesKey; readonly envelope: Envelope } | null = null;
  for await (const chunk of chunks) {
    const { series } = chunk;
    if (current?.series.device !== series.device || current.series.metric !== series.metric) {
      if (current !== null) yield build(current.series, reduced(current.envelope, points));
      current = { series, envelope: new Envelope(points) };
    }
    current.envelope.push(columnsOf(chunk));
  }
  if (current !== null) yield build(current.series, reduced(current.envelope, points));
}

function reduced(envelope: Envelope, points: number): RowColumns {
  const columns = envelope.done();
  const [time, value] = columns as WindowColumns;
  if (time.length <= points) return columns;
  const chosen = largestTriangles(time, value, points);
  return columns.map((column) => {
    const of = (i: number) => column[i]!;
    return column instanceof Uint8Array ? Uint8Array.from(chosen, of) : Float64Array.from(chosen, of);
  });
}

/**
 * Which `points` of more points make the same picture: the largest triangles of three buckets (Steinarsson 2013). Rising
 * indices, the first and the last point among them. The library's own buckets lose the last point where their lengths
 * are not exact in floating point, so they are cut here, in whole numbers.
 */
export function largestTriangles(x: Float64Array, y: Float64Array, points: number): readonly number[] {
  const scale = greatest(y);
  const bucket = (from: number, to: number) => {
    const pairs: [number, number][] = [];
    // Near zero, where no area leaves the numbers: the picture is the same at any scale.
    for (let i = from; i < to; i += 1) pairs.push([x[i]! - x[0]!, y[i]! / scale]);
    return pairs;
  };
  const between = x.length - 2;
  const edge = (n: number) => 1 + Math.floor((n * between) / (points - 2));
  const buckets = [bucket(0, 1)];
  for (let n = 0; n < points - 2; n += 1) buckets.push(bucket(edge(n), edge(n + 1)));
  buckets.push(bucket(x.length - 1, x.length));
  return LTTBIndexesForBuckets(buckets);
}

function greatest(values: Float64Array): number {
  let most = 0;
  for (const value of values) if (Math.abs(value) > most) most = Math.abs(value);
  return most || 1;
}
