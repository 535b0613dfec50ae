import { metricsIn } from './define.js';
import type { Metric } from './types.js';

const { gauge, state } = metricsIn('fire');

/** A state is 1 when its name holds: an alarm stands, a pump runs, a door is open. */
export const FIRE: readonly Metric[] = [
  state('smoke_alarm', ['感烟火灾报警', 'Smoke alarm']),
  state('heat_alarm', ['感温火灾报警', 'Heat alarm']),
  state('manual_call_point', ['手动报警按钮', 'Manual call point pressed']),
  gauge('combustible_gas_lel_pct', '%LEL', [0, 100], ['可燃气体浓度', 'Combustible gas']),
  gauge('hydrant_pressure_mpa', 'MPa', [0, 2.5], ['消火栓水压', 'Hydrant pressure']),
  gauge('sprinkler_pressure_mpa', 'MPa', [0, 2.5], ['喷淋末端水压', 'Sprinkler pressure at the worst point']),
  gauge('tank_level_m', 'm', [0, 20], ['消防水箱液位', 'Fire tank level']),
  gauge('residual_current_ma', 'mA', [0, 3_000], ['剩余电流', 'Residual current']),
  gauge('cable_temperature_c', '℃', [-40, 200], ['电缆温度', 'Cable temperature']),
  state('fire_pump_running', ['消防泵运行', 'Fire pump running']),
  state('fire_pump_fault', ['消防泵故障', 'Fire pump fault']),
  state('fire_door_open', ['防火门开启', 'Fire door open']),
  state('controller_fault', ['火灾报警控制器故障', 'Fire alarm controller fault']),
  gauge('battery_pct', '%', [0, 100], ['备用电池电量', 'Back-up battery charge']),
];
