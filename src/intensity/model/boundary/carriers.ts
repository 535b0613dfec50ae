import { type Metric, metric } from '../../../model/catalogue/index.js';
import type { Domain } from '../../../model/reading.js';

/** What is metered and has a share in the policy's figures; `green_power` is made from sun or wind, counted apart. */
export const CARRIERS = [
  ...(['electricity', 'natural_gas', 'steam', 'heat', 'water', 'compressed_air'] as const),
  ...(['wastewater', 'green_power'] as const),
] as const;
export type Carrier = (typeof CARRIERS)[number];

export const isCarrier = (text: string): text is Carrier => (CARRIERS as readonly string[]).includes(text);

/** The counters and the gauge of a carrier in the catalogue. */
interface Metering {
  readonly domain: Domain;
  /** Counters of what is consumed, the usual one first. */
  readonly registers: readonly string[];
  /** Counters of what is made, where they are others. */
  readonly made?: readonly string[];
  /** The gauge to integrate where the register is missing, and the register's units in an hour at one of the gauge's. */
  readonly rate?: { readonly metric: string; readonly perHour: number };
}

/** A meter at a generator counts what it makes one way or the other. */
const MADE = ['export_energy_kwh', 'import_energy_kwh'];
const POWER = { metric: 'active_power_kw', perHour: 1 };
/** 1 L/s = 3.6 m³/h. HJ 212-2017 appendix D: ΔD = Q · ΔT · 10⁻³. */
const M3_PER_HOUR_AT_L_PER_S = 3.6;

const METERING: Readonly<Record<Carrier, Metering>> = {
  electricity: { domain: 'energy', registers: ['import_energy_kwh'], made: MADE, rate: POWER },
  green_power: { domain: 'energy', registers: MADE, rate: POWER },
  natural_gas: {
    domain: 'energy',
    registers: ['gas_volume_m3'],
    rate: { metric: 'gas_flow_m3_h', perHour: 1 },
  },
  steam: { domain: 'energy', registers: ['steam_mass_t'], rate: { metric: 'steam_flow_t_h', perHour: 1 } },
  heat: { domain: 'energy', registers: ['heat_energy_gj'] },
  water: { domain: 'energy', registers: ['water_volume_m3'], rate: { metric: 'water_flow_m3_h', perHour: 1 } },
  // The catalogue has no counter of compressed air: it comes by statistics alone.
  compressed_air: { domain: 'energy', registers: [] },
  wastewater: {
    domain: 'wastewater',
    registers: ['discharge_volume_m3'],
    rate: { metric: 'flow_l_s', perHour: M3_PER_HOUR_AT_L_PER_S },
  },
};

/** How the catalogue measures a carrier. */
export const meteringOf = (carrier: Carrier): Metering => METERING[carrier];

/** The keys of the registers that a meter of the role may have. */
export function registersOf(carrier: Carrier, role: string): readonly string[] {
  const { registers, made = registers } = METERING[carrier];
  return role === 'generation' ? made : registers;
}

/** The register as the catalogue has it; quantities are in its unit. */
export const registerOf = (carrier: Carrier, key: string): Metric | undefined => metric(METERING[carrier].domain, key);
