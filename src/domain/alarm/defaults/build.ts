import type { AlarmDomain, AlarmRule, Evidence, Priority, RuleCondition, RuleSource, Text } from '../rule.js';

/** What a default rule says; the rest has a usual value. */
export interface RuleDraft {
  readonly id: string;
  readonly metric: string;
  readonly condition: RuleCondition;
  readonly priority: Priority;
  readonly message: Text;
  readonly advice: Text;
  readonly source: RuleSource;
  readonly family?: string;
  readonly limitProfile?: string;
  readonly onDelayS?: number;
  readonly maxGapS?: number;
  readonly evidence?: Evidence;
}

/** A default rule in force, version 1 unless told. */
export function rule(domain: AlarmDomain, draft: RuleDraft, version = 1): AlarmRule {
  return {
    version,
    enabled: true,
    domain,
    family: draft.id,
    limitProfile: null,
    onDelayS: 0,
    maxGapS: null,
    evidence: 'good',
    ...draft,
  };
}

/** A limit: the setpoint itself complies. */
export const above = (setpoint: number, deadband: number): RuleCondition => ({
  kind: 'high',
  setpoint,
  deadband,
  inclusive: false,
});
export const below = (setpoint: number, deadband: number): RuleCondition => ({
  kind: 'low',
  setpoint,
  deadband,
  inclusive: false,
});

/** An alarm setting: reaching the setpoint is enough. */
export const reaches = (setpoint: number, deadband: number): RuleCondition => ({
  kind: 'high',
  setpoint,
  deadband,
  inclusive: true,
});
export const fallsTo = (setpoint: number, deadband: number): RuleCondition => ({
  kind: 'low',
  setpoint,
  deadband,
  inclusive: true,
});
export const is = (setpoint: number): RuleCondition => ({ kind: 'state', setpoint });

export const text = (zh: string, en: string): Text => ({ zh, en });

export const verified = (standard: string, clause: string): RuleSource => ({
  standard,
  clause,
  certainty: 'verified',
});
export const secondary = (standard: string, clause: string): RuleSource => ({
  standard,
  clause,
  certainty: 'secondary',
});
export const site = (standard: string, clause: string): RuleSource => ({ standard, clause, certainty: 'site' });
