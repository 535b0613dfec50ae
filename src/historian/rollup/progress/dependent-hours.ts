import { DAY_MS } from '../../../model/time/duration.js';
import type { SeriesKey } from '../../port/queries.js';
import { type Carry, MAX_HOLD_MS } from '../model/bucket.js';
import type { RollupStore } from '../port.js';

/**
 * The first hour at or after `at` that depends on what is handed on there, one way or the other: the very next one if
 * a value still holds, else the next that has a row. Null when there is none before `rolledTo`.
 */
export async function nextDependent(
  store: RollupStore,
  series: SeriesKey,
  carries: readonly (Carry | null)[],
  at: number,
  rolledTo: number,
): Promise<number | null> {
  if (at >= rolledTo) return null;
  if (carries.some((carry) => carry?.last && carry.last.ts + MAX_HOLD_MS > at)) return at;
  let from = at;
  for (let span = DAY_MS; from < rolledTo; span *= 4) {
    const to = Math.min(from + span, rolledTo);
    for await (const { rows } of store.read('hour', [series], from, to)) {
      const [first] = rows;
      if (first !== undefined) return first.start;
    }
    from = to;
  }
  return null;
}
