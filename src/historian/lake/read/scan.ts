import { join } from 'node:path';
import { DOUBLE, type DuckDBType, type DuckDBValue, INTEGER } from '@duckdb/node-api';
import { DAY_MS } from '../../../model/time/duration.js';
import { dayOf, type LakeFile } from '../catalog/manifest.js';
import type { SeriesDictionary } from '../catalog/series-dictionary.js';
import type { View } from '../catalog/view.js';
import { type Chunks, literal, pairsOf, type SqlStatement } from '../engine.js';
import type { HotTable } from '../write/hot-table.js';

/** Everything that a query of the lake reads. */
export interface Source {
  /** Rows of a statement as DuckDB produces them. */
  stream(statement: SqlStatement): Chunks;
  readonly folder: string;
  readonly series: SeriesDictionary;
  readonly view: View;
}

/** Collects the bound values of one statement. */
export class Binding {
  readonly values: DuckDBValue[] = [];
  readonly types: DuckDBType[] = [];

  integer(value: number): string {
    return this.add(value, INTEGER);
  }

  /** Binds times as doubles: exact up to 2^53 ms, and faster in DuckDB than 64-bit integers. */
  double(value: number): string {
    return this.add(value, DOUBLE);
  }

  add(value: DuckDBValue, type: DuckDBType): string {
    this.values.push(value);
    this.types.push(type);
    return `$${this.values.length}`;
  }
}

export interface ScanRange {
  /** Series numbers, rising. */
  readonly series: readonly number[];
  readonly from: number;
  readonly to: number;
}

const COLUMNS = 'series, ts, value, flag, quality, receipt';
/** Rank of hot rows: above any file, the second hot table above the first. */
const HOT_RANK = 1_000_000_000;
const RANKS_PER_TABLE = 1_000_000_000;

/** The rows of a statement over `scan`; none if the range is empty. */
export async function* select(
  source: Source,
  range: ScanRange,
  sqlOf: (rows: string, binding: Binding) => string,
): Chunks {
  const binding = new Binding();
  const rows = scan(source, range, binding);
  if (rows !== null) yield* source.stream({ sql: sqlOf(rows, binding), ...binding });
}

/**
 * SQL of the rows of some series in a range, each (series, ts) once, with columns series, ts, value, flag, quality,
 * receipt; null if the range is empty. Only days with possible duplicates pay for the check.
 */
function scan({ folder, view }: Source, range: ScanRange, binding: Binding): string | null {
  const { clean, contested, settled, hot } = partition(view, range);
  const where = seriesCondition(range.series, binding);
  const parts: string[] = [];
  const inside = clean.filter((file) => file.minTs >= range.from && file.maxTs < range.to);
  if (inside.length > 0) parts.push(`SELECT ${COLUMNS} FROM ${parquet(folder, inside)} WHERE ${where}`);
  const across = clean.filter((file) => !inside.includes(file));
  const times = () => `ts >= ${binding.double(range.from)} AND ts < ${binding.double(range.to)}`;
  if (across.length > 0) {
    parts.push(`SELECT ${COLUMNS} FROM ${parquet(folder, across)} WHERE ${where} AND ${times()}`);
  }
  const hotWhere = `${where} AND ts >= ${ms(range.from)} AND ts < ${ms(range.to)}`;
  for (const table of settled) parts.push(`SELECT ${COLUMNS} FROM ${table.name} WHERE ${hotWhere}`);
  const ranked: string[] = [];
  if (contested.length > 0) {
    // Rank by the file's index in the list: one scan of all files takes half the time of a scan each.
    const rows = `SELECT ${COLUMNS}, file_index::BIGINT AS rank FROM ${parquet(folder, contested)}`;
    ranked.push(`${rows} WHERE ${where} AND ${times()}`);
  }
  hot.forEach((table, index) => {
    const rank = HOT_RANK + index * RANKS_PER_TABLE;
    ranked.push(`SELECT ${COLUMNS}, ${rank} + rowid AS rank FROM ${table.name} WHERE ${hotWhere}`);
  });
  if (ranked.length > 0) {
    parts.push(
      `SELECT ${COLUMNS} FROM (${ranked.join(' UNION ALL ')}) ` +
        'QUALIFY row_number() OVER (PARTITION BY series, ts ORDER BY rank DESC) = 1',
    );
  }
  return parts.length === 0 ? null : parts.join(' UNION ALL ');
}

/** SQL of the key to count by: series, or start of the UTC day, epoch ms. */
const COUNTED_BY = { series: 'series', day: `floor(ts::DOUBLE / ${DAY_MS}) * ${DAY_MS}` };

