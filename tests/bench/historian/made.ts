import type { HistorianStore } from '../../../src/historian/port/store.js';
import type { DeviceKey } from '../../../src/model/ids.js';
import type { DeviceReadings, Reading } from '../../../src/model/reading.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const PARK = 'oh-diandu';

/** A meter with computed readings: noisy gauges and a rising register, the same for the same device and time. */
export interface MadeMeter {
  readonly device: DeviceKey;
  readonly stepMs: number;
  readonly from: number;
  readonly to: number;
}

const GAUGES = [
  ['active_power_kw', 180, 90],
  ['reactive_power_kvar', 60, 20],
  ['power_factor', 0.9, 0.02],
  ['voltage_a_v', 230, 1],
  ['voltage_b_v', 230, 1],
  ['voltage_c_v', 230, 1],
  ['current_a_a', 260, 120],
  ['current_b_a', 255, 120],
  ['current_c_a', 265, 120],
] as const;
export const REGISTER = 'import_energy_kwh';
export const METRICS = [...GAUGES.map(([metric]) => metric), REGISTER];

/** A pseudo-random fraction from 0 to 1. */
function noise(seed: number): number {
  let x = Math.imul(seed ^ (seed >>> 16), 0x45d9f3b);
  x = Math.imul(x ^ (x >>> 16), 0x45d9f3b);
  return ((x ^ (x >>> 16)) >>> 0) / 2 ** 32;
}

function messageAt(meter: MadeMeter, number: number, ts: number): DeviceReadings {
  const second = Math.floor(ts / 1000);
  const readings: Reading[] = GAUGES.map(([metric, mean, swing], m) => {
    const value = mean + swing * (noise(second * 16 + m + number * 7) - 0.5);
    return { metric, ts, value: Math.round(value * 100) / 100, flag: 'N', quality: 'good' };
  });
  const hours = (ts - meter.from) / HOUR;
  readings.push({
    metric: REGISTER,
    ts,
    value: Math.round((1000 + hours * 180) * 100) / 100,
    flag: 'N',
    quality: 'good',
  });
  const { device } = meter;
  return { park: PARK, domain: 'energy', device, gateway: 'made', receivedAt: ts + 120, readings };
}

/** Appends the meters' messages to the store hour by hour, in order of receipt; returns the number of readings. */
export async function fill(
  store: HistorianStore,
  meters: readonly MadeMeter[],
  progress: (readings: number) => void,
): Promise<number> {
  const to = Math.max(...meters.map((meter) => meter.to));
  let seq = store.durableSeq();
  let readings = 0;
  let told = 0;
  for (let hour = Math.min(...meters.map((meter) => meter.from)); hour < to; hour += 6 * HOUR) {
    const messages: DeviceReadings[] = [];
    for (const [number, meter] of meters.entries()) {
      const first = Math.max(meter.from, hour + ((meter.from - hour) % meter.stepMs));
      for (let ts = first; ts < Math.min(meter.to, hour + 6 * HOUR); ts += meter.stepMs) {
        messages.push(messageAt(meter, number, ts));
      }
    }
    for (let i = 0; i < messages.length; i += 2_000) {
      const some = messages.slice(i, i + 2_000);
      seq += 1;
      await store.append([{ seq, messages: some }]);
      readings += some.length * METRICS.length;
    }
    if (readings - told < 1_000_000) continue;
    told = readings;
    progress(readings);
  }
  await store.flush();
  return readings;
}
