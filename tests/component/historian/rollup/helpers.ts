import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import type { SeriesKey, WindowFunction } from '../../../../src/historian/port/queries.js';
import { seriesName } from '../../../../src/historian/rollup/port.js';
import { expectedWindows } from './oracle.js';
import { type Arrival, Park } from './park.js';

/** A folder that goes with the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'rollup-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A park that is closed with the test. */
export async function openPark(...options: [zone?: string, bounds?: { perSeries: number; inAll: number }]) {
  const park = new Park(join(await temporaryFolder(), 'rollup.sqlite'), ...options);
  onTestFinished(() => park.close());
  return park;
}

export const readings = (series: SeriesKey, points: readonly (readonly [ts: number, value: number])[]): Arrival[] =>
  points.map(([ts, value]) => ({ ...series, ts, value }));

/** The park answers like a fresh look at every reading it has. */
export async function expectTrue(
  park: Park,
  series: readonly SeriesKey[],
  edges: readonly number[],
  fns: readonly WindowFunction[] = ['mean', 'time_weighted_mean', 'count', 'last', 'delta'],
): Promise<void> {
  for (const fn of fns) {
    const answers = await park.windows(series, fn, edges);
    for (const key of series) {
      const points = park.source.goodOf(seriesName(key), Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
      const expected = expectedWindows(key.metric, points, fn, edges);
      expect(answers.get(seriesName(key)) ?? [], `${fn} of ${seriesName(key)}`).toEqual(expected);
    }
  }
}
