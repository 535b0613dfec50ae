import type { AlarmRule } from '../rule/rule.js';

/** A stored version of a rule; in force from `at`, epoch milliseconds, on. */
interface StoredVersion {
  readonly rule: AlarmRule;
  readonly deleted: boolean;
  readonly at: number | null;
}

/** A version of a rule and the start of its force; null: from the beginning. No rule while disabled or ended. */
export interface InForce {
  readonly version: number;
  readonly from: number | null;
  readonly rule: AlarmRule | null;
}

/** Versions in order of effect. `raisedBy`, the one that raised, counts from the beginning; older ones drop out. */
export function timelineOf(versions: readonly StoredVersion[], raisedBy: number | null): readonly InForce[] {
  const rising = versions.toSorted((a, b) => a.rule.version - b.rule.version);
  const first = raisedBy === null ? -1 : rising.findIndex(({ rule }) => rule.version === raisedBy);
  return rising.slice(Math.max(0, first)).map(({ rule, deleted, at }, index) => ({
    version: rule.version,
    from: index === 0 ? null : at,
    rule: deleted || !rule.enabled ? null : rule,
  }));
}

/** Versions in force at some time of a period. */
export function within(timeline: readonly InForce[], from: number, to: number): readonly InForce[] {
  return timeline.filter((one, index) => {
    const until = timeline[index + 1]?.from ?? Number.POSITIVE_INFINITY;
    return (one.from ?? Number.NEGATIVE_INFINITY) < to && until > from;
  });
}
