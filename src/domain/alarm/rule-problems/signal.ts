import { metric as catalogued, type MetricKind } from '../../catalogue/index.js';
import type { AlarmRule } from '../rule.js';
import type { SignalSpec } from '../signal/spec.js';
import type { Measured } from './measured.js';
import type { RuleProblem } from './problem.js';

const NUMBERS = { windowS: [10, 86_400], weeks: [1, 12], minReadings: [1, 10_000] } as const;
const MEMBERS = [1, 16] as const;

/** Kinds of metrics that a signal says something about; all where it is not listed. */
const SUITS: Partial<Record<SignalSpec['kind'], readonly MetricKind[]>> = {
  rate: ['gauge'],
  deviation: ['gauge'],
  unchanged: ['gauge'],
  counter_still: ['counter'],
};
/** Signals that grow while something is missing or wrong; only their high side is abnormal. */
const RISING: readonly SignalSpec['kind'][] = ['unchanged', 'counter_still', 'bad_share', 'silence', 'vote'];
/** Signals whose evidence is a choice; the others decide themselves what counts. */
const CHOOSES_EVIDENCE: readonly SignalSpec['kind'][] = ['value', 'vote'];

/** What is wrong with the signal, and with what the rule says of it. */
export function signalProblems(rule: AlarmRule, subject: Measured | null): RuleProblem[] {
  const { signal, comparison, evidence } = rule;
  const found: RuleProblem[] = [];
  const kinds = SUITS[signal.kind];
  if (subject !== null && kinds !== undefined && !kinds.includes(subject.kind)) {
    found.push({ field: 'signal.kind', expected: `another than ${signal.kind} for a ${subject.kind}` });
  }
  if (rule.domain === 'system' && signal.kind === 'vote') {
    found.push({ field: 'signal.kind', expected: 'no vote in the domain system' });
  }
  if (RISING.includes(signal.kind) && comparison.side === 'low') {
    found.push({ field: 'comparison.side', expected: `high: the signal ${signal.kind} rises with what is wrong` });
  }
  if (evidence !== 'good' && !CHOOSES_EVIDENCE.includes(signal.kind)) {
    found.push({ field: 'evidence', expected: `good for the signal ${signal.kind}` });
  }
  for (const name of ['windowS', 'weeks', 'minReadings'] as const) {
    const value = (signal as Partial<Record<typeof name, number>>)[name];
    const [least, most] = NUMBERS[name];
    if (value === undefined || (Number.isInteger(value) && value >= least && value <= most)) continue;
    found.push({ field: `signal.${name}`, expected: `a whole number from ${least} to ${most}` });
  }
  return signal.kind === 'vote' ? [...found, ...voteProblems(rule, signal)] : found;
}

function voteProblems(rule: AlarmRule, { members }: Extract<SignalSpec, { kind: 'vote' }>): RuleProblem[] {
  const [least, most] = MEMBERS;
  const field = 'signal.members';
  if (members.length < least || members.length > most) return [{ field, expected: `${least} to ${most} members` }];
  const found: RuleProblem[] = [];
  if (rule.metric !== members[0]!.metric) {
    found.push({ field: 'metric', expected: `${members[0]!.metric}, that of the first member of the vote` });
  }
  const seen = new Set<string>();
  members.forEach(({ metric, side, setpoint, inclusive }, index) => {
    const known = rule.domain === 'system' ? undefined : catalogued(rule.domain, metric);
    const [min, max] = known?.range ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
    const at = `${field}.${index}`;
    if (known === undefined) found.push({ field: `${at}.metric`, expected: `a metric of the domain ${rule.domain}` });
    if (!(Number.isFinite(setpoint) && setpoint >= min && setpoint <= max)) {
      found.push({ field: `${at}.setpoint`, expected: `from ${min} to ${max}` });
    }
    const key = `${metric} ${side} ${setpoint} ${inclusive}`;
    if (seen.has(key)) found.push({ field: at, expected: 'another than a member before it, which would count twice' });
    seen.add(key);
  });
  return found;
}
