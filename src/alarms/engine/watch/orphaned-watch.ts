import type { Alarm } from '../../model/alarm.js';
import type { AlarmRule } from '../../model/rule/rule.js';
import type { StoredCondition } from '../../store/store.js';
import { Subject } from './subject.js';
import { Watch } from './watch.js';

/** A watch for an alarm whose rule is gone or no longer applies to its subject. */
export function orphanedWatch({ rule, device, park }: StoredCondition, alarm: Alarm): Watch {
  const name = alarm.id.slice(rule.length + 1);
  return new Watch(new Subject(device, park, alarm.domain, device, name), ruleOf(rule, alarm), null);
}

/** Rebuilds a deleted rule as far as its last alarm shows it. */
function ruleOf(id: string, alarm: Alarm): AlarmRule {
  const { level: name, setpoint, priority } = alarm;
  return {
    id,
    version: alarm.ruleVersion,
    enabled: false,
    domain: alarm.domain,
    metric: alarm.metric,
    family: id,
    limitProfile: null,
    parks: [],
    devices: [],
    alarmClass: alarm.alarmClass,
    signal: { kind: 'value' },
    comparison: { side: 'high', inclusive: false, levels: [{ name, setpoint, deadband: 0, priority }] },
    onDelayS: 0,
    offDelayS: 0,
    maxGapS: null,
    schedule: null,
    evidence: 'good',
    suppressedBy: [],
    message: alarm.message,
    advice: alarm.advice,
    source: { ...alarm.source, certainty: 'site' },
  };
}
