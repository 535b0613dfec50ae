import type { Reading } from '../reading.js';
import { LIVE_WINDOW_MS } from '../wire/readings.js';
import { judge } from './condition.js';
import type { AlarmRule } from './rule.js';
import type { ConditionState } from './state.js';
import type { Transition } from './transition.js';

/** Why an evaluation ended as it did. */
export type Reason =
  | 'out_of_order'
  | 'no_evidence'
  | 'normal'
  | 'delay_running'
  | 'gap'
  | 'late'
  | 'raised'
  | 'stands'
  | 'within_deadband'
  | 'cleared';

export interface Outcome {
  readonly state: ConditionState;
  readonly reason: Reason;
  readonly transition?: Transition;
}

/** What is known beside the reading; milliseconds. */
export interface Receipt {
  readonly receivedAt: number;
  /** See `gapBoundMs`. */
  readonly gapMs: number;
}

/**
 * Event time as alarms count it: a reading dated after its receipt counts as of its receipt, so that a clock running
 * ahead cannot make the right readings after it look old.
 */
export function eventTime(ts: number, receivedAt: number): number {
  return Math.min(ts, receivedAt);
}

/**
 * The next state of one rule on one device. The on-delay runs in event time and starts again after a gap; readings
 * older than the last one evaluated are ignored; a late one (beyond the live window) may end an alarm, never raise one.
 */
export function evaluate(rule: AlarmRule, state: ConditionState, reading: Reading, receipt: Receipt): Outcome {
  const at = eventTime(reading.ts, receipt.receivedAt);
  if (at < state.lastTs) return { state, reason: 'out_of_order' };
  const verdict = judge(rule, reading);
  if (verdict === 'no_evidence') return { state, reason: verdict };
  if (state.phase === 'active') {
    if (verdict !== 'cleared') {
      return { state: { ...state, lastTs: at }, reason: verdict === 'met' ? 'stands' : 'within_deadband' };
    }
    return {
      state: { phase: 'normal', lastTs: at },
      reason: 'cleared',
      transition: { event: 'cleared', at, since: state.since, value: reading.value },
    };
  }
  if (verdict !== 'met') return { state: { phase: 'normal', lastTs: at }, reason: 'normal' };
  const gap = state.phase === 'pending' && at - state.lastTs > receipt.gapMs;
  const since = state.phase === 'pending' && !gap ? state.since : at;
  const late = receipt.receivedAt - reading.ts > LIVE_WINDOW_MS;
  if (late || at - since < rule.onDelayS * 1_000) {
    return {
      state: { phase: 'pending', lastTs: at, since },
      reason: gap ? 'gap' : late ? 'late' : 'delay_running',
    };
  }
  return {
    state: { phase: 'active', lastTs: at, since },
    reason: 'raised',
    transition: { event: 'raised', at, since, value: reading.value },
  };
}
