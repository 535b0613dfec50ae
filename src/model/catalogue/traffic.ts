import { metricsIn } from './define.js';
import type { Metric } from './types.js';

const { gauge, counter } = metricsIn('traffic');

/** Counters of cameras and barriers are 32-bit. */
const REGISTER = 2 ** 32;
/** People come in crowds: a train, the end of a shift. */
const CROWD_SHARE = 0.08;
const people = (key: string, zh: string, en: string) => counter(key, '', REGISTER, 30_000, [zh, en], CROWD_SHARE);
const vehicles = (key: string, zh: string, en: string) => counter(key, '', REGISTER, 6_000, [zh, en]);

/** Vehicle classes: small (cars), medium (vans, light goods), large (lorries, coaches), non-motor (bicycles, e-bikes). */
export const TRAFFIC: readonly Metric[] = [
  people('people_in', '进入人数', 'People in'),
  people('people_out', '离开人数', 'People out'),
  gauge('people_present', '', [0, 200_000], ['在场人数', 'People present']),
  gauge('people_density_per_m2', '1/m²', [0, 12], ['人群密度', 'People per square metre']),
  gauge(
    'people_capacity_used_pct',
    '%',
    [0, 400],
    ['瞬时承载量占用率', 'Share of the greatest number of people allowed at once'],
  ),
  vehicles('vehicles_in', '进入车辆数', 'Vehicles in'),
  vehicles('vehicles_out', '离开车辆数', 'Vehicles out'),
  gauge('vehicles_present', '', [0, 50_000], ['在场车辆数', 'Vehicles present']),
  vehicles('vehicles_in_small', '进入小型车数', 'Small vehicles in'),
  vehicles('vehicles_in_medium', '进入中型车数', 'Medium vehicles in'),
  vehicles('vehicles_in_large', '进入大型车数', 'Large vehicles in'),
  vehicles('vehicles_in_non_motor', '进入非机动车数', 'Non-motor vehicles in'),
  vehicles('vehicles_out_small', '离开小型车数', 'Small vehicles out'),
  vehicles('vehicles_out_medium', '离开中型车数', 'Medium vehicles out'),
  vehicles('vehicles_out_large', '离开大型车数', 'Large vehicles out'),
  vehicles('vehicles_out_non_motor', '离开非机动车数', 'Non-motor vehicles out'),
  gauge('mean_speed_km_h', 'km/h', [0, 200], ['平均车速', 'Mean speed']),
  gauge('queue_length_m', 'm', [0, 5_000], ['排队长度', 'Queue length']),
  gauge('parking_spaces_total', '', [0, 50_000], ['车位总数', 'Parking spaces, total']),
  gauge('parking_spaces_free', '', [0, 50_000], ['空余车位数', 'Parking spaces, free']),
  gauge('parking_used_pct', '%', [0, 120], ['车位占用率', 'Parking spaces, share in use']),
];
