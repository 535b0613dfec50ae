import { smoothNoise, unitAt } from '../random.js';
import { localDay, SUMMER, seasonFactor } from './calendar.js';
import { type DeviceModel, type DeviceSeat, register, round, type Values } from './device.js';
import { type Flow, shiftFlow } from './flow.js';

const REGISTER_M3 = 100_000_000;

/** Usual concentrations of an outlet, mg/L. */
export type Concentrations = Readonly<Record<string, number>>;

/** Main outlet of a park that treats to sewer quality. */
export const SEWER_OUTLET: Concentrations = { cod_mg_l: 180, nh3n_mg_l: 16, tp_mg_l: 2.2, tn_mg_l: 28, ss_mg_l: 90 };

export const CHEMICAL_OUTLET: Concentrations = { ...SEWER_OUTLET, cod_mg_l: 240, petroleum_mg_l: 4, fluoride_mg_l: 5 };
export const METAL_OUTLET: Concentrations = {
  ...SEWER_OUTLET,
  petroleum_mg_l: 3.5,
  total_copper_mg_l: 0.12,
  total_zinc_mg_l: 0.4,
  total_iron_mg_l: 0.8,
};

/** Main outlet of the electroplating base: the main-outlet items of GB 21900-2008 at about half their limits. */
export const PLATING_OUTLET: Concentrations = {
  cod_mg_l: 42,
  nh3n_mg_l: 6,
  tp_mg_l: 0.22,
  tn_mg_l: 10,
  ss_mg_l: 14,
  petroleum_mg_l: 0.8,
  fluoride_mg_l: 4,
  total_cyanide_mg_l: 0.08,
  total_copper_mg_l: 0.12,
  total_zinc_mg_l: 0.4,
  total_iron_mg_l: 0.8,
  total_aluminium_mg_l: 0.7,
};

/** Workshop outlets by process: the items that GB 21900-2008 limits at the workshop. */
export const WORKSHOPS: Readonly<Record<'chromium' | 'nickel' | 'cadmium' | 'silver', Concentrations>> = {
  chromium: { total_chromium_mg_l: 0.2, hexavalent_chromium_mg_l: 0.04, total_lead_mg_l: 0.03 },
  nickel: { total_nickel_mg_l: 0.05, total_lead_mg_l: 0.03 },
  cadmium: { total_cadmium_mg_l: 0.005, total_mercury_mg_l: 0.0015 },
  silver: { total_silver_mg_l: 0.04, total_lead_mg_l: 0.03 },
};

interface OutletFlow {
  /** Flow of a workday's busiest hour, m³/h. */
  readonly peakM3h: number;
  readonly evening: number;
  readonly night: number;
}

/** An outlet's monitoring station: flow, its register, and analysers. The discharge register integrates the flow. */
export class Outlet implements DeviceModel {
  readonly domain = 'wastewater';
  readonly id: string;
  readonly park: string;
  private readonly flow: Flow;
  private readonly start: number;
  private readonly items: readonly (readonly [key: string, usual: number, digits: number])[];

  constructor(
    private readonly seat: DeviceSeat,
    private readonly size: OutletFlow,
    usual: Concentrations,
    readonly limitProfile?: string,
  ) {
    this.id = seat.id;
    this.park = seat.park;
    const noise = { season: { amplitude: 0.08, peakDayOfYear: SUMMER }, dayNoise: 0.08, bucketNoise: 0.12 };
    this.flow = shiftFlow(seat.seed, { ...size, peak: size.peakM3h }, noise);
    this.start = 20_000 * unitAt(seat.seed, 1);
    this.items = Object.entries(usual).map(([key, level]) => [key, level, level < 1 ? 4 : 2]);
  }

  values(ts: number): Values {
    const { seed } = this.seat;
    const rate = this.flow.rate(ts);
    const load = Math.min(1.2, rate / this.size.peakM3h);
    const strength = 0.88 + 0.18 * load + 0.1 * smoothNoise(seed, ts / 3_600_000);
    const values: Values = {
      flow_l_s: round((rate / 3.6) * (1 + 0.03 * smoothNoise(seed + 1, ts / 30_000)), 3),
      discharge_volume_m3: register(this.start + this.flow.total(ts), 3, REGISTER_M3),
      ph: round(7.3 + 0.3 * smoothNoise(seed + 2, ts / 1_800_000), 2),
      temperature_c: round(
        21 * seasonFactor({ amplitude: 0.35, peakDayOfYear: SUMMER }, localDay(ts)) +
          smoothNoise(seed + 3, ts / 7_200_000),
        1,
      ),
      conductivity_us_cm: Math.round(1_400 * strength),
    };
    let stream = seed + 4;
    for (const [key, usual, digits] of this.items) {
      values[key] = round(usual * strength * (1 + 0.08 * smoothNoise(stream++, ts / 900_000)), digits);
    }
    return values;
  }
}
