import { metricsIn } from './define.js';
import type { Metric } from './types.js';

const { gauge, counter } = metricsIn('energy');

/** Ranges cover a 0.4 kV feeder up to a park's 110 kV incomer; counters are eight-digit registers. */
export const ENERGY: readonly Metric[] = [
  gauge('active_power_kw', 'kW', [-100_000, 100_000], ['有功功率', 'Active power']),
  counter('import_energy_kwh', 'kWh', 100_000_000, 50_000, ['正向有功电能', 'Imported active energy']),
  counter('export_energy_kwh', 'kWh', 100_000_000, 50_000, ['反向有功电能', 'Exported active energy']),
  gauge('reactive_power_kvar', 'kvar', [-100_000, 100_000], ['无功功率', 'Reactive power']),
  gauge('power_factor', '', [-1, 1], ['功率因数', 'Power factor']),
  gauge('voltage_a_v', 'V', [0, 150_000], ['A相电压', 'Voltage, phase A']),
  gauge('voltage_b_v', 'V', [0, 150_000], ['B相电压', 'Voltage, phase B']),
  gauge('voltage_c_v', 'V', [0, 150_000], ['C相电压', 'Voltage, phase C']),
  gauge('current_a_a', 'A', [0, 20_000], ['A相电流', 'Current, phase A']),
  gauge('current_b_a', 'A', [0, 20_000], ['B相电流', 'Current, phase B']),
  gauge('current_c_a', 'A', [0, 20_000], ['C相电流', 'Current, phase C']),
  gauge('frequency_hz', 'Hz', [40, 60], ['频率', 'Frequency']),
  gauge('demand_kw', 'kW', [0, 100_000], ['需量', 'Demand, 15-minute sliding']),
  gauge('voltage_thd_pct', '%', [0, 100], ['电压总谐波畸变率', 'Voltage total harmonic distortion']),
  gauge('current_thd_pct', '%', [0, 400], ['电流总谐波畸变率', 'Current total harmonic distortion']),
  gauge('voltage_unbalance_pct', '%', [0, 100], ['电压不平衡度', 'Voltage unbalance']),
  counter('gas_volume_m3', 'm³', 100_000_000, 20_000, ['天然气累计量', 'Natural gas, total']),
  gauge('gas_flow_m3_h', 'm³/h', [0, 20_000], ['天然气流量', 'Natural gas flow']),
  counter('steam_mass_t', 't', 10_000_000, 500, ['蒸汽累计量', 'Steam, total']),
  gauge('steam_flow_t_h', 't/h', [0, 500], ['蒸汽流量', 'Steam flow']),
  counter('heat_energy_gj', 'GJ', 10_000_000, 1_500, ['热量累计量', 'Heat, total']),
  counter('water_volume_m3', 'm³', 100_000_000, 5_000, ['自来水累计量', 'Fresh water, total']),
  gauge('water_flow_m3_h', 'm³/h', [0, 5_000], ['自来水流量', 'Fresh water flow']),
];
