import { normalCondition } from '../../../../src/alarms/model/judge/condition.js';
import { type Evaluation, evaluate } from '../../../../src/alarms/model/judge/evaluate.js';
import { weigh } from '../../../../src/alarms/model/judge/evidence.js';
import { type AlarmRule, longestBridgedMs } from '../../../../src/alarms/model/rule/rule.js';
import type { FieldError } from '../../../../src/model/field-error.js';
import type { DataFlag, Quality, Reading } from '../../../../src/model/reading.js';
import { eventTime, liveLag } from '../../../../src/model/time/trust.js';

/** COD above 80 mg/L for 60 s; back to normal at 76 or less; the on-delay bridges at most 100 s. */
export const COD: AlarmRule = {
  id: 'cod-high',
  version: 1,
  enabled: true,
  domain: 'wastewater',
  metric: 'cod_mg_l',
  family: 'cod-high',
  limitProfile: null,
  parks: [],
  devices: [],
  alarmClass: 'environment',
  signal: { kind: 'value' },
  comparison: {
    side: 'high',
    inclusive: false,
    levels: [{ name: 'alarm', setpoint: 80, deadband: 4, priority: 'medium' }],
  },
  onDelayS: 60,
  offDelayS: 0,
  maxGapS: 100,
  schedule: null,
  evidence: 'good',
  suppressedBy: [],
  message: { zh: '化学需氧量超标', en: 'COD above its limit' },
  advice: { zh: '停止排放', en: 'Stop the discharge' },
  source: { standard: 'GB 21900-2008', clause: '表2', certainty: 'verified' },
};

export const SMOKE: AlarmRule = {
  ...COD,
  id: 'smoke-alarm',
  domain: 'fire',
  metric: 'smoke_alarm',
  family: 'smoke-alarm',
  alarmClass: 'fire_alarm',
  comparison: {
    side: 'equal',
    inclusive: true,
    levels: [{ name: 'alarm', setpoint: 1, deadband: 0, priority: 'critical' }],
  },
  onDelayS: 0,
  maxGapS: null,
  evidence: 'unless_serviced',
  message: { zh: '感烟探测器火警', en: 'Smoke detected' },
};

export const PRESSURE: AlarmRule = {
  ...COD,
  id: 'pressure-low',
  domain: 'fire',
  metric: 'hydrant_pressure_mpa',
  family: 'pressure-low',
  alarmClass: 'fire_facility',
  comparison: {
    side: 'low',
    inclusive: false,
    levels: [{ name: 'alarm', setpoint: 0.1, deadband: 0.02, priority: 'high' }],
  },
  onDelayS: 0,
};

/** Warning from 72 for 60 s, alarm from 80 for 10 s, danger from 100 at once; each ends 4 below after 20 s. */
export const GRADED: AlarmRule = {
  ...COD,
  id: 'cod-graded',
  comparison: {
    side: 'high',
    inclusive: true,
    levels: [
      { name: 'warning', setpoint: 72, deadband: 4, priority: 'low' },
      { name: 'alarm', setpoint: 80, deadband: 4, priority: 'medium', onDelayS: 10 },
      { name: 'danger', setpoint: 100, deadband: 4, priority: 'critical', onDelayS: 0 },
    ],
  },
  offDelayS: 20,
};

export function reading(ts: number, value: number, flag: DataFlag = 'N', quality?: Quality): Reading {
  return { metric: 'any', ts, value, flag, quality: quality ?? (flag === 'N' ? 'good' : 'flagged') };
}

/** One reading through the rule, as the engine does it for a signal that is the value itself. */
export function judge(
  rule: AlarmRule,
  before = normalCondition(),
  one = reading(0, 0),
  receivedAt = one.ts,
  inSchedule = true,
): Evaluation {
  const weight = weigh(rule.evidence, one);
  return evaluate(rule, before, {
    at: eventTime(one.ts, receivedAt),
    measure: weight === 'none' ? null : one.value,
    mayEnd: weight === 'full',
    lagMs: liveLag(receivedAt - one.ts, null),
    inSchedule,
    gapMs: longestBridgedMs(rule, null),
  });
}

/** Wrong fields as one line each. */
export const linesOf = (errors: readonly FieldError[]): string[] =>
  errors.map(({ field, expected }) => {
    const is = /^(is the same|\w+ does not suit)/.test(expected);
    return `${field.replace(/\.(\d+)/g, '[$1]')}: ${is ? '' : 'expected '}${expected}`;
  });
