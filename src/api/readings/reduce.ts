import { createLTTB } from 'downsample';
import type { RawChunk, SeriesKey } from '../../historian/port.js';
import type { FilledChunk } from './fill.js';

/** One point of a plot; `row` brings its other columns back. */
interface PlotPoint<R> {
  readonly x: number;
  readonly y: number;
  readonly row: R;
}

/** Points kept before the triangles are formed, for each one wanted: enough that none of them shows. */
const KEPT_PER_POINT = 8;
const lttb = createLTTB<PlotPoint<unknown>>({ x: (point) => point.x, y: (point) => point.y });

/**
 * Some points of a series that look like all of it in a plot: the largest triangles of three buckets (Steinarsson 2013)
 * over, where there are very many, the least and greatest of equally long runs (as MinMaxLTTB does). Holds a few times
 * as many points as are wanted, however many come. All of them are real points; the first and last are among them.
 */
class Reducer<R> {
  private kept: PlotPoint<R>[] = [];
  /** Points in a run that leaves its least and greatest. */
  private run = 1;
  private inRun = 0;
  private least!: PlotPoint<R>;
  private greatest!: PlotPoint<R>;
  private first: PlotPoint<R> | null = null;
  private last: PlotPoint<R> | null = null;

  constructor(private readonly points: number) {}

  push(point: PlotPoint<R>): void {
    this.first ??= point;
    this.last = point;
    if (this.inRun === 0 || point.y < this.least.y) this.least = point;
    if (this.inRun === 0 || point.y > this.greatest.y) this.greatest = point;
    this.inRun += 1;
    if (this.inRun < this.run) return;
    this.endRun();
    if (this.kept.length >= 2 * KEPT_PER_POINT * this.points) this.thin();
  }

  done(): PlotPoint<R>[] {
    if (this.inRun > 0) this.endRun();
    const { kept, first, last } = this;
    if (first === null || last === null) return [];
    if (kept[0] !== first) kept.unshift(first);
    if (kept.at(-1) !== last) kept.push(last);
    return kept.length <= this.points ? kept : (lttb(kept, this.points) as PlotPoint<R>[]);
  }

  private endRun(): void {
    const [earlier, later] =
      this.least.x <= this.greatest.x ? [this.least, this.greatest] : [this.greatest, this.least];
    this.kept.push(earlier);
    if (later !== earlier) this.kept.push(later);
    this.inRun = 0;
  }

  /** Four neighbours give way to the least and greatest of them; what comes is thinned to match. */
  private thin(): void {
    const before = this.kept;
    this.kept = [];
    for (let i = 0; i < before.length; i += 4) {
      const some = before.slice(i, i + 4);
      this.least = some.reduce((least, point) => (point.y < least.y ? point : least));
      this.greatest = some.reduce((greatest, point) => (point.y > greatest.y ? point : greatest));
      this.endRun();
    }
    this.run = this.run === 1 ? 4 : this.run * 2;
  }
}

/** Runs `reduce` over the stretches of one series after the other. */
async function* bySeries<C extends { readonly series: SeriesKey }, R>(
  chunks: AsyncIterable<C>,
  points: number,
  push: (chunk: C, reducer: Reducer<R>) => void,
  build: (series: SeriesKey, points: readonly PlotPoint<R>[]) => C,
): AsyncGenerator<C> {
  let series: SeriesKey | null = null;
  let reducer = new Reducer<R>(points);
  for await (const chunk of chunks) {
    if (series !== null && (series.device !== chunk.series.device || series.metric !== chunk.series.metric)) {
      yield build(series, reducer.done());
      reducer = new Reducer(points);
    }
    series = chunk.series;
    push(chunk, reducer);
  }
  if (series !== null) yield build(series, reducer.done());
}

type RawRow = readonly [flag: number, quality: number, receivedAt: number];

/** At most `points` readings of each series, whatever their quality. */
export function reduceRaw(chunks: AsyncIterable<RawChunk>, points: number): AsyncGenerator<RawChunk> {
  return bySeries<RawChunk, RawRow>(
    chunks,
    points,
    ({ ts, value, flag, quality, receivedAt }, reducer) => {
      for (let i = 0; i < ts.length; i += 1) {
        reducer.push({ x: ts[i]!, y: value[i]!, row: [flag[i]!, quality[i]!, receivedAt[i]!] });
      }
    },
    (series, kept) => ({
      series,
      ts: Float64Array.from(kept, ({ x }) => x),
      value: Float64Array.from(kept, ({ y }) => y),
      flag: Uint8Array.from(kept, ({ row }) => row[0]),
      quality: Uint8Array.from(kept, ({ row }) => row[1]),
      receivedAt: Float64Array.from(kept, ({ row }) => row[2]),
    }),
  );
}

/** At most `points` windows of each series. */
export function reduceWindows(chunks: AsyncIterable<FilledChunk>, points: number): AsyncGenerator<FilledChunk> {
  return bySeries<FilledChunk, number>(
    chunks,
    points,
    ({ start, value, filled }, reducer) => {
      for (let i = 0; i < start.length; i += 1) reducer.push({ x: start[i]!, y: value[i]!, row: filled[i]! });
    },
    (series, kept) => ({
      series,
      start: Float64Array.from(kept, ({ x }) => x),
      value: Float64Array.from(kept, ({ y }) => y),
      filled: Uint8Array.from(kept, ({ row }) => row),
    }),
  );
}
