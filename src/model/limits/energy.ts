import { limitsIn, secondary, site } from './limit.js';

const limit = limitsIn('energy');

/** Each phase of a 220 V supply: −10 % and +7 %. */
export const SUPPLY_VOLTAGE = limit('voltage_a_v', secondary('GB 12325-90', 'limits of 220 V supply'), 198, 235.4);
/** 50 Hz ± 0.2 Hz. */
export const FREQUENCY = limit('frequency_hz', site('GB/T 15945-2008', '3.1'), 49.8, 50.2);
export const VOLTAGE_UNBALANCE = limit(
  'voltage_unbalance_pct',
  secondary('GB/T 15543-1995', 'normal limit 2 %; the second level of 4 % is set by the site'),
  2,
  4,
);
export const VOLTAGE_DISTORTION = limit('voltage_thd_pct', site('GB/T 14549-93', '表1, 0.38 kV'), 5);
export const POWER_FACTOR = limit(
  'power_factor',
  site('功率因数调整电费办法', '0.85, other users of 100 kVA and more'),
  0.85,
);
