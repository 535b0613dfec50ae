import { metricsIn } from './define.js';
import type { Metric } from './types.js';

const { gauge, counter } = metricsIn('wastewater');

/** A factor in mg/L, both in HJ 212-2017 table B.1 and in the catalogue. */
const mg = (key: string, max: number, zh: string, en: string, hj212: string): Metric =>
  gauge(`${key}_mg_l`, 'mg/L', [0, max], [zh, en], { hj212, hj212PerUnit: 1 });

/** A factor in µg/L in table B.1, and in mg/L in the limits and the catalogue. */
const micro = (key: string, max: number, zh: string, en: string, hj212: string): Metric =>
  gauge(`${key}_mg_l`, 'mg/L', [0, max], [zh, en], { hj212, hj212PerUnit: 1000 });

/** Upper ends are those of on-line analysers for raw electroplating and leather wastewater. */
export const WASTEWATER: readonly Metric[] = [
  gauge('flow_l_s', 'L/s', [0, 5_000], ['废水流量', 'Wastewater flow'], { hj212: 'w00000', hj212PerUnit: 1 }),
  counter('discharge_volume_m3', 'm³', 100_000_000, 18_000, ['废水累计排放量', 'Wastewater discharged, total']),
  gauge('ph', '', [0, 14], ['pH值', 'pH'], { hj212: 'w01001', hj212PerUnit: 1 }),
  mg('cod', 5_000, '化学需氧量', 'Chemical oxygen demand', 'w01018'),
  mg('nh3n', 500, '氨氮', 'Ammonia nitrogen', 'w21003'),
  mg('tp', 200, '总磷', 'Total phosphorus', 'w21011'),
  mg('tn', 1_000, '总氮', 'Total nitrogen', 'w21001'),
  mg('ss', 5_000, '悬浮物', 'Suspended solids', 'w01012'),
  gauge('temperature_c', '℃', [-10, 100], ['水温', 'Water temperature'], { hj212: 'w01010', hj212PerUnit: 1 }),
  gauge('conductivity_us_cm', 'µS/cm', [0, 200_000], ['电导率', 'Conductivity'], { hj212: 'w01014', hj212PerUnit: 1 }),
  mg('petroleum', 500, '石油类', 'Petroleum', 'w22001'),
  mg('fluoride', 500, '氟化物', 'Fluoride', 'w21017'),
  mg('total_cyanide', 100, '总氰化物', 'Total cyanide', 'w21016'),
  mg('total_chromium', 200, '总铬', 'Total chromium', 'w20116'),
  micro('hexavalent_chromium', 100, '六价铬', 'Hexavalent chromium', 'w20117'),
  mg('total_nickel', 200, '总镍', 'Total nickel', 'w20121'),
  micro('total_cadmium', 20, '总镉', 'Total cadmium', 'w20115'),
  mg('total_silver', 50, '总银', 'Total silver', 'w20126'),
  micro('total_lead', 50, '总铅', 'Total lead', 'w20120'),
  micro('total_mercury', 5, '总汞', 'Total mercury', 'w20111'),
  mg('total_copper', 200, '总铜', 'Total copper', 'w20122'),
  mg('total_zinc', 200, '总锌', 'Total zinc', 'w20123'),
  mg('total_iron', 500, '总铁', 'Total iron', 'w20125'),
  gauge('total_aluminium_mg_l', 'mg/L', [0, 500], ['总铝', 'Total aluminium']),
];
