import {
  FREQUENCY,
  POWER_FACTOR,
  SUPPLY_VOLTAGE,
  VOLTAGE_DISTORTION,
  VOLTAGE_UNBALANCE,
} from '../../../model/limits/energy.js';
import type { Comparison } from '../rule/comparison.js';
import type { AlarmRule, Cause } from '../rule/rule.js';
import type { DeviationSpec, VoteSpec } from '../signal/spec.js';
import { above, alarm, below, causes, level, member, operations, reaches, rulesOf, type Texts, vote } from './build.js';
import { type Instrument, oftenBad, stuck } from './instruments.js';
import { DAY_SHIFT, DEAD_OF_NIGHT, INCOMER, LOW_VOLTAGE, OFF_SHIFT, OUT, TRANSFORMER } from './scope.js';

const energy = rulesOf('energy');
const SUPPLY: Texts = ['检查变压器分接头和负荷，联系供电部门', 'Check transformer taps and load, talk to the supplier'];
const PHASES = ['a', 'b', 'c'] as const;
const [low, high] = SUPPLY_VOLTAGE.values;

/** Of meters on 220/380 V, whether or not they are those of transformers; `suffix` tells their rules apart. */
interface MeterKind {
  readonly limitProfile: string;
  readonly suffix: string;
  readonly out: readonly Cause[];
}
const LOADS: MeterKind = { limitProfile: LOW_VOLTAGE, suffix: '', out: OUT };
const TRANSFORMERS: MeterKind = {
  limitProfile: TRANSFORMER,
  suffix: '-transformer',
  out: [...causes('device', 'transformer-out'), ...OUT],
};

/** 220 V +7 % / −10 %. */
const voltages = ({ limitProfile, suffix, out }: MeterKind): AlarmRule[] =>
  PHASES.flatMap((phase) => {
    const name = phase.toUpperCase();
    const suppressedBy = [...out, ...causes('device', `phase-lost${suffix}`)];
    const beyond = (comparison: Comparison) =>
      energy(`voltage-${phase}-${comparison.side}${suffix}`, `voltage_${phase}_v`, SUPPLY_VOLTAGE.source).when(
        comparison,
        {
          ...{ family: `voltage-${phase}-${comparison.side}`, limitProfile, onDelayS: 60, suppressedBy },
        },
      );
    return [
      beyond(above(alarm('medium', high, 1)))
        .says(`${name}相电压偏高`, `Voltage of phase ${name} too high`)
        .advises(...SUPPLY),
      beyond(below(alarm('medium', low, 1)))
        .says(`${name}相电压偏低`, `Voltage of phase ${name} too low`)
        .advises(...SUPPLY),
    ];
  });

/** A phase counts as lost below 70 % of 220 V, or of 10 kV taken between phase and earth. */
const lost = (volts: 154 | 4_000): VoteSpec =>
  vote('device', ...PHASES.map((phase) => member(`voltage_${phase}_v`, 'low', volts, false)));
/** The further up something is, the sooner it is judged, so that a cause is known before its effects. */
const NO_SUPPLY = operations('below 70 % of the nominal voltage; set by the site');
const RESTORE: Texts = [
  '检查进线开关和保护动作，联系供电部门，启动应急电源',
  'Check the breaker and what tripped it, talk to the supplier, start the emergency supply',
];

const phaseLost = ({ limitProfile, suffix, out }: MeterKind): AlarmRule =>
  energy(`phase-lost${suffix}`, 'voltage_a_v', NO_SUPPLY)
    .when(
      limitProfile === TRANSFORMER
        ? reaches(alarm('medium', 1))
        : reaches(level('phase', 'medium', 1), level('supply', 'high', 3)),
      { family: 'phase-lost', limitProfile, signal: lost(154), onDelayS: 30, suppressedBy: out },
    )
    .says('缺相或失电', 'Phase or supply lost')
    .advises('检查熔断器、开关和接线，停用三相电动机', 'Check fuses, switch and wiring; stop three-phase motors');

/** Voltages of the supply, phase by phase and as a whole. */
const SUPPLY_RULES: readonly AlarmRule[] = [
  ...voltages(LOADS),
  ...voltages(TRANSFORMERS),
  phaseLost(LOADS),
  phaseLost(TRANSFORMERS),
  energy('transformer-out', 'voltage_a_v', NO_SUPPLY)
    .when(reaches(alarm('high', 3)), {
      ...{ limitProfile: TRANSFORMER, signal: lost(154), onDelayS: 5, suppressedBy: causes('park', 'park-supply-out') },
    })
    .says('变压器失电', 'Transformer without voltage')
    .advises(...RESTORE),
  energy('park-supply-out', 'voltage_a_v', NO_SUPPLY)
    .when(reaches(alarm('critical', 3)), { limitProfile: INCOMER, signal: lost(4_000) })
    .says('园区10千伏进线失电', 'The 10 kV supply of the park is out')
    .advises(...RESTORE),
];

/** Power quality is judged over minutes, not on one sample. */
const LASTING = { onDelayS: 300, maxGapS: 900 } as const;
const [normal, short] = VOLTAGE_UNBALANCE.values;

