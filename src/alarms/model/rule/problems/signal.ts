import { metric as catalogued } from '../../../../model/catalogue/index.js';
import { type FieldError, inPart, must } from '../../../../model/field-error.js';
import { isDeviceMetric, type RuleMetric } from '../../metric.js';
import { problemsOf } from '../../signal/problems.js';
import type { SignalSpec } from '../../signal/spec.js';
import type { AlarmRule } from '../rule.js';

/** Signals that grow with the fault; only their high side is abnormal. */
const RISING: readonly SignalSpec['kind'][] = ['unchanged', 'counter_still', 'bad_share', 'silence', 'vote'];
/** Signals with a choice of evidence; the others decide themselves which readings count. */
const CHOOSES_EVIDENCE: readonly SignalSpec['kind'][] = ['value', 'vote'];

/** Errors of the signal, and of the fields that depend on it. */
export function signalProblems(rule: AlarmRule, subject: RuleMetric | null): readonly FieldError[] {
  const { signal, comparison, evidence, domain, metric } = rule;
  const { kind } = signal;
  const { side } = comparison;
  return [
    ...inPart('signal', problemsOf(signal, subject?.kind)),
    ...must(domain !== 'system' || kind !== 'vote', 'signal.kind', 'no vote in the domain system'),
    ...must(!isDeviceMetric(metric) || kind === 'silence', 'signal.kind', `silence for the metric ${metric}`),
    ...must(
      !RISING.includes(kind) || side !== 'low',
      'comparison.side',
      `high: the signal ${kind} rises with the fault`,
    ),
    ...must(evidence === 'good' || CHOOSES_EVIDENCE.includes(kind), 'evidence', `good for the signal ${kind}`),
    ...(kind === 'vote' ? voteProblems(rule, signal) : []),
  ];
}

function voteProblems(rule: AlarmRule, { members }: Extract<SignalSpec, { kind: 'vote' }>): readonly FieldError[] {
  const first = members[0]?.metric ?? rule.metric;
  return [
    ...must(rule.metric === first, 'metric', `${first}, that of the first member of the vote`),
    ...members.flatMap(({ metric, setpoint }, index) => {
      const known = rule.domain === 'system' ? undefined : catalogued(rule.domain, metric);
      const [min, max] = known?.range ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
      const at = `signal.members.${index}`;
      return [
        ...must(known !== undefined, `${at}.metric`, `a metric of the domain ${rule.domain}`),
        ...must(
          Number.isFinite(setpoint) && setpoint >= min && setpoint <= max,
          `${at}.setpoint`,
          `from ${min} to ${max}`,
        ),
      ];
    }),
  ];
}
