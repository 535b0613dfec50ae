import type { Transition } from '../judge/evaluate.js';
import type { ReplayInput, ReplayStep } from '../judge/replay.js';
import { levelMet } from '../rule/comparison.js';
import type { AlarmRule } from '../rule/rule.js';

export interface FoundTransition extends Transition {
  /** Name and setpoint of the level that stands from then on; of the one that ended, where none stands. */
  readonly name: string;
  readonly setpoint: number;
  readonly ruleVersion: number;
  /** When the service received what decided; whether the end of the schedule did, and no reading. */
  readonly receivedAt: number;
  readonly bySchedule: boolean;
}

const MAX_TRANSITIONS = 500;

/** Gathers findings step by step. */
export class Finder {
  private inputs = 0;
  private beyond = 0;
  private extreme: number | null = null;
  private longestMs: number | null = null;
  private readonly counts = { gap: 0, late: 0, no_evidence: 0, outside_schedule: 0, out_of_order: 0 };
  private readonly transitions: FoundTransition[] = [];
  private standing = 0;

  append(step: ReplayStep, rule: AlarmRule, input: ReplayInput | null): void {
    const { reason, measure, transition, since, at, level } = step;
    const { comparison, signal } = rule;
    if (input !== null) this.inputs += 1;
    // Even what counted for nothing is worth a word when its own value was beyond the setpoint.
    const value = measure ?? (signal.kind === 'value' ? (input?.reading.value ?? null) : null);
    const isBeyond = value !== null && levelMet(comparison, value) > 0;
    if (measure !== null && reason !== 'out_of_order') {
      if (isBeyond) this.beyond += 1;
      this.extreme = further(comparison.side, this.extreme, measure);
    }
    if (reason === 'gap') this.counts.gap += 1;
    else if (isBeyond && reason in this.counts) this.counts[reason as keyof typeof this.counts] += 1;
    if (level === 0 && since !== null && reason !== 'out_of_order') {
      this.longestMs = Math.max(this.longestMs ?? 0, at - since);
    }
    if (transition !== null && this.transitions.length < MAX_TRANSITIONS) {
      const number = transition.level > 0 ? transition.level : Math.max(1, this.standing);
      const { name, setpoint } = comparison.levels[Math.min(number, comparison.levels.length) - 1]!;
      const { receivedAt } = step;
      // What a delay ended has a measure, the hours of the rule have none.
      const bySchedule = input === null && measure === null;
      this.transitions.push({ ...transition, name, setpoint, ruleVersion: rule.version, receivedAt, bySchedule });
    }
    this.standing = level;
  }

  found() {
    const { inputs, beyond, extreme, longestMs, counts } = this;
    return {
      inputs,
      /** Readings beyond the least severe setpoint, and what was furthest out or nearest to it. */
      beyond,
      extreme,
      /** Longest time in milliseconds for which the setpoint was met without being raised; null: never. */
      longestMs,
      /** Delays that began anew after a gap. */
      gaps: counts.gap,
      /** Beyond the setpoint, but came too late to raise; were no evidence; were outside the schedule; came out of order. */
      late: counts.late,
      noEvidence: counts.no_evidence,
      outsideSchedule: counts.outside_schedule,
      outOfOrder: counts.out_of_order,
      transitions: this.transitions as readonly FoundTransition[],
    };
  }
}
/** What a replay found in a period, as far as it says why an alarm was raised or was not. */
export type Findings = Readonly<ReturnType<Finder['found']>>;

function further(side: AlarmRule['comparison']['side'], known: number | null, measure: number): number {
  if (known === null) return measure;
  return side === 'low' ? Math.min(known, measure) : Math.max(known, measure);
}
