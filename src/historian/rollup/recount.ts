import { lineAlone } from '../../domain/counter/state.js';
import type { SeriesKey } from '../port.js';
import { type RollupStore, seriesName } from './port.js';
import { RowWriter } from './write.js';

/**
 * Those of the series whose hours from `from` on are to be counted by another bound: those with hours before `rolledTo`.
 * The hour before hands on its line alone: by what another bound took for glitches and other lines, they would be again.
 */
export async function seriesSince(
  store: RollupStore,
  series: readonly SeriesKey[],
  from: number,
  rolledTo: number,
): Promise<readonly SeriesKey[]> {
  const newest = await store.lastBefore(series, rolledTo);
  const touched = series.filter((one) => (newest.get(seriesName(one))?.start ?? Number.NEGATIVE_INFINITY) >= from);
  const before = await store.lastBefore(touched, from);
  const writer = new RowWriter(store, 'hour');
  for (const one of touched) {
    const row = before.get(seriesName(one));
    if (row?.carry.counter == null) continue;
    await writer.add(one, [{ ...row, carry: { ...row.carry, counter: lineAlone(row.carry.counter) } }]);
  }
  await writer.flush();
  return touched;
}
