import { metric } from '../../src/model/catalogue/index.js';
import { smoothNoise, unitAt } from '../random.js';
import { type Season, SUMMER, WINTER } from './calendar.js';
import { type DeviceModel, type DeviceSeat, register, round, type Values } from './device.js';
import { type Flow, shiftFlow } from './flow.js';

interface Medium {
  readonly totalKey: string;
  readonly flowKey: string | null;
  readonly season: Season;
}

/** The energy carriers that parks meter beside electricity. */
export const MEDIA = {
  gas: { totalKey: 'gas_volume_m3', flowKey: 'gas_flow_m3_h', season: { amplitude: 0.15, peakDayOfYear: WINTER } },
  steam: { totalKey: 'steam_mass_t', flowKey: 'steam_flow_t_h', season: { amplitude: 0.2, peakDayOfYear: WINTER } },
  heat: { totalKey: 'heat_energy_gj', flowKey: null, season: { amplitude: 0.5, peakDayOfYear: WINTER } },
  water: { totalKey: 'water_volume_m3', flowKey: 'water_flow_m3_h', season: { amplitude: 0.1, peakDayOfYear: SUMMER } },
} as const satisfies Record<string, Medium>;

/** A meter of gas, steam, heat or water: a flow, and the register that integrates it. */
export class MediumMeter implements DeviceModel {
  readonly domain = 'energy';
  readonly id: string;
  readonly park: string;
  private readonly flow: Flow;
  private readonly start: number;
  private readonly modulus: number;

  constructor(
    private readonly seat: DeviceSeat,
    private readonly medium: Medium,
    { peakPerHour, evening, night }: { peakPerHour: number; evening: number; night: number },
  ) {
    this.id = seat.id;
    this.park = seat.park;
    const noise = { season: medium.season, dayNoise: 0.05, bucketNoise: 0.1 };
    this.flow = shiftFlow(seat.seed, { peak: peakPerHour, evening, night }, noise);
    this.start = 1_000 * unitAt(seat.seed, 1);
    this.modulus = metric('energy', medium.totalKey)?.rollover ?? Number.POSITIVE_INFINITY;
  }

  values(ts: number): Values {
    const values: Values = { [this.medium.totalKey]: register(this.start + this.flow.total(ts), 3, this.modulus) };
    if (this.medium.flowKey !== null) {
      const now = this.flow.rate(ts) * (1 + 0.03 * smoothNoise(this.seat.seed, ts / 30_000));
      values[this.medium.flowKey] = round(now, 3);
    }
    return values;
  }
}
