import type { LimitSource } from '../../../model/limits/limit.js';
import { DOMAINS } from '../../../model/reading.js';
import { holdMs } from '../../../model/time/trust.js';
import type { AlarmClass } from '../class.js';
import type { SignalSpec } from '../signal/spec.js';
import { silenceKey } from '../system.js';
import type { Comparison, Text } from './comparison.js';
import type { Schedule } from './schedule.js';

export type { Text } from './comparison.js';

/** Domains of alarms: those of parks, and `system`, the service itself. */
export const ALARM_DOMAINS = [...DOMAINS, 'system'] as const;
export type AlarmDomain = (typeof ALARM_DOMAINS)[number];

/** Where the causing alarm must be, relative to the alarm that it silences. */
export const CAUSE_SCOPES = ['device', 'place', 'enterprise', 'park'] as const;
type CauseScope = (typeof CAUSE_SCOPES)[number];

/** A rule whose active alarm silences those of this one: suppression by design. */
export interface Cause {
  readonly rule: string;
  readonly scope: CauseScope;
}

/**
 * Which readings count for a signal that is the value itself. `good`: only readings of good quality. `unless_serviced`:
 * any but those flagged M (maintenance) or C (calibration) may raise, only good ones may end: a faulty fire detector is
 * believed when it warns.
 */
export type Evidence = 'good' | 'unless_serviced';

/** When an alarm is raised and ended for one metric. */
export interface AlarmRule {
  /** Lower-case letters, digits and hyphens: it is part of the alarm's id. */
  readonly id: string;
  /** Rises with every change; events name their version. */
  readonly version: number;
  readonly enabled: boolean;
  readonly domain: AlarmDomain;
  /** From the catalogue, or `silence_s`; from SYSTEM_METRICS in the domain `system`; the first member's in a vote. */
  readonly metric: string;
  /** Rules of one family are alternatives: a device gets those of its limit profile, else the general ones. */
  readonly family: string;
  /** Limit profile of its devices; null for the general rule. */
  readonly limitProfile: string | null;
  /** Its parks and devices; empty lists do not limit. */
  readonly parks: readonly string[];
  readonly devices: readonly string[];
  readonly alarmClass: AlarmClass;
  readonly signal: SignalSpec;
  readonly comparison: Comparison;
  /** Seconds of event time that a level must be met before a raise, and be left before the end. */
  readonly onDelayS: number;
  readonly offDelayS: number;
  /** Longest step in seconds between two readings that a delay may bridge; null: from the expected interval. */
  readonly maxGapS: number | null;
  /** Hours during which the condition counts; null: always. */
  readonly schedule: Schedule | null;
  readonly evidence: Evidence;
  readonly suppressedBy: readonly Cause[];
  readonly message: Text;
  readonly advice: Text;
  readonly source: LimitSource;
}

/** Longest step of event time, in milliseconds, that a delay may bridge: a value holds that long. */
export function longestBridgedMs(
  { maxGapS }: Pick<AlarmRule, 'maxGapS'>,
  expectedIntervalS: number | null,
  learnedMs: number | null = null,
  usualMs: number | null = null,
): number {
  return holdMs(maxGapS, expectedIntervalS, learnedMs, usualMs);
}

/** The metrics that the rule evaluates; silence has its own key, see `silenceKey`. */
export function metricsOfRule({ metric, signal }: Pick<AlarmRule, 'metric' | 'signal'>): readonly string[] {
  if (signal.kind === 'silence') return [silenceKey(metric)];
  if (signal.kind !== 'vote') return [metric];
  return [...new Set(signal.members.map((member) => member.metric))];
}

/** Whether the rule is about a place: a vote of the devices that stand there. */
export const isOfPlace = ({ signal }: Pick<AlarmRule, 'signal'>): boolean =>
  signal.kind === 'vote' && signal.scope === 'place';
