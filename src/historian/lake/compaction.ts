import { DAY_MS, type LakeFile } from './manifest.js';

export interface CompactionRules {
  /** A day with this many files is merged even while more are coming. */
  readonly maxFilesPerDay: number;
  /** A day that is over and got no file for this long is merged into its final form. */
  readonly quietMs: number;
  /** Rows one output file holds at most, about; also what bounds the memory of a merge. */
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
  for (const [day, group] of byDay(files)) {
    const arrivals = new Set(group.map((file) => file.seqTo)).size;
    if (arrivals < 2) continue;
    const newest = Math.max(...group.map((file) => file.sealedAt));
    if (day + DAY_MS <= now && newest + rules.quietMs <= now) return { day, inputs: group };
    if (arrivals >= rules.maxFilesPerDay) return { day, inputs: newestRun(group, rules.maxFilesPerDay) };
  }
  return null;
}

function newestRun(group: readonly LakeFile[], atLeast: number): readonly LakeFile[] {
  const arrivals = [...new Set(group.map((file) => file.seqTo))].reverse();
  let rows = 0;
  let oldest = Number.POSITIVE_INFINITY;
  for (const [taken, seqTo] of arrivals.entries()) {
    const size = group.filter((file) => file.seqTo === seqTo).reduce((sum, file) => sum + file.rows, 0);
    if (taken >= atLeast / 2 && size > GROWTH * rows) break;
    rows += size;
    oldest = seqTo;
  }
  return group.filter((file) => file.seqTo >= oldest);
}

function byDay(files: readonly LakeFile[]): Map<number, LakeFile[]> {
  const days = new Map<number, LakeFile[]>();
  for (const file of files) {
    const group = days.get(file.day);
    if (group === undefined) days.set(file.day, [file]);
    else group.push(file);
  }
  return days;
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
