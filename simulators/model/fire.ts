import { smoothNoise, unitAt } from '../random.js';
import { localDay, SUMMER, seasonFactor } from './calendar.js';
import { type DeviceModel, type DeviceSeat, round, type Values } from './device.js';

/** Readings of a fire device without a fire. */
type Quiet = (ts: number, seed: number) => Values;

/** Detectors, doors and the controller of one building. */
const building: Quiet = (ts, seed) => ({
  smoke_alarm: false,
  heat_alarm: false,
  manual_call_point: false,
  fire_door_open: false,
  controller_fault: false,
  battery_pct: round(97 + 2 * smoothNoise(seed, ts / 86_400_000), 1),
});

const pumpHouse: Quiet = (ts, seed) => ({
  fire_pump_running: false,
  fire_pump_fault: false,
  tank_level_m: round(3.4 + 0.15 * smoothNoise(seed, ts / 21_600_000), 2),
  sprinkler_pressure_mpa: round(0.36 + 0.02 * smoothNoise(seed + 1, ts / 3_600_000), 3),
});

const hydrant: Quiet = (ts, seed) => ({
  hydrant_pressure_mpa: round(0.4 + 0.03 * smoothNoise(seed, ts / 3_600_000), 3),
  battery_pct: round(88 + 5 * unitAt(seed, 7) + smoothNoise(seed + 1, ts / 86_400_000), 1),
});

/** Electrical fire monitoring of one switchboard. */
const electrical: Quiet = (ts, seed) => ({
  residual_current_ma: round(120 + 60 * unitAt(seed, 7) + 20 * smoothNoise(seed, ts / 600_000), 1),
  cable_temperature_c: round(
    32 * seasonFactor({ amplitude: 0.15, peakDayOfYear: SUMMER }, localDay(ts)) +
      4 * smoothNoise(seed + 1, ts / 3_600_000),
    1,
  ),
});

const gas: Quiet = (ts, seed) => ({
  combustible_gas_lel_pct: round(1.2 + smoothNoise(seed, ts / 600_000), 1),
});

export const FIRE_DEVICES = { building, pumpHouse, hydrant, electrical, gas } as const;

export class FireDevice implements DeviceModel {
  readonly domain = 'fire';
  readonly id: string;
  readonly park: string;

  constructor(
    private readonly seat: DeviceSeat,
    private readonly quiet: Quiet,
    readonly place?: string,
  ) {
    this.id = seat.id;
    this.park = seat.park;
  }

  values(ts: number): Values {
    return this.quiet(ts, this.seat.seed);
  }
}
