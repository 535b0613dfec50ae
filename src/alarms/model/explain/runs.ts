import type { EvaluationReason } from '../judge/evaluate.js';
import type { ReplayStep } from '../judge/replay.js';
import { levelMet } from '../rule/comparison.js';
import type { AlarmRule } from '../rule/rule.js';
import type { SuppressionName } from '../state.js';

/** Consecutive readings with the same result for the same reason. Times are event time in epoch milliseconds. */
export interface ReadingRun {
  readonly reason: EvaluationReason;
  readonly ruleVersion: number;
  /** The level that stands, or is met or nearest, and its setpoint. */
  readonly level: string;
  readonly setpoint: number;
  /** Whether that level stands. */
  readonly stands: boolean;
  /** The suppression that kept the alarm from annunciating. */
  readonly suppression: SuppressionName | null;
  readonly from: number;
  readonly to: number;
  readonly count: number;
  /** First measure, in the unit of the signal; null without one. */
  readonly first: number | null;
  readonly last: number | null;
  readonly min: number | null;
  readonly max: number | null;
}

type Open = { -readonly [K in keyof ReadingRun]: ReadingRun[K] } & { number: number };

/** Merges the steps of a replay into runs; beyond the bound it only counts them. */
export class Runs {
  readonly list: ReadingRun[] = [];
  /** Runs beyond the bound. */
  left = 0;
  private open: Open | null = null;

  constructor(private readonly most = 500) {}

  append(step: ReplayStep, rule: AlarmRule, suppression: SuppressionName | null): void {
    const { reason, level, measure, at } = step;
    const met = measure === null ? 0 : levelMet(rule.comparison, measure);
    const number = level > 0 ? level : Math.max(1, met);
    const { open } = this;
    if (
      open !== null &&
      open.reason === reason &&
      open.number === number &&
      open.ruleVersion === rule.version &&
      open.suppression === suppression
    ) {
      extend(open, at, measure);
      return;
    }
    this.close();
    const { name, setpoint } = rule.comparison.levels[number - 1]!;
    this.open = {
      ...{ reason, number, ruleVersion: rule.version, level: name, setpoint, stands: level > 0, suppression },
      ...{ from: at, to: at, count: 1, first: measure, last: measure, min: measure, max: measure },
    };
  }

  end(): readonly ReadingRun[] {
    this.close();
    return this.list;
  }

  private close(): void {
    if (this.open === null) return;
    const { number: _, ...run } = this.open;
    if (this.list.length < this.most) this.list.push(run);
    else this.left += 1;
    this.open = null;
  }
}

function extend(open: Open, at: number, measure: number | null): void {
  open.from = Math.min(open.from, at);
  open.to = Math.max(open.to, at);
  open.count += 1;
  if (measure === null) return;
  open.first ??= measure;
  open.last = measure;
  open.min = Math.min(open.min ?? measure, measure);
  open.max = Math.max(open.max ?? measure, measure);
}
