import { limitsIn, secondary, site } from './limit.js';

const limit = limitsIn('fire');

export const COMBUSTIBLE_GAS = limit('combustible_gas_lel_pct', secondary('GB/T 50493-2019', '5.5.2'), 25, 50);
export const RESIDUAL_CURRENT = limit('residual_current_ma', secondary('GB 50116-2013', '9.2.3'), 300, 500);
export const CABLE_TEMPERATURE = limit(
  'cable_temperature_c',
  site('GB 14287.3-2014', '设定范围 45–140 ℃; set by the site'),
  70,
);
export const BATTERY = limit('battery_pct', site('GB 26875.1-2011', '备用电源; level set by the site'), 20);

/** Static pressures. */
export const HYDRANT = limit('hydrant_pressure_mpa', secondary('GB 50974-2014', '5.2.2(3)'), 0.1);
export const MUNICIPAL_HYDRANT = limit(
  'hydrant_pressure_mpa',
  secondary('GB 50974-2014', '7.2.8; GB 55036-2022, 3.0.3'),
  0.14,
  0.1,
);
/** Above this pressure the standard requires a reducer. */
export const HYDRANT_HIGHEST = limit('hydrant_pressure_mpa', secondary('GB 50974-2014', '7.4.12'), 0.7);
export const SPRINKLER = limit('sprinkler_pressure_mpa', secondary('GB 50974-2014', '5.2.2(4)'), 0.1);
export const TANK_LEVEL = limit('tank_level_m', site('GB 25506-2010', '最低水位信息; level set by the site'), 1);