const QUALITY_RULES: readonly AlarmRule[] = [
  energy('frequency-high', 'frequency_hz', FREQUENCY.source)
    .when(above(alarm('medium', FREQUENCY.values[1], 0.05)), { onDelayS: 10 })
    .says('频率偏高', 'Frequency too high')
    .advises(...SUPPLY),
  energy('frequency-low', 'frequency_hz', FREQUENCY.source)
    .when(below(alarm('medium', FREQUENCY.values[0], 0.05)), { onDelayS: 10 })
    .says('频率偏低', 'Frequency too low')
    .advises(...SUPPLY),
  energy('voltage-unbalance', 'voltage_unbalance_pct', VOLTAGE_UNBALANCE.source)
    .when(above(level('normal limit', 'low', normal, 0.2), level('short-time limit', 'medium', short, 0.4)), LASTING)
    .says('三相电压不平衡', 'Voltage unbalance')
    .advises('调整单相负荷分配', 'Spread the single-phase load'),
  energy('voltage-thd', 'voltage_thd_pct', VOLTAGE_DISTORTION.source)
    .when(above(alarm('low', VOLTAGE_DISTORTION.values[0], 0.5)), LASTING)
    .says('电压总谐波畸变率超标', 'Voltage total harmonic distortion above its limit')
    .advises('查找谐波源，检查滤波装置', 'Find the source of harmonics, check the filters'),
  energy('power-factor-low', 'power_factor', POWER_FACTOR.source)
    .when(below(alarm('low', POWER_FACTOR.values[0], 0.02)), { onDelayS: 1_800, maxGapS: 3_600 })
    .says('功率因数偏低', 'Power factor low')
    .advises('检查无功补偿装置', 'Check the reactive power compensation'),
];

/** Per cent of what is usual; where the past says nothing, `assumed` counts as usual. */
const unusual = (minBaseline: number, assumed?: number): DeviationSpec => ({
  ...{ kind: 'deviation', weeks: 4, as: 'percent', minBaseline },
  ...(assumed !== undefined && { assumedBaseline: assumed }),
});
const compared = rulesOf('energy', { offDelayS: 900, maxGapS: 3_600 });
const USUAL = operations('against the same hour of the past four weeks; share set by the site');
const TIME = operations('time set by the site');

/** Half an hour without a count, and that for half an hour of the shift: a shift begins after a still night. */
const still = rulesOf('energy', {
  ...{ signal: { kind: 'counter_still' }, alarmClass: 'maintenance', onDelayS: 1_800, maxGapS: 3_600 },
  ...{ schedule: DAY_SHIFT, suppressedBy: OUT },
});

/** What is used, against what is usual; and meters that do not count. */
const USAGE_RULES: readonly AlarmRule[] = [
  compared('demand-unusual', 'demand_kw', USUAL)
    .when(above(alarm('low', 60, 15)), { signal: unusual(10), onDelayS: 1_800, schedule: DAY_SHIFT })
    .says('用电需量比往常同时段高', 'Demand above what is usual at this hour')
    .advises('核实是否新增负荷或设备异常', 'Find out whether there is new load or a faulty machine'),
  compared('demand-off-shift', 'demand_kw', USUAL)
    .when(above(alarm('low', 60, 15)), { signal: unusual(5), onDelayS: 1_800, schedule: OFF_SHIFT })
    .says('非生产时段用电偏高', 'Load outside the shifts above what is usual')
    .advises('检查是否有设备未关停，或安排了加班', 'See what was left running, or whether somebody works'),
  compared('water-leak', 'water_flow_m3_h', USUAL)
    .when(above(alarm('low', 50, 10)), { signal: unusual(0.2, 100), onDelayS: 3_600, schedule: DEAD_OF_NIGHT })
    .says('夜间最小流量偏高，疑似漏水', 'Night flow of water above what is usual, perhaps a leak')
    .advises('夜间巡查管网和用水点', 'Have the mains and taps walked at night'),
  compared('gas-off-shift', 'gas_flow_m3_h', USUAL)
    .when(above(alarm('medium', 60, 15)), { signal: unusual(1, 300), onDelayS: 900, schedule: OFF_SHIFT })
    .says('非生产时段燃气流量偏高，疑似泄漏', 'Gas flow outside the shifts above what is usual, perhaps a leak')
    .advises('核实用气设备，检查可燃气体探测器读数和阀门', 'Check what burns, the gas detectors and the valves'),
  still('energy-counter-still', 'import_energy_kwh', TIME)
    .when(reaches(alarm('low', 1_800)))
    .says('生产时段电表读数不走', 'Meter stands still in shift hours')
    .advises('检查电表、互感器和接线', 'Check the meter, its transformers and wiring'),
  still('water-counter-still', 'water_volume_m3', TIME)
    .when(reaches(alarm('low', 4 * 3_600)))
    .says('生产时段水表读数不走', 'Water meter stands still in shift hours')
    .advises('检查水表和脉冲采集', 'Check the meter and its pulse input'),
];

/** A meter that is read without interruption gives another voltage every minute. */
const FROZEN: Instrument = {
  ...{ domain: 'energy', metric: 'voltage_a_v', name: 'meter-values', alarmClass: 'maintenance' },
  ...{ source: TIME, priority: 'low', maxGapS: 3_600 },
};

export const ENERGY_RULES: readonly AlarmRule[] = [
  ...SUPPLY_RULES,
  ...QUALITY_RULES,
  ...USAGE_RULES,
  stuck(FROZEN, 4),
  oftenBad({ ...FROZEN, metric: 'active_power_kw', name: 'active-power' }, 2, 8, 'medium'),
];
