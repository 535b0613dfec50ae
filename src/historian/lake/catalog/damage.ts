import type { HistoryDamage, TimeSpan } from '../../port/stats.js';
import { united } from '../../rollup/progress/hour-ranges.js';
import type { LostFile, Manifest } from './manifest.js';
import type { NOTHING_ASIDE } from './set-aside.js';

const NAMED = 20;
/** Gaps that are told apart; beyond, the last one spans the rest. */
const GAPS = 100;

/** @param unmade where hours could not be rolled up */
export function damageOf(
  { lost = [] }: Pick<Manifest, 'lost'>,
  aside: typeof NOTHING_ASIDE,
  unmade: readonly TimeSpan[],
): HistoryDamage {
  const spans = [...lost.map(({ minTs, maxTs }) => ({ from: minTs, to: maxTs + 1 })), ...unmade];
  return {
    files: lost.length,
    readings: lost.reduce((sum, { rows }) => sum + rows, 0),
    reasons: lost.slice(0, NAMED).map(({ reason }) => reason),
    gaps: united(spans, GAPS),
    ...aside,
  };
}

/** Whether no lost file has readings with `from <= ts < to`. */
export function isWhole({ lost = [] }: Pick<Manifest, 'lost'>, from: number, to: number): boolean {
  return !lost.some(({ minTs, maxTs }) => minTs < to && maxTs >= from);
}

/** For the log: what is wrong, and what it means. */
export function describeDamage(lost: readonly LostFile[]): string[] {
  const lines = lost.slice(0, NAMED).map(({ reason, rows, day }) => {
    const name = new Date(day).toISOString().slice(0, 10);
    return `damaged history: ${reason}; ${rows} readings of ${name} are missing from answers until the file is put back`;
  });
  return lost.length > NAMED ? [...lines, `damaged history: ${lost.length - NAMED} more files`] : lines;
}
