import type { HistorianQueries, SeriesKey } from '../port/queries.js';
import type { TimeSpan } from '../port/stats.js';
import { seriesName } from '../rollup/port.js';
import type { MovableStore } from './port.js';

/** Series counted in one question. */
const AT_ONCE = 5_000;

export interface Difference extends SeriesKey {
  readonly what: 'readings' | 'rolled up';
  readonly source: number;
  readonly target: number;
}

interface CheckOptions {
  readonly from: MovableStore;
  readonly to: MovableStore;
  readonly series: readonly SeriesKey[];
  /** Stretch whose readings are counted, of whatever quality. */
  readonly span: TimeSpan;
  /** Stretch of whole hours whose roll-ups are compared, by the good readings they were made of; null for none. */
  readonly rolledUp: TimeSpan | null;
  /** The target may hold more: it held readings of its own. */
  readonly mayHoldMore: boolean;
  readonly signal: AbortSignal;
  /** Called with how many series are compared by now. */
  readonly onCompared: (series: number) => void;
}

/** Counts every series in both stores. */
export async function compareCounts(
  options: CheckOptions,
): Promise<{ readonly readings: number; readonly different: readonly Difference[] }> {
  const { from, to, series, span, rolledUp, mayHoldMore, signal, onCompared } = options;
  const different: Difference[] = [];
  let readings = 0;
  const compare = (what: Difference['what'], keys: readonly SeriesKey[], counts: readonly (readonly number[])[]) => {
    keys.forEach((key, i) => {
      const [source, target] = counts.map((of) => of[i]!) as [number, number];
      if (what === 'readings') readings += source;
      if (mayHoldMore ? target < source : target !== source) different.push({ ...key, what, source, target });
    });
  };
  for (let i = 0; i < series.length; i += AT_ONCE) {
    signal.throwIfAborted();
    const some = series.slice(i, i + AT_ONCE);
    compare('readings', some, await Promise.all([from, to].map((store) => store.counts(some, span.from, span.to))));
    if (rolledUp !== null) {
      compare('rolled up', some, await Promise.all([from, to].map((store) => goodCounts(store, some, rolledUp))));
    }
    onCompared(Math.min(i + AT_ONCE, series.length));
  }
  return { readings, different };
}

async function goodCounts(
  store: Pick<HistorianQueries, 'windows'>,
  series: readonly SeriesKey[],
  { from, to }: TimeSpan,
): Promise<number[]> {
  const found = new Map<string, number>();
  const query = { series, edges: Float64Array.of(from, to), fn: 'count' } as const;
  for await (const { series: key, value } of store.windows(query)) found.set(seriesName(key), value[0] ?? 0);
  return series.map((key) => found.get(seriesName(key)) ?? 0);
}
