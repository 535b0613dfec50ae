import { type LimitSource, secondary } from '../../../model/limits/limit.js';
import type { AlarmClass, Priority } from '../class.js';
import type { AlarmLevel, Comparison } from '../rule/comparison.js';
import type { AlarmDomain, AlarmRule, Cause, Evidence, Text } from '../rule/rule.js';
import type { Schedule } from '../rule/schedule.js';
import type { SignalSpec } from '../signal/spec.js';

/** What a default rule says; the rest has a usual value. */
export interface RuleDraft {
  readonly id: string;
  readonly metric: string;
  readonly comparison: Comparison;
  readonly alarmClass?: AlarmClass;
  readonly message: Text;
  readonly advice: Text;
  readonly source: LimitSource;
  readonly signal?: SignalSpec;
  readonly family?: string;
  readonly limitProfile?: string;
  readonly onDelayS?: number;
  readonly offDelayS?: number;
  readonly maxGapS?: number;
  readonly schedule?: Schedule;
  readonly evidence?: Evidence;
  readonly suppressedBy?: readonly Cause[];
}

/** Defaults of this version take the place of older ones, and of others of the same, that nobody edited. */
const VERSION = 2;

const CLASSES: Readonly<Record<AlarmDomain, AlarmClass>> = {
  energy: 'operation',
  wastewater: 'environment',
  fire: 'fire_facility',
  traffic: 'operation',
  system: 'system',
};

/** A default rule in force. */
export function rule(domain: AlarmDomain, draft: RuleDraft): AlarmRule {
  return {
    version: VERSION,
    enabled: true,
    domain,
    family: draft.id,
    limitProfile: null,
    parks: [],
    devices: [],
    alarmClass: CLASSES[domain],
    signal: { kind: 'value' },
    onDelayS: 0,
    offDelayS: 0,
    maxGapS: null,
    schedule: null,
    evidence: 'good',
    suppressedBy: [],
    ...draft,
  };
}

/** A level that is called `alarm`. */
export const alarm = (priority: Priority, setpoint: number, deadband = 0): AlarmLevel =>
  level('alarm', priority, setpoint, deadband);
export const level = (name: string, priority: Priority, setpoint: number, deadband = 0): AlarmLevel => ({
  name,
  priority,
  setpoint,
  deadband,
});

/** A limit: the setpoint itself complies. */
export const above = (...levels: readonly AlarmLevel[]): Comparison => ({ side: 'high', inclusive: false, levels });
export const below = (...levels: readonly AlarmLevel[]): Comparison => ({ side: 'low', inclusive: false, levels });

/** An alarm setting: reaching the setpoint is enough. */
export const reaches = (...levels: readonly AlarmLevel[]): Comparison => ({ side: 'high', inclusive: true, levels });
export const fallsTo = (...levels: readonly AlarmLevel[]): Comparison => ({ side: 'low', inclusive: true, levels });
export const is = (setpoint: number, priority: Priority): Comparison => ({
  side: 'equal',
  inclusive: true,
  levels: [alarm(priority, setpoint)],
});

export const text = (zh: string, en: string): Text => ({ zh, en });

export const FACILITY = secondary('GB 26875.1-2011', '4.1.3.1');

/** Conditions that a detector or panel reports by itself; a faulty device is believed when it warns. */
export const reported = (priority: Priority, draft: Omit<RuleDraft, 'comparison'>): AlarmRule =>
  rule('fire', { evidence: 'unless_serviced', comparison: is(1, priority), ...draft });
