import { site } from '../../../model/limits/limit.js';
import { CROWD_CAPACITY, CROWD_DENSITY, JAM_SPEED } from '../../../model/limits/traffic.js';
import type { AlarmRule } from '../rule/rule.js';
import { alarm, fallsTo, level, type RuleDraft, reaches, rule, text } from './build.js';
import { OFFICE_HOURS } from './scope.js';

/** An hour without a count, and that for an hour of the day: it begins after a still night. */
const STILL = {
  signal: { kind: 'counter_still' },
  comparison: reaches(alarm('low', 3_600)),
  alarmClass: 'maintenance',
  onDelayS: 3_600,
  maxGapS: 3_600,
  schedule: OFFICE_HOURS,
  source: site('park operations', 'time set by the site'),
} as const satisfies Partial<RuleDraft>;

const NEAR_CAPACITY = text('在场人数接近最大瞬时承载量', 'People present near the greatest number allowed at once');

const drafts: readonly RuleDraft[] = [
  {
    id: 'crowd-density-high',
    metric: 'people_density_per_m2',
    alarmClass: 'safety',
    comparison: reaches(
      { ...level('warning', 'medium', CROWD_DENSITY.values[0], 0.2), onDelayS: 30 },
      { ...level('dangerous', 'critical', CROWD_DENSITY.values[1], 0.4), onDelayS: 10 },
    ),
    message: text('人群密度过高', 'Crowd density high'),
    advice: text(
      '限制进入，加强引导；达到危险值时立即疏导',
      'Limit the entries, guide the flow; when dangerous, disperse at once',
    ),
    source: CROWD_DENSITY.source,
  },
  {
    id: 'crowd-capacity',
    metric: 'people_capacity_used_pct',
    alarmClass: 'safety',
    comparison: reaches(
      { ...level('yellow', 'low', CROWD_CAPACITY.values[0], 5), message: NEAR_CAPACITY },
      { ...level('orange', 'medium', CROWD_CAPACITY.values[1], 5), message: NEAR_CAPACITY },
      level('red', 'high', CROWD_CAPACITY.values[2], 5),
    ),
    onDelayS: 60,
    message: text('在场人数达到最大瞬时承载量', 'As many people present as are allowed at once'),
    advice: text(
      '黄色提示引导，橙色限流，红色停止进入并疏导',
      'Yellow: guide; orange: limit entries; red: stop entries and lead people out',
    ),
    source: CROWD_CAPACITY.source,
  },
  {
    id: 'queue-long',
    metric: 'queue_length_m',
    comparison: reaches(alarm('low', 200, 40)),
    onDelayS: 120,
    message: text('车辆排队过长', 'Vehicle queue long'),
    advice: text('增开通道，引导分流', 'Open more lanes, divert'),
    source: site('park operations', 'length set by the site'),
  },
  {
    id: 'speeding',
    metric: 'mean_speed_km_h',
    alarmClass: 'safety',
    comparison: reaches(alarm('low', 40, 5)),
    onDelayS: 60,
    message: text('园区道路平均车速过高', 'Mean speed on the road of the park too high'),
    advice: text('检查限速设施，加强管控', 'Check the speed bumps and signs, have it watched'),
    source: site('park operations', 'speed set by the site'),
  },
  {
    id: 'traffic-jam',
    metric: 'mean_speed_km_h',
    signal: {
      kind: 'vote',
      scope: 'device',
      members: [
        { metric: 'mean_speed_km_h', side: 'low', setpoint: JAM_SPEED.values[0], inclusive: true },
        { metric: 'queue_length_m', side: 'high', setpoint: 50, inclusive: true },
      ],
    },
    comparison: reaches(alarm('low', 2)),
    onDelayS: 180,
    suppressedBy: [{ rule: 'queue-long', scope: 'device' }],
    message: text('道路严重拥堵', 'Traffic jam'),
    advice: text('派员疏导，引导绕行', 'Direct the traffic, send vehicles another way'),
    source: JAM_SPEED.source,
  },
  {
    id: 'people-counter-still',
    metric: 'people_in',
    ...STILL,
    message: text('工作时段客流计数不动', 'People counter stands still in office hours'),
    advice: text('检查摄像机镜头、供电和计数线', 'Check the lens, the power and the counting line'),
  },
  {
    id: 'vehicle-counter-still',
    metric: 'vehicles_in',
    ...STILL,
    onDelayS: 7_200,
    message: text('工作时段车流计数不动', 'Vehicle counter stands still in office hours'),
    advice: text('检查道闸、线圈和摄像机', 'Check the barrier, its loop and the camera'),
  },
  {
    id: 'parking-nearly-full',
    metric: 'parking_used_pct',
    comparison: reaches(
      { ...level('nearly full', 'low', 90, 3), message: text('停车场将满', 'Car park nearly full') },
      level('full', 'medium', 100, 3),
    ),
    onDelayS: 120,
    message: text('停车场已满', 'Car park full'),
    advice: text('引导至其他停车场', 'Send vehicles to other car parks'),
    source: site('park operations', 'shares set by the site'),
  },
  {
    id: 'parking-full',
    metric: 'parking_spaces_free',
    suppressedBy: [{ rule: 'parking-nearly-full', scope: 'device' }],
    comparison: fallsTo(alarm('low', 0, 3)),
    onDelayS: 60,
    message: text('停车场已满', 'Car park full'),
    advice: text('引导至其他停车场', 'Send vehicles to other car parks'),
    source: site('park operations', 'no free space'),
  },
];

export const TRAFFIC_RULES: readonly AlarmRule[] = drafts.map((draft) => rule('traffic', draft));
