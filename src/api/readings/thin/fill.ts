import type { WindowChunk } from '../../../historian/port/queries.js';

/** What stands in a window without a value. `previous`: the value before it. `linear`: the line between its neighbours. */
export const FILLS = ['none', 'previous', 'linear'] as const;
export type Fill = (typeof FILLS)[number];

/** Windows of which some may be invented; `filled` is 1 for those. */
export interface FilledChunk extends WindowChunk {
  readonly filled: Uint8Array;
}

const CHUNK_WINDOWS = 8_192;

/** The windows as they are. */
export async function* unfilled(chunks: AsyncIterable<WindowChunk>): AsyncGenerator<FilledChunk> {
  for await (const chunk of chunks) yield { ...chunk, filled: new Uint8Array(chunk.start.length) };
}

/**
 * Windows with the gaps between them filled. Nothing stands before the first value of a series; `previous` goes on behind
 * the last one, as far as windows that begin before `now` (epoch ms), `linear` does not.
 */
export async function* fillWindows(
  chunks: AsyncIterable<WindowChunk>,
  edges: Float64Array,
  fill: Exclude<Fill, 'none'>,
  now: number,
): AsyncGenerator<FilledChunk> {
  let current: SeriesFill | null = null;
  for await (const chunk of chunks) {
    if (current === null || !current.isOf(chunk)) {
      if (current !== null) yield* current.end(now);
      current = new SeriesFill(chunk.series, edges, fill);
    }
    yield* current.accept(chunk);
  }
  if (current !== null) yield* current.end(now);
}

class SeriesFill {
  private index = -1;
  private value = Number.NaN;
  private start: number[] = [];
  private values: number[] = [];
  private filled: number[] = [];

  constructor(
    private readonly series: WindowChunk['series'],
    private readonly edges: Float64Array,
    private readonly fill: Exclude<Fill, 'none'>,
  ) {}

  isOf({ series }: WindowChunk): boolean {
    return series.device === this.series.device && series.metric === this.series.metric;
  }

  *accept({ start, value }: WindowChunk): Generator<FilledChunk> {
    for (let i = 0; i < start.length; i += 1) {
      const from = this.index;
      let to = from + 1;
      while (this.edges[to]! < start[i]!) to += 1;
      if (from >= 0) yield* this.between(from, to, value[i]!);
      this.index = to;
      this.value = value[i]!;
      yield* this.put(to, this.value, 0);
    }
    yield* this.flush();
  }

  *end(now: number): Generator<FilledChunk> {
    if (this.fill !== 'previous') return;
    for (let i = this.index + 1; i < this.edges.length - 1 && this.edges[i]! < now; i += 1) {
      yield* this.put(i, this.value, 1);
    }
    yield* this.flush();
  }

  private *between(from: number, to: number, next: number): Generator<FilledChunk> {
    const [a, b] = [this.edges[from]!, this.edges[to]!];
    for (let i = from + 1; i < to; i += 1) {
      const share = (this.edges[i]! - a) / (b - a);
      yield* this.put(i, this.fill === 'previous' ? this.value : this.value + (next - this.value) * share, 1);
    }
  }

  private *put(index: number, value: number, filled: 0 | 1): Generator<FilledChunk> {
    this.start.push(this.edges[index]!);
    this.values.push(value);
    this.filled.push(filled);
    if (this.start.length >= CHUNK_WINDOWS) yield* this.flush();
  }

  private *flush(): Generator<FilledChunk> {
    if (this.start.length === 0) return;
    const { series } = this;
    const [start, value] = [Float64Array.from(this.start), Float64Array.from(this.values)];
    yield { series, start, value, filled: Uint8Array.from(this.filled) };
    [this.start, this.values, this.filled] = [[], [], []];
  }
}
