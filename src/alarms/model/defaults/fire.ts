import { BATTERY, CABLE_TEMPERATURE, COMBUSTIBLE_GAS, RESIDUAL_CURRENT } from '../../../model/limits/fire.js';
import { secondary, site } from '../../../model/limits/limit.js';
import type { AlarmRule } from '../rule/rule.js';
import { above, alarm, FACILITY, fallsTo, level, reaches, reported, rule, text } from './build.js';
import { WATER_RULES } from './fire-water.js';

const DETECT = text(
  '立即核实现场，确认火情后报警119并启动疏散',
  'Check the spot at once; on fire call 119 and evacuate',
);
const CABLE = text('检查线路绝缘与负荷，必要时断电', 'Check insulation and load, switch off if needed');
const REMOTE = secondary('GB 26875.1-2011', '4.1.2.1');

export const FIRE_RULES: readonly AlarmRule[] = [
  reported('critical', {
    id: 'smoke-alarm',
    metric: 'smoke_alarm',
    alarmClass: 'fire_alarm',
    message: text('感烟探测器火警', 'Smoke detected'),
    advice: DETECT,
    source: REMOTE,
  }),
  reported('critical', {
    id: 'heat-alarm',
    metric: 'heat_alarm',
    alarmClass: 'fire_alarm',
    message: text('感温探测器火警', 'Heat detected'),
    advice: DETECT,
    source: REMOTE,
  }),
  reported('critical', {
    id: 'manual-call-point',
    metric: 'manual_call_point',
    alarmClass: 'fire_alarm',
    message: text('手动火灾报警按钮动作', 'Manual call point pressed'),
    advice: DETECT,
    source: REMOTE,
  }),
  rule('fire', {
    id: 'fire-confirmed',
    metric: 'smoke_alarm',
    alarmClass: 'fire_alarm',
    evidence: 'unless_serviced',
    signal: {
      kind: 'vote',
      scope: 'place',
      members: ['smoke_alarm', 'heat_alarm', 'manual_call_point'].map((metric) => ({
        metric,
        side: 'equal',
        setpoint: 1,
        inclusive: true,
      })),
    },
    comparison: reaches(alarm('critical', 2)),
    message: text('同一部位两个以上报警信号，火警确认', 'Fire confirmed: two alarms or more at one place'),
    advice: text('立即启动应急预案，报警119，疏散并启动联动设备', 'Call 119, evacuate, start what is linked'),
    source: site('GB 50116-2013', 'two independent signals before linkage; to be confirmed by the site'),
  }),
  rule('fire', {
    id: 'combustible-gas',
    metric: 'combustible_gas_lel_pct',
    alarmClass: 'fire_alarm',
    comparison: reaches(
      level('level 1', 'high', COMBUSTIBLE_GAS.values[0], 5),
      level('level 2', 'critical', COMBUSTIBLE_GAS.values[1], 5),
    ),
    evidence: 'unless_serviced',
    message: text('可燃气体报警', 'Combustible gas'),
    advice: text(
      '查找泄漏源，禁止动火，加强通风；二级报警时切断气源和电源并撤离人员',
      'Find the leak, no open flames, ventilate; at level 2 cut off gas and power and evacuate',
    ),
    source: COMBUSTIBLE_GAS.source,
  }),
  rule('fire', {
    id: 'residual-current-high',
    metric: 'residual_current_ma',
    comparison: reaches(
      level('warning', 'medium', RESIDUAL_CURRENT.values[0], 30),
      level('alarm', 'high', RESIDUAL_CURRENT.values[1], 50),
    ),
    onDelayS: 10,
    message: text('剩余电流超过报警值', 'Residual current above its setting'),
    advice: CABLE,
    source: RESIDUAL_CURRENT.source,
  }),
  rule('fire', {
    id: 'cable-temperature-high',
    metric: 'cable_temperature_c',
    comparison: reaches(alarm('high', CABLE_TEMPERATURE.values[0], 5)),
    onDelayS: 30,
    message: text('电缆温度过高', 'Cable temperature too high'),
    advice: CABLE,
    source: CABLE_TEMPERATURE.source,
  }),
  rule('fire', {
    id: 'cable-temperature-rising',
    metric: 'cable_temperature_c',
    signal: { kind: 'rate', windowS: 3_600, per: 'hour', direction: 'rise' },
    comparison: above(alarm('medium', 20, 5)),
    onDelayS: 60,
    offDelayS: 300,
    suppressedBy: [{ rule: 'cable-temperature-high', scope: 'device' }],
    message: text('电缆温度快速上升', 'Cable temperature rising fast'),
    advice: CABLE,
    source: site('park operations', 'rise set by the site'),
  }),
  reported('low', {
    id: 'fire-door-open',
    metric: 'fire_door_open',
    onDelayS: 300,
    maxGapS: 900,
    message: text('常闭防火门未关闭', 'Fire door left open'),
    advice: text('派人关闭防火门', 'Have the door closed'),
    source: FACILITY,
  }),
  reported('high', {
    id: 'controller-fault',
    metric: 'controller_fault',
    message: text('火灾报警控制器故障', 'Fire alarm controller fault'),
    advice: text('通知维保单位，加强人工巡查', 'Call maintenance, patrol in person meanwhile'),
    source: FACILITY,
  }),
  rule('fire', {
    id: 'battery-low',
    metric: 'battery_pct',
    comparison: fallsTo(alarm('low', BATTERY.values[0], 5)),
    onDelayS: 60,
    maxGapS: 7_200,
    message: text('备用电池电量低', 'Back-up battery low'),
    advice: text('更换电池', 'Replace the battery'),
    source: BATTERY.source,
  }),
  ...WATER_RULES,
];
