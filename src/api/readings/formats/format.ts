import type { SeriesKey } from '../../../historian/port/queries.js';
import type { AskedSeries } from '../series.js';

/** A stretch of one series as columns, as RawChunk and WindowChunk. */
export interface SeriesColumns {
  readonly series: SeriesKey;
  readonly value: Float64Array;
}

/** Writes row `i` of a chunk at an offset with room for MAX_ROW_BYTES; returns the offset behind it. */
type RowWriter<C extends SeriesColumns> = (chunk: C, i: number, into: Uint8Array, at: number) => number;

/** How to write an answer. Rows are bytes: JSON.stringify of an object per reading costs several times as much. */
export interface Format<C extends SeriesColumns> {
  readonly contentType: string;
  readonly head: string;
  /** Before the rows of a series. */
  open(series: AskedSeries, first: boolean): string;
  rows(series: AskedSeries): RowWriter<C>;
  /** Between two rows; one byte or none. */
  readonly separator: string;
  readonly close: string;
  readonly tail: string;
}

/** More than any row: two times, a number, fixed words, and in CSV the names and the unit of the series. */
const MAX_ROW_BYTES = 1024;
/** Bytes per piece: small, so that a slow reader holds little and other requests get their turn. */
const PIECE_BYTES = 64 * 1024;

/** Writes the answer in pieces. Chunks come in the order of `asked`; a series without any is written empty. */
export async function* writeAnswer<C extends SeriesColumns>(
  asked: readonly AskedSeries[],
  chunks: AsyncIterable<C>,
  format: Format<C>,
): AsyncGenerator<Buffer> {
  const separator = format.separator.charCodeAt(0);
  let index = -1;
  let first = true;
  let row: RowWriter<C> = (_chunk, _i, _into, at) => at;
  let text = format.head;
  const openNext = () => {
    const series = asked[++index];
    if (!series) throw new RangeError('a chunk belongs to no requested series, or is out of order');
    text += `${index > 0 ? format.close : ''}${format.open(series, index === 0)}`;
    row = format.rows(series);
    first = true;
  };
  for await (const chunk of chunks) {
    while (!isOf(asked[index], chunk)) openNext();
    if (text !== '') yield Buffer.from(text);
    text = '';
    for (let i = 0; i < chunk.value.length; ) {
      const piece = Buffer.allocUnsafe(PIECE_BYTES);
      let at = 0;
      for (; i < chunk.value.length && at < PIECE_BYTES - MAX_ROW_BYTES; i++) {
        if (!first && separator > 0) piece[at++] = separator;
        first = false;
        at = row(chunk, i, piece, at);
      }
      yield piece.subarray(0, at);
    }
  }
  while (index < asked.length - 1) openNext();
  if (asked.length > 0) text += format.close;
  yield Buffer.from(text + format.tail);
}

function isOf(series: AskedSeries | undefined, { series: key }: SeriesColumns): boolean {
  return series?.key.device === key.device && series.key.metric === key.metric;
}

/** The end of a window by its start, for starts that rise from call to call: one walk along the edges per series. */
export function windowEnds(edges: Float64Array): (start: number) => number {
  let index = 0;
  return (start) => {
    while (edges[index]! < start) index += 1;
    return edges[index + 1]!;
  };
}
