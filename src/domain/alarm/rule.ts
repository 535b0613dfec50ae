import { DOMAINS } from '../reading.js';

/** What alarms are about: what parks report on, and `system`, the service itself. */
export const ALARM_DOMAINS = [...DOMAINS, 'system'] as const;
export type AlarmDomain = (typeof ALARM_DOMAINS)[number];

/** Priorities of ISA-18.2 clause 9, rising. */
export const PRIORITIES = ['low', 'medium', 'high', 'critical'] as const;
export type Priority = (typeof PRIORITIES)[number];

/** Whether `priority` is at least `minimum`. */
export function atLeast(priority: Priority, minimum: Priority): boolean {
  return PRIORITIES.indexOf(priority) >= PRIORITIES.indexOf(minimum);
}

/**
 * What is abnormal. `high` and `low` compare with the setpoint in the metric's unit; `inclusive` counts the setpoint
 * itself, as an alarm setting does and a legal limit does not. The deadband is how far back a value must come.
 */
export type RuleCondition =
  | {
      readonly kind: 'high' | 'low';
      readonly setpoint: number;
      readonly deadband: number;
      readonly inclusive: boolean;
    }
  | { readonly kind: 'state'; readonly setpoint: number };

/**
 * Which readings count. `good`: readings of good quality alone. `unless_serviced`: any but those flagged M
 * (maintenance) or C (calibration) may raise, good ones alone may clear: a faulty fire detector is believed when it warns.
 */
export type Evidence = 'good' | 'unless_serviced';

/** Text for people in the two languages of the boards. */
export interface Text {
  readonly zh: string;
  readonly en: string;
}

/**
 * Where a setpoint comes from. `verified`: read in the standard's own text. `secondary`: quoted elsewhere.
 * `site`: a customary value that each site should set for itself.
 */
export interface RuleSource {
  readonly standard: string;
  readonly clause: string;
  readonly certainty: 'verified' | 'secondary' | 'site';
}

/** When an alarm is raised and ended for one metric. */
export interface AlarmRule {
  /** Lower-case letters, digits and hyphens: it is part of the alarm's id. */
  readonly id: string;
  /** Rises with every change; events name the version they came from. */
  readonly version: number;
  readonly enabled: boolean;
  readonly domain: AlarmDomain;
  /** Of the catalogue; of SYSTEM_METRICS in the domain `system`. */
  readonly metric: string;
  /** Rules of one family are alternatives: a device gets those of its limit profile, else the general ones. */
  readonly family: string;
  /** Limit profile of the devices it is for; null for the general rule. */
  readonly limitProfile: string | null;
  readonly condition: RuleCondition;
  /** Seconds of event time that the condition must hold before the alarm is raised. */
  readonly onDelayS: number;
  /** Longest step in seconds between two readings that the on-delay may bridge; null: from the expected interval. */
  readonly maxGapS: number | null;
  readonly priority: Priority;
  readonly evidence: Evidence;
  readonly message: Text;
  readonly advice: Text;
  readonly source: RuleSource;
}

/** Gap bound where neither the rule nor the device says more, in seconds. */
export const DEFAULT_GAP_S = 300;
const EXPECTED_INTERVALS = 3;

/** Longest step of event time, in milliseconds, over which an on-delay goes on running. */
export function gapBoundMs(rule: Pick<AlarmRule, 'maxGapS'>, expectedIntervalS: number | null): number {
  const seconds = rule.maxGapS ?? (expectedIntervalS === null ? DEFAULT_GAP_S : EXPECTED_INTERVALS * expectedIntervalS);
  return seconds * 1_000;
}
