interface RandomDevice {
  readonly device: string;
  readonly domain: string;
  readonly gauges: Readonly<Record<string, readonly [low: number, high: number]>>;
  readonly counters: readonly string[];
  readonly states: readonly string[];
}

export const RANDOM_DEVICES: readonly RandomDevice[] = [
  device('meter-a', 'energy', { active_power_kw: [0, 500], voltage_a_v: [200, 250] }, ['import_energy_kwh']),
  device('meter-b', 'energy', { active_power_kw: [10, 90] }, ['import_energy_kwh']),
  device('outfall-1', 'wastewater', { ph: [5, 9], cod_mg_l: [10, 90] }, ['discharge_volume_m3']),
  device('hydrant-1', 'fire', { hydrant_pressure_mpa: [0, 1] }, [], ['smoke_alarm']),
  device('gate-1', 'traffic', {}, ['people_in', 'vehicles_in']),
];

function device(
  name: string,
  domain: string,
  gauges: RandomDevice['gauges'],
  counters: readonly string[],
  states: readonly string[] = [],
): RandomDevice {
  return { device: name, domain, gauges, counters, states };
}

export interface RandomItem {
  readonly ts: number;
  readonly values: Record<string, number | boolean>;
  readonly flags: Record<string, string>;
}

/**
 * Items of one device from `from` to `to` (epoch ms), about `stepMs` apart: with gaps, values that are flagged or out of
 * range, metrics that are missing, and counters that stick at zero, jump and begin anew.
 */
export function randomItems(
  one: RandomDevice,
  from: number,
  to: number,
  stepMs: number,
  random: () => number,
): RandomItem[] {
  const items: RandomItem[] = [];
  const registers = new Map(one.counters.map((metric) => [metric, Math.floor(random() * 10_000)]));
  let stuck = 0;
  for (let ts = from; ts < to; ts += stepMs) {
    if (random() < 0.004) ts += Math.floor(random() * 40) * stepMs;
    if (random() < 0.002) stuck = Math.floor(random() * 60);
    stuck -= 1;
    const item: RandomItem = { ts: Math.min(ts + Math.floor(random() * stepMs * 0.2), to - 1), values: {}, flags: {} };
    for (const [metric, [low, high]] of Object.entries(one.gauges)) {
      if (random() < 0.03) continue;
      item.values[metric] = Math.round((low + (high - low) * random()) * 1_000) / 1_000;
      if (random() < 0.02) item.values[metric] = -9_999;
      if (random() < 0.03) item.flags[metric] = 'FMSDCTB'[Math.floor(random() * 7)]!;
    }
    for (const [metric, value] of registers) {
      const next = random() < 0.001 ? 0 : value + Math.floor(random() * 3);
      registers.set(metric, next);
      item.values[metric] = stuck > 0 ? 0 : random() < 0.001 ? 999_999_999 : next;
    }
    for (const metric of one.states) item.values[metric] = random() < 0.05;
    if (Object.keys(item.values).length > 0) items.push(item);
  }
  return items;
}
