import type { AskedSeries } from './series.js';

/** A stretch of one series as columns; RawChunk and WindowChunk both are. */
export interface Columns {
  readonly series: { readonly device: string; readonly metric: string };
  readonly value: Float64Array;
}

/** How an answer is written. Text is built by hand: an object and JSON.stringify per reading cost several times as much. */
export interface Format<C extends Columns> {
  readonly contentType: string;
  readonly head: string;
  /** Before the rows of a series. */
  open(series: AskedSeries, first: boolean): string;
  /** Writes row `i` of a chunk of the series. */
  rows(series: AskedSeries): (chunk: C, i: number) => string;
  readonly separator: string;
  readonly close: string;
  readonly tail: string;
}

/** Characters per piece: small, so that a slow reader holds little and other requests get their turn. */
const PIECE_LENGTH = 64 * 1024;

/**
 * The answer as text, piece by piece. Chunks come in the order of `asked`; a series without any is written empty.
 */
export async function* writeAnswer<C extends Columns>(
  asked: readonly AskedSeries[],
  chunks: AsyncIterable<C>,
  format: Format<C>,
): AsyncGenerator<Buffer> {
  let text = format.head;
  let index = -1;
  let row: (chunk: C, i: number) => string = () => '';
  let separator = '';
  const openNext = () => {
    const series = asked[++index];
    if (!series) throw new RangeError('a chunk of a series that was not asked for, or out of order');
    text += `${index > 0 ? format.close : ''}${format.open(series, index === 0)}`;
    row = format.rows(series);
    separator = '';
  };
  for await (const chunk of chunks) {
    while (!isOf(asked[index], chunk)) openNext();
    for (let i = 0; i < chunk.value.length; i++) {
      text += separator + row(chunk, i);
      separator = format.separator;
      if (text.length >= PIECE_LENGTH) {
        yield Buffer.from(text);
        text = '';
      }
    }
  }
  while (index < asked.length - 1) openNext();
  if (asked.length > 0) text += format.close;
  yield Buffer.from(text + format.tail);
}

function isOf(series: AskedSeries | undefined, { series: key }: Columns): boolean {
  return series?.key.device === key.device && series.key.metric === key.metric;
}
