import type { SeriesKey } from '../../port/queries.js';
import { NO_CARRY } from '../model/bucket.js';
import type { Span } from '../model/fold.js';
import { emptyBucket } from '../model/merge.js';
import { type OnFailed, type Rollup, type RollupStore, seriesName, seriesNamed } from '../port.js';
import { collectRollups, dayRollup, sameRollup } from './hour-rollups.js';
import { RollupWriter } from './rollup-writer.js';

/**
 * Makes one day's row of every series from its hours, in place of what is there; returns the rows written. A series that
 * fails while others do not is told to `onFailed`.
 */
export async function makeDay(
  store: RollupStore,
  { start, end }: Span,
  onFailed: OnFailed,
  signal?: AbortSignal,
): Promise<number> {
  const writer = new RollupWriter(store, 'day', onFailed);
  const failed = new Set<string>();
  const onUnreadable: OnFailed = (one, error) => {
    failed.add(seriesName(one));
    onFailed(one, error);
  };
  const old = await collectRollups(store.readAll('day', start, start + 1, onUnreadable));
  let series: SeriesKey | null = null;
  let name = '';
  let hours: Rollup[] = [];
  const finish = async () => {
    const row = dayRollup(start, hours);
    if (series === null || row === null) return;
    const before = old.get(name)?.[0];
    old.delete(name);
    if (before === undefined || !sameRollup(before, row)) await writer.add(series, [row]);
  };
  for await (const part of store.readAll('hour', start, end, onUnreadable)) {
    const next = seriesName(part.series);
    if (next !== name) {
      signal?.throwIfAborted();
      await finish();
      [series, name, hours] = [part.series, next, []];
    }
    hours.push(...part.rows);
  }
  await finish();
  for (const one of failed) old.delete(one);
  await clearOthers(start, old, writer);
  await writer.flush();
  return writer.written;
}

/** Days without an hour that were made when days were cut otherwise: they have no reading now. */
async function clearOthers(
  start: number,
  old: ReadonlyMap<string, readonly Rollup[]>,
  writer: RollupWriter,
): Promise<void> {
  for (const [name, [row]] of old) {
    if (row === undefined || row.count === 0) continue;
    await writer.add(seriesNamed(name), [{ ...emptyBucket(start), carry: NO_CARRY }]);
  }
}
