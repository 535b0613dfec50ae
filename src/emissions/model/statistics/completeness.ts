import { type Effectiveness, effectivenessOf } from './figure.js';
import type { LossReason, Tally } from './tally.js';

/** How complete the values of one pollutant at one outlet are, over a day or any other time: in intervals of its programme. */
export interface CompletenessRow {
  /** With discharge, or with unknown flow. */
  readonly expected: number;
  readonly received: number;
  readonly valid: number;
  /** Received without a valid value. */
  readonly invalid: number;
  readonly missing: number;
  /** Of the valid ones. */
  readonly suspect: number;
  readonly late: number;
  readonly belowDetection: number;
  /** Without a valid value, and something stands in; of them by manual samples. */
  readonly substituted: number;
  readonly manual: number;
  /** Ten minutes whose flow is unknown, and those without discharge. */
  readonly unknownFlowSlots: number;
  readonly idleSlots: number;
  readonly byReason: Readonly<Partial<Record<LossReason, number>>>;
  /** Valid ÷ expected; null without discharge. */
  readonly share: number | null;
  readonly effectiveness: Effectiveness;
}

/** Reads the counts of a tally. @param minShare share that has to be valid */
export function completenessRow(tally: Tally, minShare: number): CompletenessRow {
  const { expected, received, valid, suspect, late, belowDetection, lost } = tally;
  const missing = lost.missing ?? 0;
  return {
    ...{ expected, received, valid, suspect, late, belowDetection, missing },
    invalid: expected - valid - missing,
    ...{ substituted: tally.substitutedCount, manual: tally.manualCount },
    ...{ unknownFlowSlots: tally.unknownSlots, idleSlots: tally.idleSlots, byReason: lost },
    share: expected === 0 ? null : valid / expected,
    effectiveness: effectivenessOf(tally, minShare),
  };
}
