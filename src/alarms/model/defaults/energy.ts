import { FREQUENCY, POWER_FACTOR, VOLTAGE_DISTORTION, VOLTAGE_UNBALANCE } from '../../../model/limits/energy.js';
import { site } from '../../../model/limits/limit.js';
import type { AlarmRule } from '../rule/rule.js';
import { above, alarm, below, level, type RuleDraft, rule, text } from './build.js';
import { SUPPLY, SUPPLY_DRAFTS } from './energy-supply.js';
import { USAGE_DRAFTS } from './energy-usage.js';
import { oftenBad, stuck } from './instruments.js';

export { LOW_VOLTAGE } from './scope.js';

/** Power quality is judged over minutes, not on one sample. */
const LASTING_S = 300;
const [normal, short] = VOLTAGE_UNBALANCE.values;

const QUALITY_DRAFTS: readonly RuleDraft[] = [
  {
    id: 'frequency-high',
    metric: 'frequency_hz',
    comparison: above(alarm('medium', FREQUENCY.values[1], 0.05)),
    onDelayS: 10,
    message: text('频率偏高', 'Frequency too high'),
    advice: SUPPLY,
    source: FREQUENCY.source,
  },
  {
    id: 'frequency-low',
    metric: 'frequency_hz',
    comparison: below(alarm('medium', FREQUENCY.values[0], 0.05)),
    onDelayS: 10,
    message: text('频率偏低', 'Frequency too low'),
    advice: SUPPLY,
    source: FREQUENCY.source,
  },
  {
    id: 'voltage-unbalance',
    metric: 'voltage_unbalance_pct',
    comparison: above(level('normal limit', 'low', normal, 0.2), level('short-time limit', 'medium', short, 0.4)),
    onDelayS: LASTING_S,
    maxGapS: 900,
    message: text('三相电压不平衡', 'Voltage unbalance'),
    advice: text('调整单相负荷分配', 'Spread the single-phase load'),
    source: VOLTAGE_UNBALANCE.source,
  },
  {
    id: 'voltage-thd',
    metric: 'voltage_thd_pct',
    comparison: above(alarm('low', VOLTAGE_DISTORTION.values[0], 0.5)),
    onDelayS: LASTING_S,
    maxGapS: 900,
    message: text('电压总谐波畸变率超标', 'Voltage total harmonic distortion above its limit'),
    advice: text('查找谐波源，检查滤波装置', 'Find the source of harmonics, check the filters'),
    source: VOLTAGE_DISTORTION.source,
  },
  {
    id: 'power-factor-low',
    metric: 'power_factor',
    comparison: below(alarm('low', POWER_FACTOR.values[0], 0.02)),
    onDelayS: 1_800,
    maxGapS: 3_600,
    message: text('功率因数偏低', 'Power factor low'),
    advice: text('检查无功补偿装置', 'Check the reactive power compensation'),
    source: POWER_FACTOR.source,
  },
];

/** A meter that is read without interruption gives another voltage every minute. */
const FROZEN = {
  domain: 'energy',
  metric: 'voltage_a_v',
  name: 'meter-values',
  alarmClass: 'maintenance',
  source: site('park operations', 'time set by the site'),
  priority: 'low',
  maxGapS: 3_600,
} as const;

export const ENERGY_RULES: readonly AlarmRule[] = [
  ...[...SUPPLY_DRAFTS, ...QUALITY_DRAFTS, ...USAGE_DRAFTS].map((draft) => rule('energy', draft)),
  stuck(FROZEN, 4),
  oftenBad({ ...FROZEN, metric: 'active_power_kw', name: 'active-power' }, 2, 8, 'medium'),
];
