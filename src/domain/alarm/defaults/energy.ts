import type { AlarmRule } from '../rule.js';
import { above, alarm, below, type RuleDraft, rule, secondary, site, text } from './build.js';

/** Limit profile of meters on 220/380 V: only there do the voltage limits in volts mean anything. */
export const LOW_VOLTAGE = 'low-voltage';

/** Power quality is judged over minutes, not on one sample. */
const LASTING_S = 300;
const SUPPLY = text('检查变压器分接头和负荷，联系供电部门', 'Check transformer taps and load, talk to the supplier');

const PHASES = ['a', 'b', 'c'] as const;

/** 220 V +7 % / −10 %. */
const voltages = PHASES.flatMap((phase): readonly RuleDraft[] => {
  const common = {
    metric: `voltage_${phase}_v`,
    limitProfile: LOW_VOLTAGE,
    onDelayS: 60,
    advice: SUPPLY,
    source: secondary('GB 12325-90', 'limits of 220 V supply'),
  } as const;
  const name = phase.toUpperCase();
  return [
    {
      ...common,
      id: `voltage-${phase}-high`,
      comparison: above(alarm('medium', 235.4, 1)),
      message: text(`${name}相电压偏高`, `Voltage of phase ${name} too high`),
    },
    {
      ...common,
      id: `voltage-${phase}-low`,
      comparison: below(alarm('medium', 198, 1)),
      message: text(`${name}相电压偏低`, `Voltage of phase ${name} too low`),
    },
  ];
});

const drafts: readonly RuleDraft[] = [
  ...voltages,
  {
    id: 'frequency-high',
    metric: 'frequency_hz',
    comparison: above(alarm('medium', 50.2, 0.05)),
    onDelayS: 10,
    message: text('频率偏高', 'Frequency too high'),
    advice: SUPPLY,
    source: site('GB/T 15945-2008', '3.1'),
  },
  {
    id: 'frequency-low',
    metric: 'frequency_hz',
    comparison: below(alarm('medium', 49.8, 0.05)),
    onDelayS: 10,
    message: text('频率偏低', 'Frequency too low'),
    advice: SUPPLY,
    source: site('GB/T 15945-2008', '3.1'),
  },
  {
    id: 'voltage-unbalance',
    metric: 'voltage_unbalance_pct',
    comparison: above(alarm('low', 2, 0.2)),
    onDelayS: LASTING_S,
    maxGapS: 900,
    message: text('三相电压不平衡', 'Voltage unbalance'),
    advice: text('调整单相负荷分配', 'Spread the single-phase load'),
    source: secondary('GB/T 15543-1995', 'normal limit'),
  },
  {
    id: 'voltage-thd',
    metric: 'voltage_thd_pct',
    comparison: above(alarm('low', 5, 0.5)),
    onDelayS: LASTING_S,
    maxGapS: 900,
    message: text('电压总谐波畸变率超标', 'Voltage total harmonic distortion above its limit'),
    advice: text('查找谐波源，检查滤波装置', 'Find the source of harmonics, check the filters'),
    source: site('GB/T 14549-93', '表1, 0.38 kV'),
  },
  {
    id: 'power-factor-low',
    metric: 'power_factor',
    comparison: below(alarm('low', 0.85, 0.02)),
    onDelayS: 1_800,
    maxGapS: 3_600,
    message: text('功率因数偏低', 'Power factor low'),
    advice: text('检查无功补偿装置', 'Check the reactive power compensation'),
    source: site('功率因数调整电费办法', '0.85, other users of 100 kVA and more'),
  },
];

export const ENERGY_RULES: readonly AlarmRule[] = drafts.map((draft) => rule('energy', draft));
