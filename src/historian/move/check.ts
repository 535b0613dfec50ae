import type { SeriesKey } from '../port.js';
import { seriesOf } from './copy.js';
import type { MovedDevice } from './messages.js';
import type { MovableStore } from './port.js';

/** Series counted in one question. */
const AT_ONCE = 100;

export interface Difference extends SeriesKey {
  readonly source: number;
  readonly target: number;
}

export interface Checked {
  readonly series: number;
  readonly readings: number;
  readonly different: readonly Difference[];
}

/** Counts every series in both stores; the source's readings have to be in the target, which may hold newer ones beyond. */
export async function compareCounts(
  from: MovableStore,
  to: MovableStore,
  devices: readonly MovedDevice[],
  range: { readonly from: number; readonly to: number; readonly signal: AbortSignal },
  progress: (done: number, series: number) => void,
): Promise<Checked> {
  const series = seriesOf(devices);
  const different: Difference[] = [];
  let readings = 0;
  for (let i = 0; i < series.length; i += AT_ONCE) {
    range.signal.throwIfAborted();
    const some = series.slice(i, i + AT_ONCE);
    const [sources, targets] = await Promise.all([
      from.counts(some, range.from, range.to),
      to.counts(some, range.from, range.to),
    ]);
    some.forEach((key, k) => {
      const [source, target] = [sources[k]!, targets[k]!];
      readings += source;
      if (source !== target) different.push({ ...key, source, target });
    });
    progress(Math.min(i + AT_ONCE, series.length), series.length);
  }
  return { series: series.length, readings, different };
}
