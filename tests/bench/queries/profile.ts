import type { DeviceKey } from '../../../src/model/ids.js';
import type { Domain } from '../../../src/model/reading.js';

/** One metric's values as an SQL expression over `dev`, `i` (message of the day), `f` (fraction of the day), `d` (day). */
interface MetricProfile {
  readonly metric: string;
  readonly sql: string;
}

/** Roughly normal noise of variance 1, the same for the same device, day, message and salt. */
const noise = (salt: number) =>
  `((hash(dev, d, i, ${salt}, 1) % 1000003 + hash(dev, d, i, ${salt}, 2) % 1000003 + hash(dev, d, i, ${salt}, 3) % 1000003)` +
  '::DOUBLE / 1000003.0 - 1.5) * 2';

/** A gauge round `mean` with a daily swing, reported with `digits` decimals as instruments do. */
const gauge = (metric: string, salt: number, mean: number, swing: number, spread: number, digits: number) => ({
  metric,
  sql: `round(${mean} * (1 + dev % 7 * 0.03) + ${swing} * sin(f * 6.283 + dev) + ${noise(salt)} * ${spread}, ${digits})`,
});

/** A register that rises about `perDay` a day, unevenly. */
const counter = (metric: string, salt: number, perDay: number, digits: number) => ({
  metric,
  sql: `round(100000 + dev * 1000 + (d + f) * ${perDay} + abs(${noise(salt)}) * ${perDay} / 86400.0, ${digits})`,
});

const METER: readonly MetricProfile[] = [
  gauge('active_power_kw', 10, 180, 90, 4, 2),
  counter('import_energy_kwh', 11, 4320, 2),
  gauge('voltage_a_v', 12, 230, 1, 1.2, 1),
  gauge('voltage_b_v', 13, 230, 1, 1.2, 1),
  gauge('voltage_c_v', 14, 230, 1, 1.2, 1),
  gauge('current_a_a', 15, 260, 120, 5, 2),
  gauge('current_b_a', 16, 255, 120, 5, 2),
  gauge('current_c_a', 17, 265, 120, 5, 2),
  gauge('power_factor', 18, 0.9, 0.02, 0.01, 3),
  gauge('frequency_hz', 19, 50, 0.01, 0.015, 2),
];

const STATION: readonly MetricProfile[] = [
  gauge('flow_l_s', 30, 12, 6, 0.4, 2),
  counter('discharge_volume_m3', 31, 1036, 2),
  gauge('ph', 32, 7.2, 0.1, 0.05, 2),
  gauge('cod_mg_l', 33, 42, 6, 1.5, 1),
  gauge('nh3n_mg_l', 34, 4, 0.8, 0.15, 2),
  gauge('tp_mg_l', 35, 0.4, 0.08, 0.02, 3),
  gauge('tn_mg_l', 36, 11, 2, 0.4, 2),
  gauge('ss_mg_l', 37, 8, 2, 0.6, 1),
  gauge('temperature_c', 38, 21, 2, 0.1, 1),
  gauge('conductivity_us_cm', 39, 1450, 120, 12, 0),
];

export const PROFILES: Readonly<Record<Extract<Domain, 'energy' | 'wastewater'>, readonly MetricProfile[]>> = {
  energy: METER,
  wastewater: STATION,
};
export const METRICS_PER_DEVICE = 10;

export interface MadeDevice {
  /** Number in the SQL expressions. */
  readonly dev: number;
  readonly device: DeviceKey;
  readonly domain: keyof typeof PROFILES;
  readonly stepMs: number;
}

const DAY_S = 86_400;
/** About this share of the readings comes from devices that report every 10 s, the rest every 60 s. */
const FAST_SHARE = 0.3;

/** Devices that make about `rowsPerDay` readings a day: meters and discharge stations, fast and slow ones. */
export function devicesFor(rowsPerDay: number): MadeDevice[] {
  const fastRows = (DAY_S / 10) * METRICS_PER_DEVICE;
  const slowRows = (DAY_S / 60) * METRICS_PER_DEVICE;
  const fast = Math.max(1, Math.round((rowsPerDay * FAST_SHARE) / fastRows));
  const slow = Math.max(1, Math.round((rowsPerDay - fast * fastRows) / slowRows));
  return Array.from({ length: fast + slow }, (_, i) => ({
    dev: i,
    device: `bench-park/bench-${i}`,
    domain: i % 4 === 3 ? 'wastewater' : 'energy',
    stepMs: i < fast ? 10_000 : 60_000,
  }));
}
