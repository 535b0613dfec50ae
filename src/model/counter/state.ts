import { DAY_MS } from '../time/duration.js';
import type { Usual } from './usual.js';

export interface Point {
  readonly ts: number;
  readonly value: number;
}

/** A line that may prove to be the register's: its newest reading, its first one, and the count of those between. */
export interface Doubt extends Point {
  /** Absent where it is the newest reading. */
  readonly first?: Point;
  /** Readings after the first: those higher than the one before (`rises`), and all (`stays`). */
  readonly rises?: number;
  readonly stays?: number;
}

/** A line that the register left: its end, what counted since (subtracted when the line comes back), its usual rate. */
interface LeftLine {
  readonly point: Point;
  readonly counted: number;
  readonly usual?: Usual;
  /** The line is forgotten then, where that is earlier than in a week. */
  readonly until?: number;
}

/** Fields that seldom differ from what `CounterState` implies without them. */
export interface CounterDetail {
  /** The value up to which everything has counted, where it differs from that of `last`. */
  readonly mark?: number;
  /** When the value of `last` was first read, where that was earlier. */
  readonly since?: number;
  /** No reading has followed the first one yet. */
  readonly alone?: true;
  readonly usual?: Usual;
  /** Other lines in doubt and lines that were left, the newest first. */
  readonly doubts?: readonly Doubt[];
  readonly left?: readonly LeftLine[];
}

/**
 * State of the decisions about one counter; plain data, to be stored and resumed. Rows of earlier versions have only
 * the first four fields.
 */
export interface CounterState {
  /** The line that counts: its highest value, and the time of its newest reading. */
  readonly last: Point | null;
  /** The newest line in doubt. */
  readonly doubtful: Doubt | null;
  /** The line left last, by a roll-over or otherwise. */
  readonly beforeRollover: LeftLine | null;
  /** Null before the first reading. */
  readonly latestTs: number | null;
  readonly detail?: CounterDetail;
}

interface Parts {
  readonly value: number;
  readonly lastTs: number;
  readonly since: number;
  readonly mark: number;
  readonly alone: boolean;
  readonly latestTs: number;
  readonly usual: Usual | null;
  readonly doubts: readonly Doubt[];
  readonly left: readonly LeftLine[];
}

/** The state to store, without fields that have their default. */
export function stateOf({ value, lastTs, since, mark, alone, latestTs, usual, ...lines }: Parts): CounterState {
  const [doubtful = null, ...doubts] = lines.doubts;
  const [beforeRollover = null, ...left] = lines.left;
  const isFirst = Number.isNaN(value);
  const detail: CounterDetail = {
    ...(mark !== value && !isFirst && { mark }),
    ...(since !== lastTs && !isFirst && { since }),
    ...(alone && { alone: true as const }),
    ...(usual !== null && { usual }),
    ...(doubts.length > 0 && { doubts }),
    ...(left.length > 0 && { left }),
  };
  return {
    last: isFirst ? null : { ts: lastTs, value },
    doubtful,
    beforeRollover,
    latestTs: Number.isFinite(latestTs) ? latestTs : null,
    ...(Object.keys(detail).length > 0 && { detail }),
  };
}

/** Most lines remembered, and for how long. */
const MAX_LEFT = 3;
const KNOWN_FOR_MS = 7 * DAY_MS;

/** The lines that a register left lately, the newest first. */
export class LeftLines {
  private constructor(private lines: readonly LeftLine[]) {}

  static of(newest: LeftLine | null, others: readonly LeftLine[] = []): LeftLines {
    return new LeftLines(newest === null ? [] : [newest, ...others]);
  }

  get all(): readonly LeftLine[] {
    return this.lines;
  }

  get isEmpty(): boolean {
    return this.lines.length === 0;
  }

  /** The oldest line left by a rise that is still on trial. */
  get onTrial(): LeftLine | null {
    return this.lines.findLast(isOnTrial) ?? null;
  }

  /** @param counted the part of the count that the line's own rises do not cover */
  add(point: Point, counted: number, usual: Usual | null, until?: number): void {
    const line = { point, counted, ...(usual !== null && { usual }), ...(until !== undefined && { until }) };
    this.lines = [line, ...this.lines].slice(0, MAX_LEFT);
  }

  remove(line: LeftLine): void {
    this.lines = this.lines.filter((one) => one !== line);
  }

  /** Adds an increment that counted on another line. */
  count(increment: number): void {
    if (increment === 0 || this.isEmpty) return;
    this.lines = this.lines.map((line) => ({ ...line, counted: line.counted + increment }));
  }

  forget(ts: number): void {
    const known = ({ point, until = point.ts + KNOWN_FOR_MS }: LeftLine) => until >= ts;
    if (!this.lines.every(known)) this.lines = this.lines.filter(known);
  }

  /**
   * The nearest line, of those left above `above`, from which `point` rises by no more than `most` allows. A line on
   * trial may itself have begun with a reading that was too high, by up to `little`.
   */
  find({ value }: Point, above: number, little: number, most: (from: Point) => number): Found | null {
    let found: Found | null = null;
    for (const line of this.lines) {
      const { value: from } = line.point;
      const rise = value - from;
      if (from <= above || rise > most(line.point) || rise < (isOnTrial(line) ? -little : 0)) continue;
      if (found === null || rise < found.rise) found = { line, rise };
    }
    return found;
  }
}

/** A line to continue, and the rise on it. */
interface Found {
  readonly line: LeftLine;
  readonly rise: number;
}

const isOnTrial = ({ usual, until }: LeftLine): boolean => until !== undefined && usual !== undefined;

/** The line that counts, without decisions about other lines, which a former bound made. */
export const lineAlone = ({ last, latestTs }: CounterState): CounterState => ({
  ...{ last, latestTs },
  ...{ doubtful: null, beforeRollover: null },
});

/** Whether two states decide the same about all later readings; ignores the order of keys. */
export function sameCounter(a: CounterState | null, b: CounterState | null): boolean {
  return same(a, b);
}

function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  for (const key in left) if (!same(left[key], right[key])) return false;
  for (const key in right) if (left[key] === undefined && right[key] !== undefined) return false;
  return true;
}
