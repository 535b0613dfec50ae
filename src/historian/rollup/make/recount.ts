import { lineAlone } from '../../../model/counter/state.js';
import type { SeriesKey } from '../../port/queries.js';
import { type RollupStore, type SeriesRollups, seriesName } from '../port.js';
import { apart } from './apart.js';
import { RollupWriter } from './rollup-writer.js';

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
  const found: SeriesKey[] = [];
  const rows: SeriesRollups[] = [];
  const look = async (some: readonly SeriesKey[]) => {
    const newest = await store.lastBefore(some, rolledTo);
    const since = some.filter((one) => (newest.get(seriesName(one))?.start ?? Number.NEGATIVE_INFINITY) >= from);
    const before = await store.lastBefore(since, from);
    found.push(...since);
    for (const one of since) {
      const row = before.get(seriesName(one));
      if (row?.carry.counter == null) continue;
      const carry = { ...row.carry, counter: lineAlone(row.carry.counter) };
      rows.push({ series: one, rows: [{ ...row, carry }] });
    }
  };
  // One whose hours cannot be read may have some: it is found out when they are corrected.
  for (const { item } of await apart(series, look)) found.push(item);
  const writer = new RollupWriter(store, 'hour', (one) => found.push(one));
  for (const one of rows) await writer.add(one.series, one.rows);
  await writer.flush();
  return found;
}
