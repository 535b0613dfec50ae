import { DAY_MS } from '../duration.js';
import type { Usual } from './usual.js';

export interface Point {
  readonly ts: number;
  readonly value: number;
}

/** A line that may turn out to be the register's: its newest reading, where it began, and how it went on. */
export interface Doubt extends Point {
  /** Left out where it is the newest reading. */
  readonly first?: Point;
  /** Readings on it after the first that were higher than the one before, and all of them. */
  readonly rises?: number;
  readonly stays?: number;
}

/** A line the register left: where, what was counted since (taken off should it come back), what was usual on it. */
export interface LeftLine {
  readonly point: Point;
  readonly counted: number;
  readonly usual?: Usual;
  /** It is remembered until then, where that is sooner than in a week. */
  readonly until?: number;
}

/** What seldom differs from what `CounterState` says without it. */
export interface CounterDetail {
  /** The value counted up to, where that is not the one of `last`. */
  readonly mark?: number;
  /** When the value of `last` was first read, where that was earlier. */
  readonly since?: number;
  /** Nothing has followed the first reading yet. */
  readonly alone?: true;
  readonly usual?: Usual;
  /** Other doubtful lines and lines that were left, the newest first. */
  readonly doubts?: readonly Doubt[];
  readonly left?: readonly LeftLine[];
}

/**
 * Where the decisions about one counter stand; plain data, to be kept and taken up again. The first four fields are
 * those that rows of earlier versions have.
 */
export interface CounterState {
  /** The line that is counted: its highest value, and the time of its newest reading. */
  readonly last: Point | null;
  /** The newest line in doubt. */
  readonly doubtful: Doubt | null;
  /** The line that was left last, by a roll-over or otherwise. */
  readonly beforeRollover: LeftLine | null;
  /** Null before the first reading. */
  readonly latestTs: number | null;
  readonly detail?: CounterDetail;
}

/** Lines that are remembered, and for how long. */
const MAX_LEFT = 3;
const KNOWN_FOR_MS = 7 * DAY_MS;

/** The lines a register has left lately, the newest first. */
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

  /** @param counted of what the line has not risen by itself */
  add(point: Point, counted: number, usual: Usual | null, until?: number): void {
    const line = { point, counted, ...(usual !== null && { usual }), ...(until !== undefined && { until }) };
    this.lines = [line, ...this.lines].slice(0, MAX_LEFT);
  }

  remove(line: LeftLine): void {
    this.lines = this.lines.filter((one) => one !== line);
  }

  /** Takes what was counted on another line. */
  count(increment: number): void {
    if (increment === 0 || this.isEmpty) return;
    this.lines = this.lines.map((line) => ({ ...line, counted: line.counted + increment }));
  }

  forget(ts: number): void {
    const known = ({ point, until = point.ts + KNOWN_FOR_MS }: LeftLine) => until >= ts;
    if (!this.lines.every(known)) this.lines = this.lines.filter(known);
  }

  /** The nearest line, of those left above `above`, that `point` goes on from by no more than `most` allows. */
  find({ value }: Point, above: number, most: (from: Point) => number): LeftLine | null {
    let found: LeftLine | null = null;
    for (const line of this.lines) {
      const from = line.point;
      const fits = from.value > above && value >= from.value && value - from.value <= most(from);
      if (fits && (found === null || from.value > found.point.value)) found = line;
    }
    return found;
  }
}

/** The line that is counted, without what was decided about others by a bound that is no more. */
export const lineAlone = ({ last, latestTs }: CounterState): CounterState => ({
  ...{ last, latestTs },
  ...{ doubtful: null, beforeRollover: null },
});

/** Whether two states decide alike about all that follows. Keys come in any order. */
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
