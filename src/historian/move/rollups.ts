import { ROLLUP_LEVELS, type RollupRows } from '../rollup/port.js';
import { seriesOf } from './copy.js';
import type { MovedDevice } from './messages.js';
import type { MovableStore } from './port.js';

const SERIES_AT_ONCE = 50;
const YEAR_MS = 366 * 86_400_000;
/** Readings before this are refused at ingest, so no roll-up is older. */
const BEGIN = Date.UTC(2019, 11, 30);

/**
 * Copies the roll-ups from before `rawFrom`, whose readings are gone; the target makes the later ones itself, from the
 * readings and on from what the last copied hour carries.
 */
export async function copyRollups(
  from: MovableStore,
  to: MovableStore,
  devices: readonly MovedDevice[],
  rawFrom: number,
  signal: AbortSignal,
): Promise<void> {
  const series = seriesOf(devices);
  for (const level of ROLLUP_LEVELS) {
    for (let i = 0; i < series.length; i += SERIES_AT_ONCE) {
      const some = series.slice(i, i + SERIES_AT_ONCE);
      for (let start = BEGIN; start < rawFrom; start += YEAR_MS) {
        signal.throwIfAborted();
        const rows: RollupRows[] = [];
        for await (const one of from.rollups.read(level, some, start, Math.min(rawFrom, start + YEAR_MS)))
          rows.push(one);
        if (rows.length > 0) await to.rollups.write(level, rows);
      }
    }
  }
}
