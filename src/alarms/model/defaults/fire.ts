import {
  BATTERY,
  CABLE_TEMPERATURE,
  COMBUSTIBLE_GAS,
  HYDRANT,
  HYDRANT_HIGHEST,
  MUNICIPAL_HYDRANT as MUNICIPAL,
  RESIDUAL_CURRENT,
  SPRINKLER,
  TANK_LEVEL,
} from '../../../model/limits/fire.js';
import { secondary, site } from '../../../model/limits/limit.js';
import type { AlarmRule } from '../rule/rule.js';
import {
  above,
  alarm,
  below,
  causes,
  fallsTo,
  is,
  level,
  member,
  operations,
  rate,
  reaches,
  rulesOf,
  type Texts,
  vote,
} from './build.js';
import { type Instrument, oftenBad, stuck } from './instruments.js';
import { MUNICIPAL_HYDRANT_PROFILE } from './scope.js';

const fire = rulesOf('fire');
/** Conditions that a detector or panel reports itself; a faulty device is believed when it warns. */
const reported = rulesOf('fire', { evidence: 'unless_serviced' });
const detected = rulesOf('fire', { evidence: 'unless_serviced', alarmClass: 'fire_alarm' });

const DETECT: Texts = [
  '立即核实现场，确认火情后报警119并启动疏散',
  'Check the spot at once; on fire call 119 and evacuate',
];
const CABLE: Texts = ['检查线路绝缘与负荷，必要时断电', 'Check insulation and load, switch off if needed'];
const WATER: Texts = ['检查阀门、稳压泵和管网是否泄漏', 'Check valves, the stabilising pump and the mains for leaks'];
const FACILITY = secondary('GB 26875.1-2011', '4.1.3.1');
const REMOTE = secondary('GB 26875.1-2011', '4.1.2.1');
const DETECTORS = ['smoke_alarm', 'heat_alarm', 'manual_call_point'] as const;

/** Smoke, heat and gas, cables, doors and the detectors themselves. */
const DETECTION_RULES: readonly AlarmRule[] = [
  detected('smoke-alarm', 'smoke_alarm', REMOTE)
    .when(is(1, 'critical'))
    .says('感烟探测器火警', 'Smoke detected')
    .advises(...DETECT),
  detected('heat-alarm', 'heat_alarm', REMOTE)
    .when(is(1, 'critical'))
    .says('感温探测器火警', 'Heat detected')
    .advises(...DETECT),
  detected('manual-call-point', 'manual_call_point', REMOTE)
    .when(is(1, 'critical'))
    .says('手动火灾报警按钮动作', 'Manual call point pressed')
    .advises(...DETECT),
  detected(
    'fire-confirmed',
    'smoke_alarm',
    site('GB 50116-2013', 'two independent signals before linkage; to be confirmed by the site'),
  )
    .when(reaches(alarm('critical', 2)), {
      signal: vote('place', ...DETECTORS.map((metric) => member(metric, 'equal', 1))),
    })
    .says('同一部位两个以上报警信号，火警确认', 'Fire confirmed: two alarms or more at one place')
    .advises('立即启动应急预案，报警119，疏散并启动联动设备', 'Call 119, evacuate, start what is linked'),
  detected('combustible-gas', 'combustible_gas_lel_pct', COMBUSTIBLE_GAS.source)
    .when(
      reaches(
        level('level 1', 'high', COMBUSTIBLE_GAS.values[0], 5),
        level('level 2', 'critical', COMBUSTIBLE_GAS.values[1], 5),
      ),
    )
    .says('可燃气体报警', 'Combustible gas')
    .advises(
      '查找泄漏源，禁止动火，加强通风；二级报警时切断气源和电源并撤离人员',
      'Find the leak, no open flames, ventilate; at level 2 cut off gas and power and evacuate',
    ),
  fire('residual-current-high', 'residual_current_ma', RESIDUAL_CURRENT.source)
    .when(
      reaches(
        level('warning', 'medium', RESIDUAL_CURRENT.values[0], 30),
        level('alarm', 'high', RESIDUAL_CURRENT.values[1], 50),
      ),
      { onDelayS: 10 },
    )
    .says('剩余电流超过报警值', 'Residual current above its setting')
    .advises(...CABLE),
  fire('cable-temperature-high', 'cable_temperature_c', CABLE_TEMPERATURE.source)
    .when(reaches(alarm('high', CABLE_TEMPERATURE.values[0], 5)), { onDelayS: 30 })
    .says('电缆温度过高', 'Cable temperature too high')
    .advises(...CABLE),
  fire('cable-temperature-rising', 'cable_temperature_c', operations('rise set by the site'))
    .when(above(alarm('medium', 20, 5)), {
      ...{ signal: rate('rise'), onDelayS: 60, offDelayS: 300 },
      suppressedBy: causes('device', 'cable-temperature-high'),
    })
    .says('电缆温度快速上升', 'Cable temperature rising fast')
    .advises(...CABLE),
  reported('fire-door-open', 'fire_door_open', FACILITY)
    .when(is(1, 'low'), { onDelayS: 300, maxGapS: 900 })
    .says('常闭防火门未关闭', 'Fire door left open')
    .advises('派人关闭防火门', 'Have the door closed'),
  reported('controller-fault', 'controller_fault', FACILITY)
    .when(is(1, 'high'))
    .says('火灾报警控制器故障', 'Fire alarm controller fault')
    .advises('通知维保单位，加强人工巡查', 'Call maintenance, patrol in person meanwhile'),
  fire('battery-low', 'battery_pct', BATTERY.source)
    .when(fallsTo(alarm('low', BATTERY.values[0], 5)), { onDelayS: 60, maxGapS: 7_200 })
    .says('备用电池电量低', 'Back-up battery low')
    .advises('更换电池', 'Replace the battery'),
];

