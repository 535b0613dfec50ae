import type { AlarmRule } from '../../../src/domain/alarm/rule.js';
import type { DataFlag, Quality, Reading } from '../../../src/domain/reading.js';

/** COD above 80 mg/L for 60 s; back to normal at 76 or less; the on-delay bridges at most 100 s. */
export const COD: AlarmRule = {
  id: 'cod-high',
  version: 1,
  enabled: true,
  domain: 'wastewater',
  metric: 'cod_mg_l',
  family: 'cod-high',
  limitProfile: null,
  condition: { kind: 'high', setpoint: 80, deadband: 4, inclusive: false },
  onDelayS: 60,
  maxGapS: 100,
  priority: 'medium',
  evidence: 'good',
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
  condition: { kind: 'state', setpoint: 1 },
  onDelayS: 0,
  maxGapS: null,
  priority: 'critical',
  evidence: 'unless_serviced',
};

export const PRESSURE: AlarmRule = {
  ...COD,
  id: 'pressure-low',
  domain: 'fire',
  metric: 'hydrant_pressure_mpa',
  family: 'pressure-low',
  condition: { kind: 'low', setpoint: 0.1, deadband: 0.02, inclusive: false },
  onDelayS: 0,
};

export function reading(ts: number, value: number, flag: DataFlag = 'N', quality?: Quality): Reading {
  return { metric: 'any', ts, value, flag, quality: quality ?? (flag === 'N' ? 'good' : 'flagged') };
}
