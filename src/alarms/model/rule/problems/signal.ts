import { metric as catalogued } from '../../../../model/catalogue/index.js';
import { isDeviceMetric, type Measured } from '../../metric.js';
import { problemsOf } from '../../signal/problems.js';
import type { SignalSpec } from '../../signal/spec.js';
import type { AlarmRule } from '../rule.js';
import { namedProblems, type RuleProblem } from './problem.js';

/** Signals that grow while something is missing or wrong; only their high side is abnormal. */
const RISING: readonly SignalSpec['kind'][] = ['unchanged', 'counter_still', 'bad_share', 'silence', 'vote'];
/** Signals whose evidence is a choice; the others decide themselves what counts. */
const CHOOSES_EVIDENCE: readonly SignalSpec['kind'][] = ['value', 'vote'];

/** What is wrong with the signal, and with what the rule says of it. */
export function signalProblems(rule: AlarmRule, subject: Measured | null): RuleProblem[] {
  const { signal, comparison, evidence } = rule;
  const found = namedProblems('signal', problemsOf(signal, subject?.kind));
  if (rule.domain === 'system' && signal.kind === 'vote') {
    found.push({ field: 'signal.kind', expected: 'no vote in the domain system' });
  }
  if (isDeviceMetric(rule.metric) && signal.kind !== 'silence') {
    found.push({ field: 'signal.kind', expected: `silence for the metric ${rule.metric}` });
  }
  if (RISING.includes(signal.kind) && comparison.side === 'low') {
    found.push({ field: 'comparison.side', expected: `high: the signal ${signal.kind} rises with what is wrong` });
  }
  if (evidence !== 'good' && !CHOOSES_EVIDENCE.includes(signal.kind)) {
    found.push({ field: 'evidence', expected: `good for the signal ${signal.kind}` });
  }
  return signal.kind === 'vote' ? [...found, ...voteProblems(rule, signal)] : found;
}

function voteProblems(rule: AlarmRule, { members }: Extract<SignalSpec, { kind: 'vote' }>): RuleProblem[] {
  const field = 'signal.members';
  const found: RuleProblem[] = [];
  if (members[0] !== undefined && rule.metric !== members[0].metric) {
    found.push({ field: 'metric', expected: `${members[0].metric}, that of the first member of the vote` });
  }
  members.forEach(({ metric, setpoint }, index) => {
    const known = rule.domain === 'system' ? undefined : catalogued(rule.domain, metric);
    const [min, max] = known?.range ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
    const at = `${field}.${index}`;
    if (known === undefined) found.push({ field: `${at}.metric`, expected: `a metric of the domain ${rule.domain}` });
    if (!(Number.isFinite(setpoint) && setpoint >= min && setpoint <= max)) {
      found.push({ field: `${at}.setpoint`, expected: `from ${min} to ${max}` });
    }
  });
  return found;
}
