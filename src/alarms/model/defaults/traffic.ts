import { CROWD_CAPACITY, CROWD_DENSITY, JAM_SPEED } from '../../../model/limits/traffic.js';
import type { AlarmRule } from '../rule/rule.js';
import {
  alarm,
  causes,
  fallsTo,
  level,
  member,
  operations,
  reaches,
  rulesOf,
  type Texts,
  text,
  vote,
} from './build.js';
import { OFFICE_HOURS } from './scope.js';

const traffic = rulesOf('traffic');
const safety = rulesOf('traffic', { alarmClass: 'safety', onDelayS: 60 });
/** An hour without a count, and that for an hour of the day: it begins after a still night. */
const still = rulesOf('traffic', {
  ...{ signal: { kind: 'counter_still' }, alarmClass: 'maintenance', maxGapS: 3_600, schedule: OFFICE_HOURS },
});
const TIME = operations('time set by the site');

const NEAR_CAPACITY = text('在场人数接近最大瞬时承载量', 'People present near the greatest number allowed at once');
const OTHER_PARKS: Texts = ['引导至其他停车场', 'Send vehicles to other car parks'];

export const TRAFFIC_RULES: readonly AlarmRule[] = [
  safety('crowd-density-high', 'people_density_per_m2', CROWD_DENSITY.source)
    .when(
      reaches(
        { ...level('warning', 'medium', CROWD_DENSITY.values[0], 0.2), onDelayS: 30 },
        { ...level('dangerous', 'critical', CROWD_DENSITY.values[1], 0.4), onDelayS: 10 },
      ),
      { onDelayS: 0 },
    )
    .says('人群密度过高', 'Crowd density high')
    .advises(
      '限制进入，加强引导；达到危险值时立即疏导',
      'Limit the entries, guide the flow; when dangerous, disperse at once',
    ),
  safety('crowd-capacity', 'people_capacity_used_pct', CROWD_CAPACITY.source)
    .when(
      reaches(
        { ...level('yellow', 'low', CROWD_CAPACITY.values[0], 5), message: NEAR_CAPACITY },
        { ...level('orange', 'medium', CROWD_CAPACITY.values[1], 5), message: NEAR_CAPACITY },
        level('red', 'high', CROWD_CAPACITY.values[2], 5),
      ),
    )
    .says('在场人数达到最大瞬时承载量', 'As many people present as are allowed at once')
    .advises(
      '黄色提示引导，橙色限流，红色停止进入并疏导',
      'Yellow: guide; orange: limit entries; red: stop entries and lead people out',
    ),
  traffic('queue-long', 'queue_length_m', operations('length set by the site'))
    .when(reaches(alarm('low', 200, 40)), { onDelayS: 120 })
    .says('车辆排队过长', 'Vehicle queue long')
    .advises('增开通道，引导分流', 'Open more lanes, divert'),
  safety('speeding', 'mean_speed_km_h', operations('speed set by the site'))
    .when(reaches(alarm('low', 40, 5)))
    .says('园区道路平均车速过高', 'Mean speed on the road of the park too high')
    .advises('检查限速设施，加强管控', 'Check the speed bumps and signs, have it watched'),
  traffic('traffic-jam', 'mean_speed_km_h', JAM_SPEED.source)
    .when(reaches(alarm('low', 2)), {
      signal: vote(
        'device',
        member('mean_speed_km_h', 'low', JAM_SPEED.values[0]),
        member('queue_length_m', 'high', 50),
      ),
      ...{ onDelayS: 180, suppressedBy: causes('device', 'queue-long') },
    })
    .says('道路严重拥堵', 'Traffic jam')
    .advises('派员疏导，引导绕行', 'Direct the traffic, send vehicles another way'),
  still('people-counter-still', 'people_in', TIME)
    .when(reaches(alarm('low', 3_600)), { onDelayS: 3_600 })
    .says('工作时段客流计数不动', 'People counter stands still in office hours')
    .advises('检查摄像机镜头、供电和计数线', 'Check the lens, the power and the counting line'),
  still('vehicle-counter-still', 'vehicles_in', TIME)
    .when(reaches(alarm('low', 3_600)), { onDelayS: 7_200 })
    .says('工作时段车流计数不动', 'Vehicle counter stands still in office hours')
    .advises('检查道闸、线圈和摄像机', 'Check the barrier, its loop and the camera'),
  traffic('parking-nearly-full', 'parking_used_pct', operations('shares set by the site'))
    .when(
      reaches(
        { ...level('nearly full', 'low', 90, 3), message: text('停车场将满', 'Car park nearly full') },
        level('full', 'medium', 100, 3),
      ),
      { onDelayS: 120 },
    )
    .says('停车场已满', 'Car park full')
    .advises(...OTHER_PARKS),
  traffic('parking-full', 'parking_spaces_free', operations('no free space'))
    .when(fallsTo(alarm('low', 0, 3)), { onDelayS: 60, suppressedBy: causes('device', 'parking-nearly-full') })
    .says('停车场已满', 'Car park full')
    .advises(...OTHER_PARKS),
];
