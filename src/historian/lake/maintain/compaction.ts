import { DAY_MS } from '../../../model/time/duration.js';
import { grouped } from '../../grouped.js';
import type { TimeSpan } from '../../port/stats.js';
import { united } from '../../rollup/progress/hour-ranges.js';
import type { LakeFile } from '../catalog/manifest.js';

export interface CompactionRules {
  /** A day with this many files is merged even while more are coming, */
  readonly maxFilesPerDay: number;
  /** once the oldest of them is this old: a flood of readings is not slowed down by merging them at once. */
  readonly restMs: number;
  /** A day that is over and got no file for this long is merged into its final form. */
  readonly quietMs: number;
  /** Rows one output file holds at most, about: bounds the memory of a merge. */
  readonly maxRows: number;
}

/** Files of one day to be merged: a run of newest ones, so that the order of arrival between files stands. */
export interface Compaction {
  readonly day: number;
  readonly inputs: readonly LakeFile[];
}

/** How much larger an older file may be than all the newer ones and still be rewritten with them. */
const GROWTH = 4;

/**
 * The merge that is due, or null. Days that are over and quiet go first, oldest first; days still growing merge their
 * newest files, taking in an older one only while it is not much larger, so that no row is rewritten often.
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

/** DuckDB looks at every row group of a file it opens; of small files the manifest leaves out most unopened. */
const FILE_ROWS = 262_144;
const FILES_PER_DAY = 16;

/** Rows a merged file of a day of `total` rows should hold. */
export function rowsPerFile(total: number, maxRows: number): number {
  return Math.min(maxRows, Math.max(FILE_ROWS, Math.ceil(total / FILES_PER_DAY)));
}

/** Ranges of series, both ends included, that hold about `maxRows` rows each; `counts` is (series, rows), rising. */
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

/** Stretches of time, both ends included, in which at least two of the files may hold the same (series, ts). */
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
