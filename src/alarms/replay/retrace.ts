import type { Period } from '../../model/time/windows.js';
import type { Alarm } from '../model/alarm.js';
import { Finder } from '../model/explain/findings.js';
import { Runs } from '../model/explain/runs.js';
import type { SuppressionClock } from '../model/explain/suppression.js';
import type { InForce } from '../model/explain/timeline.js';
import type { ConditionState } from '../model/judge/condition.js';
import { passed, Replay, type ReplayInput, type ReplaySettings, type ReplayStep } from '../model/judge/replay.js';
import { type AlarmRule, metricsOfRule } from '../model/rule/rule.js';
import type { CalculationPace } from './deps.js';
import type { Inputs } from './inputs.js';

interface Retraced {
  readonly finder: Finder;
  readonly runs: Runs;
  /** The suppression at each raise. */
  readonly raisedUnder: readonly ReturnType<SuppressionClock['at']>[];
  /** Whether readings of the time before the decision came after it. */
  readonly arrivedLater: boolean;
}

interface Trace {
  readonly timeline: readonly InForce[];
  readonly options: ReplaySettings;
  readonly inputs: Inputs;
  /** The explained period; earlier inputs only bring the replay into its state. */
  readonly period: Period;
  /** The decision to explain; null for a period alone. */
  readonly decided: Pick<Alarm, 'since' | 'raisedAt' | 'receivedAt'> | null;
  readonly suppressed: SuppressionClock;
  /** The alarm at the begin of the inputs, and that time. */
  readonly before: Alarm | null;
  readonly begin: number;
}

/** Judges the inputs again with the versions of the rule in force at their receipt. */
export async function retrace(trace: Trace, pace: CalculationPace): Promise<Retraced> {
  const { timeline, options, inputs, period, decided, suppressed, before, begin } = trace;
  const finder = new Finder();
  const runs = new Runs();
  const raisedUnder: ReturnType<SuppressionClock['at']>[] = [];
  let arrivedLater = false;
  let next = 0;
  let replay: Replay | null = null;
  let metrics: ReadonlySet<string> = new Set();

  const append = (step: ReplayStep, rule: AlarmRule, input: ReplayInput | null) => {
    if (step.at < period.from || step.at >= period.to) return;
    const name = suppressed.at(step.receivedAt);
    finder.append(step, rule, input);
    runs.append(step, rule, name);
    if (step.transition?.kind === 'raised') raisedUnder.push(name);
  };
  const advance = (time: number) => {
    for (; next < timeline.length && (timeline[next]!.from ?? Number.NEGATIVE_INFINITY) <= time; next += 1) {
      const { rule, from } = timeline[next]!;
      if (rule === null) replay = null;
      else if (replay === null) {
        replay = new Replay(rule, options);
        if (before?.active && (from ?? begin) <= begin) replay.begin(standing(before, rule, begin));
      } else replay.change(rule);
      metrics = new Set(rule === null ? [] : metricsOfRule(rule));
    }
  };

  pace.check();
  for (let index = 0; index < inputs.length; index += 1) {
    const rest = pace.step();
    if (rest !== null) await rest;
    const input = inputs.at(index);
    arrivedLater ||= decided !== null && isBelated(input, decided);
    advance(input.receivedAt);
    const current = replay as Replay | null;
    if (current === null) continue;
    for (const step of passed(current, input.receivedAt)) append(step, current.rule, null);
    if (metrics.has(input.reading.metric)) append(current.accept(input), current.rule, input);
  }
  const last = replay as Replay | null;
  if (last !== null) for (const step of passed(last, period.to)) append(step, last.rule, null);
  return { finder, runs, raisedUnder, arrivedLater };
}

function isBelated(
  { reading, receivedAt }: ReplayInput,
  { since, raisedAt, receivedAt: decidedAt }: NonNullable<Trace['decided']>,
): boolean {
  if (since === null || raisedAt === null || decidedAt === null) return false;
  return receivedAt > decidedAt && reading.ts >= since && reading.ts < raisedAt;
}

/** The condition of an alarm that stood already, from its stored event. */
function standing({ level, since }: Alarm, rule: AlarmRule, begin: number): ConditionState {
  const { levels } = rule.comparison;
  const reached = Math.max(1, levels.findIndex(({ name }) => name === level) + 1);
  const met = levels.map((_, index) => (index < reached ? (since ?? begin) : null));
  return { lastTs: begin, level: reached, since: since ?? begin, met, back: null };
}
