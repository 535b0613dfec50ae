import { setImmediate as nextTurn } from 'node:timers/promises';
import { HOUR_MS } from '../../../model/time/duration.js';
import Sqlite, { type Database } from '../../../sqlite.js';
import { openDurable } from '../../durable-file.js';
import type { SeriesKey } from '../../port/queries.js';
import {
  type OnFailed,
  type Rollup,
  type RollupLevel,
  type RollupStore,
  type SeriesRollups,
  seriesName,
} from '../../rollup/port.js';
import type { SeriesDictionary } from '../catalog/series-dictionary.js';
import { type Block, decodeBlock, encodeBlock } from './block.js';

/** Span of one block: 24 hours of hourly rows, 24 days of daily rows. */
const BLOCK_MS: Readonly<Record<RollupLevel, number>> = { hour: 24 * HOUR_MS, day: 24 * 24 * HOUR_MS };
const LEVEL_NUMBER: Readonly<Record<RollupLevel, number>> = { hour: 0, day: 1 };
const SCHEMA = 'CREATE TABLE IF NOT EXISTS rollups (key INTEGER PRIMARY KEY, data BLOB NOT NULL, carries TEXT)';
/** Blocks per key: 2^19 before and after 1970. */
const BLOCKS = 2 ** 20;
const SERIES = 2 ** 31;

/** Blocks per write transaction, some ten milliseconds: the longest that a query or a batch waits for it. */
const WRITE_BLOCKS = 512;
/** Blocks read at once: an open query holds them in memory while its reader is slow. */
const READ_BLOCKS = 512;

/** Series scanned before other work of the thread runs. */
const SERIES_AT_ONCE = 256;

type Numbers = Pick<SeriesDictionary, 'find' | 'entry' | 'size' | 'sync'>;

/**
 * The lake's roll-ups in a SQLite table: blocks of rows by (level, series, start). Reading a block is five times as
 * fast as reading its rows one by one, and a write changes as many pages. There is no other copy of them.
 */
export class RollupTable implements RollupStore {
  private readonly put;
  private readonly one;
  private readonly range;
  private readonly newest;

  private constructor(
    private readonly db: Database,
    private readonly series: Numbers,
  ) {
    const columns = 'SELECT key, data, carries FROM rollups WHERE key';
    this.put = db.prepare<[number, Uint8Array, string | null]>('INSERT OR REPLACE INTO rollups VALUES (?, ?, ?)');
    this.one = db.prepare<[number], KeyedBlock>(`${columns} = ?`);
    this.range = db.prepare<[number, number], KeyedBlock>(
      `${columns} BETWEEN ? AND ? ORDER BY key LIMIT ${READ_BLOCKS}`,
    );
    this.newest = db.prepare<[number, number], KeyedBlock>(`${columns} BETWEEN ? AND ? ORDER BY key DESC`);
  }

  /** @param path of the file, created if missing */
  static open(path: string, series: Numbers): RollupTable {
    return openDurable(path, SCHEMA, (db) => new RollupTable(db, series));
  }

  /** Lets other work of the thread run between transactions; one transaction changes all rows of a series and block. */
  async write(level: RollupLevel, rows: readonly SeriesRollups[]): Promise<void> {
    // The series number must be durable before any row that uses it.
    await this.series.sync();
    for (const part of portions(level, rows)) {
      this.db.transaction(() => {
        for (const { series, blockStart, rollups: added } of part) {
          const id = this.series.find(series);
          if (id === undefined) throw new Error(`the lake knows no series ${seriesName(series)}`);
          const key = keyOf(level, id, blockStart);
          const before = this.one.get(key);
          const merged = before === undefined ? added : merge(decodeBlock(blockStart, before), added);
          const { data, carries } = encodeBlock(blockStart, merged);
          this.put.run(key, data, carries);
        }
      })();
      await nextTurn();
    }
  }

  async *read(
    level: RollupLevel,
    series: readonly SeriesKey[],
    from: number,
    to: number,
  ): AsyncGenerator<SeriesRollups, void, undefined> {
    for (const key of series) {
      const id = this.series.find(key);
      if (id === undefined) continue;
      for (const rows of this.partsOf(level, id, from, to)) yield { series: key, rollups: rows };
    }
  }

