import { type AlarmDomain, type AlarmRule, metricsOfRule } from '../../model/rule/rule.js';

/** The metrics, by domain, of rules that differ between the two sets. */
export function changedMetrics(
  before: ReadonlyMap<string, AlarmRule>,
  after: ReadonlyMap<string, AlarmRule>,
): ReadonlyMap<AlarmDomain, ReadonlySet<string>> {
  const changed = new Map<AlarmDomain, Set<string>>();
  const add = (rule: AlarmRule) => {
    const metrics = changed.get(rule.domain) ?? new Set();
    for (const metric of metricsOfRule(rule)) metrics.add(metric);
    changed.set(rule.domain, metrics);
  };
  for (const rule of before.values()) if (after.get(rule.id) !== rule) add(rule);
  for (const rule of after.values()) if (before.get(rule.id) !== rule) add(rule);
  return changed;
}

/** Whether a rule's new version evaluates the same signal, so that the watch keeps its state. */
export function isAboutTheSame(before: AlarmRule, after: AlarmRule): boolean {
  return (
    before.domain === after.domain &&
    before.metric === after.metric &&
    before.comparison.side === after.comparison.side &&
    JSON.stringify(before.signal) === JSON.stringify(after.signal)
  );
}
