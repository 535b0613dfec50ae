import type { SeriesKey } from '../port.js';
import type { RollupLevel, RollupRow, RollupRows, RollupStore } from './port.js';

/** Rows that are written together at most. */
const ROWS_AT_ONCE = 16_384;

/** Gathers rows and writes many at once. */
export class RowWriter {
  written = 0;
  private waiting: RollupRows[] = [];
  private rows = 0;

  constructor(
    private readonly store: RollupStore,
    private readonly level: RollupLevel,
  ) {}

  async add(series: SeriesKey, rows: readonly RollupRow[]): Promise<void> {
    if (rows.length === 0) return;
    this.waiting.push({ series, rows });
    this.rows += rows.length;
    if (this.rows >= ROWS_AT_ONCE) await this.flush();
  }

  async flush(): Promise<void> {
    if (this.rows === 0) return;
    await this.store.write(this.level, this.waiting);
    this.written += this.rows;
    this.waiting = [];
    this.rows = 0;
  }
}
