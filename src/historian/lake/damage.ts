import type { HistoryDamage, TimeSpan } from '../port.js';
import type { LostFile, Manifest } from './manifest.js';

const NAMED = 20;
/** Gaps that are told apart; beyond, the last one spans the rest. */
const GAPS = 100;

export function damageOf({ lost = [] }: Pick<Manifest, 'lost'>, setAside: number): HistoryDamage {
  return {
    files: lost.length,
    readings: lost.reduce((sum, { rows }) => sum + rows, 0),
    reasons: lost.slice(0, NAMED).map(({ reason }) => reason),
    gaps: gapsOf(lost),
    setAside,
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

function gapsOf(lost: readonly LostFile[]): TimeSpan[] {
  const spans = lost.map(({ minTs, maxTs }) => ({ from: minTs, to: maxTs + 1 })).sort((a, b) => a.from - b.from);
  const gaps: TimeSpan[] = [];
  for (const { from, to } of spans) {
    const last = gaps.at(-1);
    if (last === undefined || (from > last.to && gaps.length < GAPS)) gaps.push({ from, to });
    else gaps[gaps.length - 1] = { from: last.from, to: Math.max(last.to, to) };
  }
  return gaps;
}
