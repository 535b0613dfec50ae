import type { Priority } from '../class.js';
import type { Comparison } from '../rule/comparison.js';
import type { AlarmRule } from '../rule/rule.js';
import type { ReplayStep } from './replay.js';

/** One raise of a rule's alarm with its end. Times are event time in epoch milliseconds. */
export interface Occurrence {
  /** Begin of the condition, raise after the on-delay, and end; null: still standing. */
  readonly since: number;
  readonly raisedAt: number;
  readonly clearedAt: number | null;
  /** The most severe level reached. */
  readonly level: string;
  readonly priority: Priority;
  /** The measure furthest on the abnormal side, in the unit of the signal. */
  readonly peak: number;
}

/** Folds the steps of a replay into occurrences. */
export class Occurrences {
  readonly ended: Occurrence[] = [];
  private open: { since: number; raisedAt: number; level: number; peak: number } | null = null;

  constructor(private readonly rule: Pick<AlarmRule, 'comparison'>) {}

  append({ measure, level, transition }: ReplayStep): void {
    if (transition?.kind === 'raised') {
      this.open = { since: transition.since, raisedAt: transition.at, level, peak: transition.value };
    }
    if (this.open === null) return;
    this.open.level = Math.max(this.open.level, level);
    if (measure !== null && level > 0) this.open.peak = further(this.rule.comparison, this.open.peak, measure);
    if (transition?.kind === 'cleared') this.end(transition.at);
  }

  /** Occurrences that overlap `from` to `to`; one still standing has no end. */
  within(from: number, to: number): readonly Occurrence[] {
    const standing = this.open === null ? [] : [this.described(this.open, null)];
    return [...this.ended, ...standing].filter(
      ({ raisedAt, clearedAt }) => raisedAt < to && (clearedAt === null || clearedAt > from || raisedAt >= from),
    );
  }

  private end(at: number): void {
    if (this.open !== null) this.ended.push(this.described(this.open, at));
    this.open = null;
  }

  private described(open: NonNullable<typeof this.open>, clearedAt: number | null): Occurrence {
    const { name, priority } = this.rule.comparison.levels[open.level - 1]!;
    const { since, raisedAt, peak } = open;
    return { since, raisedAt, clearedAt, level: name, priority, peak };
  }
}

function further({ side }: Comparison, peak: number, measure: number): number {
  if (side === 'equal') return peak;
  return side === 'high' ? Math.max(peak, measure) : Math.min(peak, measure);
}

/** Milliseconds of `from` to `to` during which one stood. */
export function activeMs(occurrences: readonly Occurrence[], from: number, to: number): number {
  return occurrences.reduce(
    (sum, { raisedAt, clearedAt }) => sum + Math.max(0, Math.min(clearedAt ?? to, to) - Math.max(raisedAt, from)),
    0,
  );
}
