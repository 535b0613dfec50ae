import type { AlarmRule } from '../rule/rule.js';

/** A version as the record of rules has it; it was in force from `at`, epoch milliseconds, on. */
interface StoredVersion {
  readonly rule: AlarmRule;
  readonly deleted: boolean;
  readonly at: number | null;
}

/** A version of a rule, and from when it was in force; null: from the beginning. No rule while disabled or ended. */
export interface InForce {
  readonly version: number;
  readonly from: number | null;
  readonly rule: AlarmRule | null;
}

/**
 * Versions in the order in which they took effect. `raisedBy`: the version that is known to have raised what is
 * explained; it counts from the beginning, and older ones not at all.
 */
export function timelineOf(versions: readonly StoredVersion[], raisedBy: number | null): readonly InForce[] {
  const rising = versions.toSorted((a, b) => a.rule.version - b.rule.version);
  const first = raisedBy === null ? -1 : rising.findIndex(({ rule }) => rule.version === raisedBy);
  return rising.slice(Math.max(0, first)).map(({ rule, deleted, at }, index) => ({
    version: rule.version,
    from: index === 0 ? null : at,
    rule: deleted || !rule.enabled ? null : rule,
  }));
}

/** Those of a timeline that were in force at some time of a period. */
export function within(timeline: readonly InForce[], from: number, to: number): readonly InForce[] {
  return timeline.filter((one, index) => {
    const until = timeline[index + 1]?.from ?? Number.POSITIVE_INFINITY;
    return (one.from ?? Number.NEGATIVE_INFINITY) < to && until > from;
  });
}
