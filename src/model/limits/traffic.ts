import { limitsIn, secondary } from './limit.js';

const limit = limitsIn('traffic');

export const CROWD_DENSITY = limit(
  'people_density_per_m2',
  secondary('Fruin (1971)', 'level of service F; dangerous from 4 people per square metre, set by the site'),
  2.17,
  4,
);
export const CROWD_CAPACITY = limit(
  'people_capacity_used_pct',
  secondary('景区最大承载量预警', '80 % yellow, 90 % orange, 100 % red; customary for scenic areas'),
  80,
  90,
  100,
);
export const JAM_SPEED = limit(
  'mean_speed_km_h',
  secondary('道路交通运行评价', 'branch roads: 10 km/h and less is severe; queue set by the site'),
  10,
);