  async *readAll(
    level: RollupLevel,
    from: number,
    to: number,
    onFailed?: OnFailed,
  ): AsyncGenerator<SeriesRollups, void, undefined> {
    const failed: { readonly series: SeriesKey; readonly error: unknown }[] = [];
    for (let id = 0; id < this.series.size; id += 1) {
      const { device, metric } = this.series.entry(id)!;
      const series = { device, metric };
      try {
        for (const rows of this.partsOf(level, id, from, to)) yield { series, rollups: rows };
      } catch (error) {
        if (onFailed === undefined || !isOfOne(error)) throw error;
        failed.push({ series, error });
      }
      if (id % SERIES_AT_ONCE === 0) await nextTurn();
    }
    if (failed.length > 0 && failed.length === this.series.size) throw failed[0]!.error;
    for (const { series, error } of failed) onFailed?.(series, error);
  }

  async lastBefore(series: readonly SeriesKey[], before: number): Promise<ReadonlyMap<string, Rollup>> {
    const found = new Map<string, Rollup>();
    for (const key of series) {
      const id = this.series.find(key);
      if (id === undefined) continue;
      for (const block of this.newest.iterate(...keys('hour', id, Number.NEGATIVE_INFINITY, before))) {
        const rows = decodeBlock(blockStartOf('hour', block.key), block);
        const row = rows.findLast(({ start }) => start < before);
        if (row === undefined) continue;
        found.set(seriesName(key), row);
        break;
      }
    }
    return found;
  }

  close(): void {
    this.db.close();
  }

  private *partsOf(level: RollupLevel, id: number, from: number, to: number): Generator<Rollup[]> {
    if (from >= to) return;
    const [first, last] = keys(level, id, from, to);
    for (let start = first; ; ) {
      const blocks = this.range.all(start, last);
      const rows: Rollup[] = [];
      for (const block of blocks) {
        for (const row of decodeBlock(blockStartOf(level, block.key), block)) {
          if (row.start >= from && row.start < to) rows.push(row);
        }
      }
      if (rows.length > 0) yield rows;
      if (blocks.length < READ_BLOCKS) return;
      start = blocks[blocks.length - 1]!.key + 1;
    }
  }
}

/** Whether the content or the pages of one series' blocks may be the cause. */
const isOfOne = (error: unknown) => !(error instanceof Sqlite.SqliteError) || /^SQLITE_CORRUPT/.test(error.code);

interface KeyedBlock extends Block {
  readonly key: number;
}

/** One integer for (level, series, block), the rowid of the block. */
function keyOf(level: RollupLevel, series: number, time: number): number {
  const block = Math.min(Math.max(Math.floor(time / BLOCK_MS[level]) + BLOCKS / 2, 0), BLOCKS - 1);
  return (LEVEL_NUMBER[level] * SERIES + series) * BLOCKS + block;
}

/** First and last key of the blocks that may hold rows with `from <= start < to`. */
function keys(level: RollupLevel, series: number, from: number, to: number): [number, number] {
  return [keyOf(level, series, from), keyOf(level, series, to - 1)];
}

function blockStartOf(level: RollupLevel, key: number): number {
  return ((key % BLOCKS) - BLOCKS / 2) * BLOCK_MS[level];
}

interface BlockRows extends SeriesRollups {
  readonly blockStart: number;
}

function* portions(level: RollupLevel, rows: readonly SeriesRollups[]): Generator<readonly BlockRows[]> {
  let part: BlockRows[] = [];
  for (const { series, rollups: all } of rows) {
    for (let from = 0; from < all.length; ) {
      const blockStart = Math.floor(all[from]!.start / BLOCK_MS[level]) * BLOCK_MS[level];
      let to = from;
      while (to < all.length && all[to]!.start < blockStart + BLOCK_MS[level]) to += 1;
      part.push({ series, blockStart, rollups: all.slice(from, to) });
      from = to;
      if (part.length < WRITE_BLOCKS) continue;
      yield part;
      part = [];
    }
  }
  if (part.length > 0) yield part;
}

function merge(before: readonly Rollup[], added: readonly Rollup[]): Rollup[] {
  const byStart = new Map(before.map((row) => [row.start, row]));
  for (const row of added) byStart.set(row.start, row);
  return [...byStart.values()].sort((a, b) => a.start - b.start);
}