/** Upper bounds of the rows that `scan` returns, without its check for duplicates: (series or day, rows), rising. */
export async function* countBy(
  key: keyof typeof COUNTED_BY,
  source: Source,
  range: ScanRange,
): AsyncGenerator<readonly [key: number, rows: number], void, undefined> {
  const binding = new Binding();
  const rows = relations(source, range, `${COUNTED_BY[key]} AS key`, binding);
  if (rows === null) return;
  const sql = `SELECT key, count(*)::DOUBLE FROM (${rows}) GROUP BY key ORDER BY key`;
  yield* pairsOf(source.stream({ sql, ...binding }));
}

/** Rows of any series that a scan has to read. */
export function rowsWithin(view: View, range: ScanRange): number {
  let rows = 0;
  for (const file of view.files) if (reaches(file, range)) rows += file.rows;
  for (const table of view.hot) if (table.touches(range.from, range.to)) rows += table.rows;
  return rows;
}

/** The range cut to what may hold rows; null if nothing can. */
export function extent(view: View, range: ScanRange): ScanRange | null {
  if (range.series.length === 0) return null;
  let from = Number.POSITIVE_INFINITY;
  let to = Number.NEGATIVE_INFINITY;
  const widen = (minTs: number, maxTs: number) => {
    from = Math.min(from, Math.max(minTs, range.from));
    to = Math.max(to, Math.min(maxTs + 1, range.to));
  };
  for (const file of view.files) if (reaches(file, range)) widen(file.minTs, file.maxTs);
  for (const table of view.hot) for (const day of table.daysIn(range.from, range.to)) widen(day.minTs, day.maxTs);
  return from < to ? { series: range.series, from, to } : null;
}

/** SQL of one column of all rows in the range, duplicates included; null without any. */
function relations({ folder, view }: Source, range: ScanRange, column: string, binding: Binding): string | null {
  const files = view.files.filter((file) => reaches(file, range));
  const tables = view.hot.filter((table) => table.touches(range.from, range.to)).map((table) => table.name);
  const all = files.length > 0 ? [parquet(folder, files), ...tables] : tables;
  if (all.length === 0) return null;
  const where = `${seriesCondition(range.series, binding)} AND ts >= ${ms(range.from)} AND ts < ${ms(range.to)}`;
  return all.map((relation) => `SELECT ${column} FROM ${relation} WHERE ${where}`).join(' UNION ALL ');
}

/** SQL of a table function over the lake's own files. */
export function parquet(folder: string, files: readonly Pick<LakeFile, 'path'>[]): string {
  const paths = files.map((file) => literal(join(folder, file.path)));
  return `read_parquet([${paths.join(', ')}], hive_partitioning = false)`;
}

function partition(view: View, range: ScanRange) {
  const clean: LakeFile[] = [];
  const contested: LakeFile[] = [];
  const hot = view.hot.filter((table) => table.touches(range.from, range.to));
  let day: LakeFile[] = [];
  const settle = () => {
    const doubtful = day.some(
      (file, i) =>
        hot.some((table) => overlapsHot(table, file)) || day.some((other, j) => j < i && overlap(file, other)),
    );
    (doubtful ? contested : clean).push(...day);
    day = [];
  };
  for (const file of view.files) {
    if (!reaches(file, range)) continue;
    if (day.length > 0 && day[0]!.day !== file.day) settle();
    day.push(file);
  }
  settle();
  // If only one hot table holds these rows, and in order, no check for duplicates is needed.
  const single = contested.length === 0 && hot.length === 1 && !hot[0]!.repeatsIn(range.from, range.to);
  return { clean, contested, settled: single ? hot : [], hot: single ? [] : hot };
}

function reaches(file: LakeFile, { series, from, to }: ScanRange): boolean {
  return (
    file.minTs < to &&
    file.maxTs >= from &&
    file.minSeries <= series[series.length - 1]! &&
    file.maxSeries >= series[0]!
  );
}

function overlap(a: LakeFile, b: LakeFile): boolean {
  return a.minTs <= b.maxTs && b.minTs <= a.maxTs && a.minSeries <= b.maxSeries && b.minSeries <= a.maxSeries;
}

function overlapsHot(table: HotTable, file: LakeFile): boolean {
  const day = table.days.get(dayOf(file.day));
  return day !== undefined && day.minTs <= file.maxTs && day.maxTs >= file.minTs;
}

function seriesCondition(series: readonly number[], binding: Binding): string {
  if (series.length === 1) return `series = ${binding.integer(series[0]!)}`;
  const [first, last] = [series[0]!, series[series.length - 1]!];
  const between = `series BETWEEN ${binding.integer(first)} AND ${binding.integer(last)}`;
  if (last - first + 1 === series.length) return between;
  return `${between} AND series IN (${series.map((id) => binding.integer(id)).join(', ')})`;
}

/** A time as an SQL integer; the hot table filters faster on its own type. */
function ms(time: number): string {
  const clamped = Math.min(Math.max(Math.ceil(time), -Number.MAX_SAFE_INTEGER), Number.MAX_SAFE_INTEGER);
  return clamped.toFixed(0);
}
