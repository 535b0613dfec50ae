import type { Priority } from '../priority.js';
import type { AlarmRule } from '../rule.js';
import {
  above,
  alarm,
  below,
  fallsTo,
  is,
  level,
  type RuleDraft,
  reaches,
  rule,
  secondary,
  site,
  text,
} from './build.js';

const DETECT = text(
  '立即核实现场，确认火情后报警119并启动疏散',
  'Check the spot at once; on fire call 119 and evacuate',
);
const WATER = text('检查阀门、稳压泵和管网是否泄漏', 'Check valves, the stabilising pump and the mains for leaks');
const CABLE = text('检查线路绝缘与负荷，必要时断电', 'Check insulation and load, switch off if needed');
const REMOTE = secondary('GB 26875.1-2011', '4.1.2.1');
const FACILITY = secondary('GB 26875.1-2011', '4.1.3.1');

/** Conditions that a detector or panel reports by itself; a faulty device is believed when it warns. */
const reported = (priority: Priority, draft: Omit<RuleDraft, 'comparison'>): AlarmRule =>
  rule('fire', { evidence: 'unless_serviced', comparison: is(1, priority), ...draft });

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
    id: 'combustible-gas',
    metric: 'combustible_gas_lel_pct',
    alarmClass: 'fire_alarm',
    comparison: reaches(level('level 1', 'high', 25, 5), level('level 2', 'critical', 50, 5)),
    evidence: 'unless_serviced',
    message: text('可燃气体报警', 'Combustible gas'),
    advice: text(
      '查找泄漏源，禁止动火，加强通风；二级报警时切断气源和电源并撤离人员',
      'Find the leak, no open flames, ventilate; at level 2 cut off gas and power and evacuate',
    ),
    source: secondary('GB/T 50493-2019', '5.5.2'),
  }),
  rule('fire', {
    id: 'hydrant-pressure-low',
    metric: 'hydrant_pressure_mpa',
    comparison: below(alarm('high', 0.1, 0.02)),
    onDelayS: 30,
    message: text('消火栓静水压力不足', 'Hydrant static pressure too low'),
    advice: WATER,
    source: secondary('GB 50974-2014', '5.2.2(3)'),
  }),
  rule('fire', {
    id: 'hydrant-pressure-high',
    metric: 'hydrant_pressure_mpa',
    comparison: above(alarm('medium', 0.7, 0.05)),
    onDelayS: 60,
    message: text('消火栓压力过高，应设减压', 'Hydrant pressure calls for a reducer'),
    advice: text('检查减压装置', 'Check the pressure reducer'),
    source: secondary('GB 50974-2014', '7.4.12'),
  }),
  rule('fire', {
    id: 'sprinkler-pressure-low',
    metric: 'sprinkler_pressure_mpa',
    comparison: below(alarm('high', 0.1, 0.02)),
    onDelayS: 30,
    message: text('喷淋最不利点静水压力不足', 'Sprinkler static pressure too low at the worst point'),
    advice: WATER,
    source: secondary('GB 50974-2014', '5.2.2(4)'),
  }),
  rule('fire', {
    id: 'tank-level-low',
    metric: 'tank_level_m',
    comparison: below(alarm('high', 1, 0.1)),
    onDelayS: 60,
    message: text('消防水箱水位低', 'Fire tank level low'),
    advice: text('补水并检查进水阀', 'Refill, check the inlet valve'),
    source: site('GB 25506-2010', '最低水位信息; level set by the site'),
  }),
  rule('fire', {
    id: 'residual-current-high',
    metric: 'residual_current_ma',
    comparison: reaches(level('warning', 'medium', 300, 30), level('alarm', 'high', 500, 50)),
    onDelayS: 10,
    message: text('剩余电流超过报警值', 'Residual current above its setting'),
    advice: CABLE,
    source: secondary('GB 50116-2013', '9.2.3'),
  }),
  rule('fire', {
    id: 'cable-temperature-high',
    metric: 'cable_temperature_c',
    comparison: reaches(alarm('high', 70, 5)),
    onDelayS: 30,
    message: text('电缆温度过高', 'Cable temperature too high'),
    advice: CABLE,
    source: site('GB 14287.3-2014', '设定范围 45–140 ℃; set by the site'),
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
    comparison: fallsTo(alarm('low', 20, 5)),
    onDelayS: 60,
    maxGapS: 7_200,
    message: text('备用电池电量低', 'Back-up battery low'),
    advice: text('更换电池', 'Replace the battery'),
    source: site('GB 26875.1-2011', '备用电源; level set by the site'),
  }),
];