/** Water for extinguishing: pressure, tank and pumps. */
const WATER_RULES: readonly AlarmRule[] = [
  fire('hydrant-pressure-low', 'hydrant_pressure_mpa', HYDRANT.source)
    .when(below(alarm('high', HYDRANT.values[0], 0.02)), { onDelayS: 30 })
    .says('消火栓静水压力不足', 'Hydrant static pressure too low')
    .advises(...WATER),
  fire('hydrant-pressure-low-municipal', 'hydrant_pressure_mpa', MUNICIPAL.source)
    .when(
      below(level('warning', 'medium', MUNICIPAL.values[0], 0.01), level('alarm', 'high', MUNICIPAL.values[1], 0.02)),
      { family: 'hydrant-pressure-low', limitProfile: MUNICIPAL_HYDRANT_PROFILE, onDelayS: 30 },
    )
    .says('市政消火栓压力不足', 'Municipal hydrant pressure too low')
    .advises('联系供水部门，检查管网阀门', 'Talk to the water supplier, check the valves of the mains'),
  fire('hydrant-pressure-falling', 'hydrant_pressure_mpa', operations('fall set by the site'))
    .when(above(alarm('medium', 0.15, 0.05)), {
      ...{ signal: rate('fall'), onDelayS: 60, offDelayS: 300 },
      suppressedBy: causes('device', 'hydrant-pressure-low', 'hydrant-pressure-low-municipal'),
    })
    .says('消火栓压力快速下降', 'Hydrant pressure falling fast')
    .advises(...WATER),
  fire('hydrant-pressure-high', 'hydrant_pressure_mpa', HYDRANT_HIGHEST.source)
    .when(above(alarm('medium', HYDRANT_HIGHEST.values[0], 0.05)), { onDelayS: 60 })
    .says('消火栓压力过高，应设减压', 'Hydrant pressure calls for a reducer')
    .advises('检查减压装置', 'Check the pressure reducer'),
  fire('sprinkler-pressure-low', 'sprinkler_pressure_mpa', SPRINKLER.source)
    .when(below(alarm('high', SPRINKLER.values[0], 0.02)), { onDelayS: 30 })
    .says('喷淋最不利点静水压力不足', 'Sprinkler static pressure too low at the worst point')
    .advises(...WATER),
  fire('pump-without-pressure', 'fire_pump_running', operations('pressure set by the site'))
    .when(reaches(alarm('critical', 2)), {
      signal: vote(
        'device',
        member('fire_pump_running', 'equal', 1),
        member('sprinkler_pressure_mpa', 'low', 0.14, false),
      ),
      onDelayS: 60,
    })
    .says('消防泵运行而管网压力不足', 'Fire pump running without pressure behind it')
    .advises(
      '检查吸水阀、止回阀和泵体，启动备用泵',
      'Check the suction, the check valve and the pump; start the stand-by pump',
    ),
  fire('tank-level-falling', 'tank_level_m', operations('fall set by the site'))
    .when(above(alarm('medium', 0.5, 0.2)), {
      ...{ signal: rate('fall'), offDelayS: 300, maxGapS: 1_800, suppressedBy: causes('device', 'tank-level-low') },
    })
    .says('消防水箱水位快速下降', 'Fire tank level falling fast')
    .advises('检查泄漏和用水点', 'Look for a leak, or for who draws water'),
  fire('tank-level-low', 'tank_level_m', TANK_LEVEL.source)
    .when(below(alarm('high', TANK_LEVEL.values[0], 0.1)), { onDelayS: 60 })
    .says('消防水箱水位低', 'Fire tank level low')
    .advises('补水并检查进水阀', 'Refill, check the inlet valve'),
  reported('fire-pump-running', 'fire_pump_running', FACILITY)
    .when(is(1, 'high'))
    .says('消防泵启动', 'Fire pump running')
    .advises('核实是否火警或试泵', 'Find out whether it is a fire or a test'),
  reported('fire-pump-fault', 'fire_pump_fault', FACILITY)
    .when(is(1, 'high'))
    .says('消防泵故障', 'Fire pump fault')
    .advises('立即检修，准备备用泵', 'Repair at once, ready the stand-by pump'),
];

const instrument = (metric: string, name: string): Instrument => ({
  ...{ domain: 'fire', metric, name, alarmClass: 'fire_facility', priority: 'low', maxGapS: 7_200 },
  source: operations('time and share set by the site'),
});

export const FIRE_RULES: readonly AlarmRule[] = [
  ...DETECTION_RULES,
  ...WATER_RULES,
  stuck(instrument('hydrant_pressure_mpa', 'hydrant-pressure'), 24),
  stuck(instrument('sprinkler_pressure_mpa', 'sprinkler-pressure'), 24),
  oftenBad(instrument('hydrant_pressure_mpa', 'hydrant-pressure'), 6, 6, 'medium'),
  oftenBad(instrument('smoke_alarm', 'smoke-detector'), 6, 6, 'medium'),
];
