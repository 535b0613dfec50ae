import { grouped } from '../../../model/grouped.js';
import { DAY_MS } from '../../../model/time/duration.js';
import type { TimeSpan } from '../../port/stats.js';
import { united } from '../../rollup/progress/hour-ranges.js';
import type { LakeFile } from '../catalog/manifest.js';

export interface CompactionRules {
  /** Number of files after which a day is merged while it still grows, */
  readonly maxFilesPerDay: number;
  /** once its oldest file has this age: merging at once would slow down a flood of readings. */
  readonly restMs: number;
  /** Time without a new file after which a past day is merged into its final form. */
  readonly quietMs: number;
  /** About the most rows of one output file: bounds the memory of a merge. */
  readonly maxRows: number;
}

/** Files of one day to merge: its newest ones, so that the order of receipt between files stays. */
export interface Compaction {
  readonly day: number;
  readonly inputs: readonly LakeFile[];
}

/** An older file is rewritten with the newer ones only if it is at most this many times as large. */
const GROWTH = 4;

/**
 * The merge that is due, or null. Past days without new files come first, oldest first. A growing day merges its newest
 * files, and an older one only while it is not much larger, so that a row is rewritten few times.
 */
export function planCompaction(files: readonly LakeFile[], now: number, rules: CompactionRules): Compaction | null {
  for (const [day, group] of grouped(files, (file) => file.day)) {
    const arrivals = new Set(group.map((file) => file.seqTo)).size;
    if (arrivals < 2) continue;
    const newest = Math.max(...group.map((file) => file.sealedAt));
    if (day + DAY_MS <= now && newest + rules.quietMs <= now) return { day, inputs: group };
    if (arrivals < rules.maxFilesPerDay) continue;
    const run = newestRun(group, rules.maxFilesPerDay);
    if (run.some((file) => file.sealedAt + rules.restMs <= now)) return { day, inputs: run };
  }
  return null;
}

function newestRun(group: readonly LakeFile[], atLeast: number): readonly LakeFile[] {
  const arrivals = [...new Set(group.map((file) => file.seqTo))].reverse();
  let rows = 0;
  let oldest = Number.POSITIVE_INFINITY;
  for (const [chosen, seqTo] of arrivals.entries()) {
    const size = group.filter((file) => file.seqTo === seqTo).reduce((sum, file) => sum + file.rows, 0);
    if (chosen >= atLeast / 2 && size > GROWTH * rows) break;
    rows += size;
    oldest = seqTo;
  }
  return group.filter((file) => file.seqTo >= oldest);
}

/** DuckDB reads every row group of a file it opens; the manifest excludes most small files before they are opened. */
const FILE_ROWS = 262_144;
const FILES_PER_DAY = 16;

/** Rows per merged file for a day with `total` rows. */
export function rowsPerFile(total: number, maxRows: number): number {
  return Math.min(maxRows, Math.max(FILE_ROWS, Math.ceil(total / FILES_PER_DAY)));
}

/** Ranges of series, both ends inclusive, of about `maxRows` rows each; `counts` has (series, rows), rising. */
export function seriesRanges(counts: readonly (readonly [number, number])[], maxRows: number): [number, number][] {
  const ranges: [number, number][] = [];
  let rows = 0;
  let from: number | null = null;
  let last = 0;
  for (const [series, count] of counts) {
    if (from !== null && rows + count > maxRows) {
      ranges.push([from, last]);
      from = null;
      rows = 0;
    }
    from ??= series;
    last = series;
    rows += count;
  }
  if (from !== null) ranges.push([from, last]);
  return ranges;
}

const MAX_STRETCHES = 16;

/** Spans, both ends inclusive, in which several files may hold the same (series, ts). */
export function sharedStretches(files: readonly LakeFile[]): [number, number][] {
  const shared: TimeSpan[] = [];
  for (const [i, a] of files.entries()) {
    for (const b of files.slice(i + 1)) {
      const [from, to] = [Math.max(a.minTs, b.minTs), Math.min(a.maxTs, b.maxTs)];
      if (from <= to && a.minSeries <= b.maxSeries && b.minSeries <= a.maxSeries) shared.push({ from, to });
    }
  }
  return united(shared, MAX_STRETCHES).map(({ from, to }) => [from, to]);
}
