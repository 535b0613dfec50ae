import { site } from '../../../model/limits/limit.js';
import { above, alarm, type RuleDraft, reaches, text } from './build.js';
import { OUT } from './energy-supply.js';
import { DAY_SHIFT, DEAD_OF_NIGHT, OFF_SHIFT } from './scope.js';

/** Half an hour without a count, and that for half an hour of the shift: a shift begins after a still night. */
const STILL = {
  signal: { kind: 'counter_still' },
  comparison: reaches(alarm('low', 1_800)),
  alarmClass: 'maintenance',
  onDelayS: 1_800,
  maxGapS: 3_600,
  schedule: DAY_SHIFT,
  suppressedBy: OUT,
  source: site('park operations', 'time set by the site'),
} as const satisfies Partial<RuleDraft>;

const WEEKS = 4;
const USUAL = site('park operations', 'against the same hour of the past four weeks; share set by the site');

/** What is used, against what is usual; and meters that do not count. */
export const USAGE_DRAFTS: readonly RuleDraft[] = [
  {
    id: 'demand-unusual',
    metric: 'demand_kw',
    signal: { kind: 'deviation', weeks: WEEKS, as: 'percent', minBaseline: 10 },
    comparison: above(alarm('low', 60, 15)),
    onDelayS: 1_800,
    offDelayS: 900,
    maxGapS: 3_600,
    schedule: DAY_SHIFT,
    message: text('用电需量比往常同时段高', 'Demand above what is usual at this hour'),
    advice: text('核实是否新增负荷或设备异常', 'Find out whether there is new load or a faulty machine'),
    source: USUAL,
  },
  {
    id: 'demand-off-shift',
    metric: 'demand_kw',
    signal: { kind: 'deviation', weeks: WEEKS, as: 'percent', minBaseline: 5 },
    comparison: above(alarm('low', 60, 15)),
    onDelayS: 1_800,
    offDelayS: 900,
    maxGapS: 3_600,
    schedule: OFF_SHIFT,
    message: text('非生产时段用电偏高', 'Load outside the shifts above what is usual'),
    advice: text('检查是否有设备未关停，或安排了加班', 'See what was left running, or whether somebody works'),
    source: USUAL,
  },
  {
    id: 'water-leak',
    metric: 'water_flow_m3_h',
    signal: { kind: 'deviation', weeks: WEEKS, as: 'percent', minBaseline: 0.2, assumedBaseline: 100 },
    comparison: above(alarm('low', 50, 10)),
    onDelayS: 3_600,
    offDelayS: 900,
    maxGapS: 3_600,
    schedule: DEAD_OF_NIGHT,
    message: text('夜间最小流量偏高，疑似漏水', 'Night flow of water above what is usual, perhaps a leak'),
    advice: text('夜间巡查管网和用水点', 'Have the mains and taps walked at night'),
    source: USUAL,
  },
  {
    id: 'gas-off-shift',
    metric: 'gas_flow_m3_h',
    signal: { kind: 'deviation', weeks: WEEKS, as: 'percent', minBaseline: 1, assumedBaseline: 300 },
    comparison: above(alarm('medium', 60, 15)),
    onDelayS: 900,
    offDelayS: 900,
    maxGapS: 3_600,
    schedule: OFF_SHIFT,
    message: text(
      '非生产时段燃气流量偏高，疑似泄漏',
      'Gas flow outside the shifts above what is usual, perhaps a leak',
    ),
    advice: text('核实用气设备，检查可燃气体探测器读数和阀门', 'Check what burns, the gas detectors and the valves'),
    source: USUAL,
  },
  {
    id: 'energy-counter-still',
    metric: 'import_energy_kwh',
    ...STILL,
    message: text('生产时段电表读数不走', 'Meter stands still in shift hours'),
    advice: text('检查电表、互感器和接线', 'Check the meter, its transformers and wiring'),
  },
  {
    id: 'water-counter-still',
    metric: 'water_volume_m3',
    ...STILL,
    comparison: reaches(alarm('low', 4 * 3_600)),
    message: text('生产时段水表读数不走', 'Water meter stands still in shift hours'),
    advice: text('检查水表和脉冲采集', 'Check the meter and its pulse input'),
  },
];
