import {
  HYDRANT,
  HYDRANT_HIGHEST,
  MUNICIPAL_HYDRANT as MUNICIPAL,
  SPRINKLER,
  TANK_LEVEL,
} from '../../../model/limits/fire.js';
import { site } from '../../../model/limits/limit.js';
import type { AlarmRule } from '../rule/rule.js';
import { above, alarm, below, FACILITY, level, reaches, reported, rule, text } from './build.js';
import { type Instrument, oftenBad, stuck } from './instruments.js';
import { MUNICIPAL_HYDRANT } from './scope.js';

const WATER = text('检查阀门、稳压泵和管网是否泄漏', 'Check valves, the stabilising pump and the mains for leaks');

const instrument = (metric: string, name: string): Instrument => ({
  domain: 'fire',
  metric,
  name,
  alarmClass: 'fire_facility',
  source: site('park operations', 'time and share set by the site'),
  priority: 'low',
  maxGapS: 7_200,
});

/** Water for extinguishing: pressure, tank and pumps; and the instruments. */
export const WATER_RULES: readonly AlarmRule[] = [
  rule('fire', {
    id: 'hydrant-pressure-low',
    metric: 'hydrant_pressure_mpa',
    comparison: below(alarm('high', HYDRANT.values[0], 0.02)),
    onDelayS: 30,
    message: text('消火栓静水压力不足', 'Hydrant static pressure too low'),
    advice: WATER,
    source: HYDRANT.source,
  }),
  rule('fire', {
    id: 'hydrant-pressure-low-municipal',
    family: 'hydrant-pressure-low',
    limitProfile: MUNICIPAL_HYDRANT,
    metric: 'hydrant_pressure_mpa',
    comparison: below(
      level('warning', 'medium', MUNICIPAL.values[0], 0.01),
      level('alarm', 'high', MUNICIPAL.values[1], 0.02),
    ),
    onDelayS: 30,
    message: text('市政消火栓压力不足', 'Municipal hydrant pressure too low'),
    advice: text('联系供水部门，检查管网阀门', 'Talk to the water supplier, check the valves of the mains'),
    source: MUNICIPAL.source,
  }),
  rule('fire', {
    id: 'hydrant-pressure-falling',
    metric: 'hydrant_pressure_mpa',
    signal: { kind: 'rate', windowS: 3_600, per: 'hour', direction: 'fall' },
    comparison: above(alarm('medium', 0.15, 0.05)),
    onDelayS: 60,
    offDelayS: 300,
    suppressedBy: [
      { rule: 'hydrant-pressure-low', scope: 'device' },
      { rule: 'hydrant-pressure-low-municipal', scope: 'device' },
    ],
    message: text('消火栓压力快速下降', 'Hydrant pressure falling fast'),
    advice: WATER,
    source: site('park operations', 'fall set by the site'),
  }),
  rule('fire', {
    id: 'hydrant-pressure-high',
    metric: 'hydrant_pressure_mpa',
    comparison: above(alarm('medium', HYDRANT_HIGHEST.values[0], 0.05)),
    onDelayS: 60,
    message: text('消火栓压力过高，应设减压', 'Hydrant pressure calls for a reducer'),
    advice: text('检查减压装置', 'Check the pressure reducer'),
    source: HYDRANT_HIGHEST.source,
  }),
  rule('fire', {
    id: 'sprinkler-pressure-low',
    metric: 'sprinkler_pressure_mpa',
    comparison: below(alarm('high', SPRINKLER.values[0], 0.02)),
    onDelayS: 30,
    message: text('喷淋最不利点静水压力不足', 'Sprinkler static pressure too low at the worst point'),
    advice: WATER,
    source: SPRINKLER.source,
  }),
  rule('fire', {
    id: 'pump-without-pressure',
    metric: 'fire_pump_running',
    signal: {
      kind: 'vote',
      scope: 'device',
      members: [
        { metric: 'fire_pump_running', side: 'equal', setpoint: 1, inclusive: true },
        { metric: 'sprinkler_pressure_mpa', side: 'low', setpoint: 0.14, inclusive: false },
      ],
    },
    comparison: reaches(alarm('critical', 2)),
    onDelayS: 60,
    message: text('消防泵运行而管网压力不足', 'Fire pump running without pressure behind it'),
    advice: text(
      '检查吸水阀、止回阀和泵体，启动备用泵',
      'Check the suction, the check valve and the pump; start the stand-by pump',
    ),
    source: site('park operations', 'pressure set by the site'),
  }),
  rule('fire', {
    id: 'tank-level-falling',
    metric: 'tank_level_m',
    signal: { kind: 'rate', windowS: 3_600, per: 'hour', direction: 'fall' },
    comparison: above(alarm('medium', 0.5, 0.2)),
    offDelayS: 300,
    maxGapS: 1_800,
    suppressedBy: [{ rule: 'tank-level-low', scope: 'device' }],
    message: text('消防水箱水位快速下降', 'Fire tank level falling fast'),
    advice: text('检查泄漏和用水点', 'Look for a leak, or for who draws water'),
    source: site('park operations', 'fall set by the site'),
  }),
  rule('fire', {
    id: 'tank-level-low',
    metric: 'tank_level_m',
    comparison: below(alarm('high', TANK_LEVEL.values[0], 0.1)),
    onDelayS: 60,
    message: text('消防水箱水位低', 'Fire tank level low'),
    advice: text('补水并检查进水阀', 'Refill, check the inlet valve'),
    source: TANK_LEVEL.source,
  }),
  reported('high', {
    id: 'fire-pump-running',
    metric: 'fire_pump_running',
    message: text('消防泵启动', 'Fire pump running'),
    advice: text('核实是否火警或试泵', 'Find out whether it is a fire or a test'),
    source: FACILITY,
  }),
  reported('high', {
    id: 'fire-pump-fault',
    metric: 'fire_pump_fault',
    message: text('消防泵故障', 'Fire pump fault'),
    advice: text('立即检修，准备备用泵', 'Repair at once, ready the stand-by pump'),
    source: FACILITY,
  }),
  stuck(instrument('hydrant_pressure_mpa', 'hydrant-pressure'), 24),
  stuck(instrument('sprinkler_pressure_mpa', 'sprinkler-pressure'), 24),
  oftenBad(instrument('hydrant_pressure_mpa', 'hydrant-pressure'), 6, 6, 'medium'),
  oftenBad(instrument('smoke_alarm', 'smoke-detector'), 6, 6, 'medium'),
];
