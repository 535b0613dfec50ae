import type { SeriesKey } from '../../port/queries.js';
import type { OnFailed, Rollup, RollupLevel, RollupStore, SeriesRollups } from '../port.js';
import { apart } from './apart.js';

/** Most rows of one write. */
const ROWS_AT_ONCE = 16_384;

/** Gathers rows and writes many at once. */
export class RollupWriter {
  rowsWritten = 0;
  private waiting: SeriesRollups[] = [];
  private rows = 0;

  constructor(
    private readonly store: RollupStore,
    private readonly level: RollupLevel,
    /** Without it, one series that cannot be written fails all of them. */
    private readonly onFailed?: OnFailed,
  ) {}

  async add(series: SeriesKey, rows: readonly Rollup[]): Promise<void> {
    if (rows.length === 0) return;
    this.waiting.push({ series, rollups: rows });
    this.rows += rows.length;
    if (this.rows >= ROWS_AT_ONCE) await this.flush();
  }

  async flush(): Promise<void> {
    if (this.rows === 0) return;
    const { store, level, onFailed } = this;
    const write = (rows: readonly SeriesRollups[]) => store.write(level, rows);
    if (onFailed === undefined) await write(this.waiting);
    else {
      for (const { item, error } of await apart(this.waiting, write)) {
        onFailed(item.series, error);
        this.rows -= item.rollups.length;
      }
    }
    this.rowsWritten += this.rows;
    this.waiting = [];
    this.rows = 0;
  }
}
