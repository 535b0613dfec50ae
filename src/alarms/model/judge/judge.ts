import type { Reading } from '../../../model/reading.js';
import { eventTime, isOfFuture, isOlder } from '../../../model/time/trust.js';
import type { TimeZone } from '../../../model/time/zone.js';
import { classPolicyOf } from '../class.js';
import type { AlarmRule } from '../rule/rule.js';
import { holds } from '../rule/schedule.js';
import type { Signal } from '../signal/signal.js';
import { type ConditionState, normalCondition, setBack } from './condition.js';
import { dueAt, type Evaluation, evaluate, evaluateHeld, type Transition } from './evaluate.js';
import { meets, staysNormal, weigh } from './evidence.js';

/** A rule on a subject, with all that a judgement needs. */
export interface Judged {
  readonly rule: AlarmRule;
  /** Null for a rule on the value itself. */
  readonly signal: Signal | null;
  /** Longest step that a delay may bridge, in milliseconds. */
  readonly gapMs: number;
  /** Whether `condition` is normal, and its `lastTs`; both without building it. */
  readonly normal: boolean;
  readonly lastTs: number;
  readonly condition: ConditionState;
}

/** Result of one reading; `measure` was compared. `condition` is `before` itself when nothing changed. */
export interface Judgement extends Omit<Evaluation, 'transition'> {
  readonly transition?: Transition | undefined;
  readonly before: ConditionState;
  readonly at: number;
  readonly measure: number | null;
}

/** A reading is the newest of its series if no newer one comes for this long. */
const MOMENT_MS = 2_000;

/** How a reading arrived. */
export interface Arrival {
  readonly device: string;
  /** Epoch milliseconds; the "now" of the judgement. */
  readonly receivedAt: number;
  /** Lag of its event time's clock; null: too late to be live. */
  readonly lagMs: number | null;
  /** Whether its series has a newer reading already. */
  readonly outdated: boolean;
  /** How long it holds in a vote, in milliseconds. */
  readonly holdMs: number;
}

/**
 * Judges one reading; live evaluation and replays both use it. Null: the condition was normal and stays so with the
 * reading's event time; most readings end here, without an allocation. A signal folds in every reading; `told`: return
 * a judgement even then.
 */
export function judge(
  watch: Judged,
  reading: Reading,
  arrival: Arrival,
  zone: TimeZone,
  told = false,
): Judgement | null {
  const { rule, signal } = watch;
  if (signal === null && watch.normal && staysNormal(rule, reading)) return null;
  const { receivedAt } = arrival;
  let at = eventTime(reading.ts, receivedAt);
  let measure: number | null = null;
  let mayEnd = true;
  if (signal === null) {
    const weight = weigh(rule.evidence, reading, rule.comparison.side);
    if (weight !== 'none') measure = reading.value;
    mayEnd = weight === 'full';
  } else {
    const isVote = rule.signal.kind === 'vote';
    if (isVote ? arrival.outdated : isOlder(at, watch.lastTs, receivedAt)) {
      const before = watch.condition;
      return { before, condition: before, reason: 'out_of_order', transition: undefined, at, measure };
    }
    // Members of a vote are not in order with each other; the newest time of all counts for each.
    if (isVote && !isOfFuture(watch.lastTs, receivedAt)) at = Math.max(at, watch.lastTs);
    measure = signal.measure(reading, at, arrival.device, arrival);
    if (watch.normal && (measure === null || !meets(rule, measure))) {
      if (!told) return null;
      if (rule.schedule === null) return stayingNormal(watch, at, measure);
    }
  }
  const before = isOfFuture(watch.lastTs, receivedAt) ? setBack(watch.condition, at) : watch.condition;
  const { lagMs } = arrival;
  // Readings behind it are as late as it was; it is no backlog once nothing newer has come for a moment.
  const anyAge = lagMs === null && classPolicyOf(rule.alarmClass).raisesAtAnyAge;
  const ageMs = receivedAt - at;
  const heldLagMs = lagMs === null ? (anyAge ? ageMs + MOMENT_MS : null) : Math.max(lagMs, ageMs);
  const { gapMs } = watch;
  const inSchedule = rule.schedule === null || holds(rule.schedule, at, zone);
  const outcome = evaluate(rule, before, { at, measure, mayEnd, lagMs, heldLagMs, inSchedule, gapMs });
  const { condition, reason, transition } = outcome;
  return { before, condition, reason, transition, at, measure };
}

/** The result of `evaluate` for a normal condition with an unmet measure, or none: most votes end here. */
function stayingNormal(watch: Judged, at: number, measure: number | null): Judgement {
  const before = watch.condition;
  if (measure === null) return { before, condition: before, reason: 'no_evidence', transition: undefined, at, measure };
  return { before, condition: normalCondition(at), reason: 'normal', transition: undefined, at, measure };
}

/** Evaluates the schedule alone at `at`, without a reading. */
export function judgeHours({ rule, condition }: Judged, at: number, zone: TimeZone): Judgement {
  const before = isOfFuture(condition.lastTs, at) ? setBack(condition, at) : condition;
  const inSchedule = rule.schedule === null || holds(rule.schedule, at, zone);
  const seen = { at, measure: null, mayEnd: true, lagMs: 0, inSchedule, gapMs: 0 };
  return { ...evaluate(rule, before, seen), before, at, measure: null };
}

/** When the running delay ends by the service's clock if nothing newer comes; null: it waits for a reading. */
export function dueByClock({ rule, condition, gapMs, normal }: Judged): number | null {
  if (normal) return null;
  const due = dueAt(rule, condition, gapMs);
  return due === null ? null : due + (condition.newest?.lagMs ?? 0);
}

/** Ends a delay that is over: the last measure has held until then. */
export function judgeDue(watch: Judged, zone: TimeZone): Judgement {
  const { rule, condition: before, gapMs } = watch;
  const at = dueAt(rule, before, gapMs) ?? before.lastTs;
  const inSchedule = rule.schedule === null || holds(rule.schedule, at, zone);
  const outcome = evaluateHeld(rule, before, at, inSchedule);
  return { ...outcome, before, at, measure: before.newest?.measure ?? null };
}
