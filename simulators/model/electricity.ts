import { LOW_VOLTAGE } from '../../src/alarms/model/defaults/scope.js';
import { seedOf, smoothNoise, unitAt } from '../random.js';
import { SUMMER } from './calendar.js';
import { type DeviceModel, type DeviceSeat, register, round, type Values } from './device.js';
import { Flow, shiftFlow } from './flow.js';
import { busiestHourShare, dailyPattern } from './pattern.js';

const REGISTER_KWH = 100_000_000;
const QUARTER_MS = 900_000;

/** Limit profile of the meter on the 0.4 kV side of a transformer: its failure is that of all meters of its place. */
export const TRANSFORMER = 'transformer';
/** Meters that one transformer feeds, its own among them. */
export const TRANSFORMER_METERS = 4;

interface MeterLoad {
  /** Power of a workday's busiest hour, kW. */
  readonly peakKw: number;
  readonly evening: number;
  readonly night: number;
}

/** A three-phase meter on the 0.4 kV side of a transformer. Power is the sum of V·I·PF; energy integrates it. */
export class ElectricityMeter implements DeviceModel {
  readonly domain = 'energy';
  readonly limitProfile: string = LOW_VOLTAGE;
  readonly id: string;
  readonly park: string;
  private readonly seed: number;
  private readonly load: Flow;
  private readonly startKwh: number;
  private readonly peakKw: number;
  /** Shares of the three phases. */
  private readonly phases: readonly [number, number, number];

  constructor(
    seat: DeviceSeat,
    { peakKw, evening, night }: MeterLoad,
    readonly place?: string,
  ) {
    this.id = seat.id;
    this.park = seat.park;
    this.seed = seat.seed;
    this.peakKw = peakKw;
    const noise = { season: { amplitude: 0.12, peakDayOfYear: SUMMER }, dayNoise: 0.06, bucketNoise: 0.08 };
    this.load = shiftFlow(seat.seed, { peak: peakKw, evening, night }, noise);
    this.startKwh = 10_000 + 40_000 * unitAt(seat.seed, 1);
    const a = (1 + 0.06 * (unitAt(seat.seed, 2) - 0.5)) / 3;
    const b = (1 + 0.06 * (unitAt(seat.seed, 3) - 0.5)) / 3;
    this.phases = [a, b, 1 - a - b];
  }

  values(ts: number): Values {
    const kw = this.load.rate(ts) * (1 + 0.02 * this.noise(1, ts, 20_000));
    const use = Math.min(1, kw / this.peakKw);
    const factor = round(0.93 + 0.03 * use + 0.01 * this.noise(2, ts, 600_000), 3);
    const mains = 229 - 4 * use + 2 * this.noise(3, ts, 900_000);
    const volts = [4, 5, 6].map((n) => round(mains + 0.8 * this.noise(n, ts, 120_000), 1)) as [number, number, number];
    const amps = this.phases.map((share, i) => round((kw * share * 1000) / (volts[i]! * factor), 2)) as typeof volts;
    const active = round(volts.reduce((sum, v, i) => sum + v * amps[i]!, 0) * (factor / 1000), 3);
    const mean = (volts[0] + volts[1] + volts[2]) / 3;
    const [a, b, c] = volts;
    return {
      active_power_kw: active,
      import_energy_kwh: register(this.startKwh + this.load.total(ts), 2, REGISTER_KWH),
      reactive_power_kvar: round(active * Math.sqrt(1 / factor ** 2 - 1), 3),
      power_factor: factor,
      voltage_a_v: a,
      voltage_b_v: b,
      voltage_c_v: c,
      current_a_a: amps[0],
      current_b_a: amps[1],
      current_c_a: amps[2],
      demand_kw: round((this.load.total(ts) - this.load.total(ts - QUARTER_MS)) * 4, 2),
      voltage_unbalance_pct: round((Math.max(...volts.map((v) => Math.abs(v - mean))) / mean) * 100, 2),
    };
  }

  protected noise(stream: number, ts: number, period: number): number {
    return smoothNoise(this.seed + stream, ts / period);
  }
}

/** A meter that also watches power quality. */
export class PowerQualityMeter extends ElectricityMeter {
  override readonly limitProfile = TRANSFORMER;

  override values(ts: number): Values {
    const values = super.values(ts);
    values.frequency_hz = round(50 + 0.03 * this.noise(7, ts, 30_000), 3);
    values.voltage_thd_pct = round(2.2 + 0.6 * this.noise(8, ts, 300_000), 2);
    values.current_thd_pct = round(9 + 3 * this.noise(9, ts, 300_000), 2);
    return values;
  }
}

/** Roof photovoltaics behind an export meter: power is negative, the export register rises by daylight. */
export class SolarMeter implements DeviceModel {
  readonly domain = 'energy';
  readonly id: string;
  readonly park: string;
  private readonly sun: Flow;
  private readonly startKwh: number;

  constructor(seat: DeviceSeat, peakKw: number) {
    this.id = seat.id;
    this.park = seat.park;
    const pattern = dailyPattern([
      [7, 9, 0.35],
      [9, 11, 0.8],
      [11, 14, 1],
      [14, 16, 0.7],
      [16, 17.5, 0.25],
    ]);
    this.sun = new Flow(
      {
        perWorkday: (0.7 * peakKw) / busiestHourShare(pattern),
        pattern,
        season: { amplitude: 0.3, peakDayOfYear: SUMMER },
        dayNoise: 0.45,
        bucketNoise: 0.15,
      },
      seedOf('sky', 0),
      seedOf('cloud', seat.seed),
    );
    this.startKwh = 5_000 * unitAt(seat.seed, 1);
  }

  values(ts: number): Values {
    return {
      active_power_kw: round(0 - this.sun.rate(ts), 2),
      export_energy_kwh: register(this.startKwh + this.sun.total(ts), 2, REGISTER_KWH),
    };
  }
}
