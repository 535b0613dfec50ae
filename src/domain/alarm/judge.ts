import type { Reading } from '../reading.js';
import type { TimeZone } from '../time-zone.js';
import type { ConditionState } from './condition.js';
import { evaluate, eventTime, isLate, type Outcome, type Transition } from './evaluate.js';
import { meets, staysNormal, weigh } from './evidence.js';
import type { AlarmRule } from './rule.js';
import { holds } from './schedule.js';
import type { Signal } from './signal/signal.js';

/** A rule on a subject as it stands: what judging needs to know of it. */
export interface Judged {
  readonly rule: AlarmRule;
  /** Null for a signal that is the value itself. */
  readonly signal: Signal | null;
  /** Longest step that a delay may bridge, in milliseconds. */
  readonly gapMs: number;
  /** Whether `condition` is normal, and its `lastTs`; known without making it. */
  readonly normal: boolean;
  readonly lastTs: number;
  readonly condition: ConditionState;
}

/** What one reading brought; `measure` is what was compared. `condition` is `before` itself when nothing changed. */
export interface Judgement extends Omit<Outcome, 'transition'> {
  readonly transition: Transition | undefined;
  readonly before: ConditionState;
  readonly at: number;
  readonly measure: number | null;
}

/**
 * Judges one reading of `device`, received at `receivedAt`: the one way in which readings become conditions, live and in
 * replays. Null: the condition was normal and stays so, its clock goes to the reading's event time; most readings end
 * here, and nothing is allocated. A signal takes the reading in; `told`: what it measured is told even where nothing comes
 * of it.
 */
export function judge(
  watch: Judged,
  reading: Reading,
  device: string,
  receivedAt: number,
  zone: TimeZone,
  told = false,
): Judgement | null {
  const { rule, signal } = watch;
  if (signal === null && watch.normal && staysNormal(rule, reading)) return null;
  let at = eventTime(reading.ts, receivedAt);
  let measure: number | null = null;
  let mayEnd = true;
  if (signal === null) {
    const weight = weigh(rule.evidence, reading, rule.comparison.side);
    if (weight !== 'none') measure = reading.value;
    mayEnd = weight === 'full';
  } else {
    // Members of a vote are not in order with each other; each is judged by the newest of all.
    if (rule.signal.kind === 'vote') at = Math.max(at, watch.lastTs);
    if (at < watch.lastTs) {
      const before = watch.condition;
      return { before, condition: before, reason: 'out_of_order', transition: undefined, at, measure };
    }
    measure = signal.take(reading, at, device);
    if (!told && watch.normal && (measure === null || !meets(rule, measure))) return null;
  }
  return judgeMeasure(watch, at, measure, mayEnd, isLate(reading.ts, receivedAt), zone);
}

/** As `judge`, for a measure that is there already; null: no evidence, only the schedule counts. */
export function judgeMeasure(
  watch: Judged,
  at: number,
  measure: number | null,
  mayEnd: boolean,
  late: boolean,
  zone: TimeZone,
): Judgement {
  const { rule, gapMs } = watch;
  const before = watch.condition;
  const inSchedule = rule.schedule === null || holds(rule.schedule, at, zone);
  const { condition, reason, transition } = evaluate(rule, before, { at, measure, mayEnd, late, inSchedule, gapMs });
  return { condition, reason, transition, before, at, measure };
}
