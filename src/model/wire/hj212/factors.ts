import { metricByHj212 } from '../../catalogue/index.js';

/** Factor codes of HJ/T 212-2005 whose 2017 successor the catalogue knows, HJ 212-2017 table B.1. */
const OLD_CODES: Readonly<Record<string, string>> = {
  B01: 'w00000',
  '001': 'w01001',
  '003': 'w01012',
  '011': 'w01018',
  '020': 'w20111',
  '022': 'w20115',
  '023': 'w20116',
  '024': 'w20117',
  '027': 'w20120',
  '028': 'w20121',
  '029': 'w20122',
  '030': 'w20123',
  '032': 'w20125',
  '033': 'w20126',
  '060': 'w21003',
  '065': 'w21001',
  '070': 'w21016',
  '072': 'w21017',
  '080': 'w22001',
  '101': 'w21011',
};

/** Units that a channel may be set to, as their number in the catalogue's unit of the quantity. */
const CONCENTRATION = { 'mg/L': 1, 'µg/L': 1_000, 'g/m3': 1 } as const;
const FLOW = { 'L/s': 1, 'm3/h': 3.6, 'm3/s': 0.001 } as const;
const MASS = { kg: 1, g: 1_000, t: 0.001 } as const;

export const CHANNEL_UNITS = [...Object.keys(CONCENTRATION), ...Object.keys(FLOW)] as readonly ChannelUnit[];
export const MASS_UNITS = Object.keys(MASS) as readonly MassUnit[];
export type ChannelUnit = keyof typeof CONCENTRATION | keyof typeof FLOW;
export type MassUnit = keyof typeof MASS;

/** A factor as its values become ours: divide by `perUnit`. */
export interface Factor {
  /** The code of HJ 212-2017. */
  readonly code: string;
  /** Key of the catalogue's metric. */
  readonly metric: string;
  readonly perUnit: number;
  /** For the quantity of an interval (`Cou`): volume in m³ for the flow, mass in kg for a concentration, else none. */
  readonly total: { readonly unit: 'm³' | 'kg'; readonly perUnit: number } | null;
}

/** What the logger's profile says of a channel. */
export interface ChannelSetting {
  /** Unit of its values, where it is not that of table B.1. */
  readonly unit?: ChannelUnit | undefined;
  /** Unit of its masses, where it is not that of table B.1. */
  readonly massUnit?: MassUnit | undefined;
  /** The operator wants nothing of it. */
  readonly ignored?: boolean | undefined;
}

/** The 2017 code of a code of either edition; in another case too where not strict. */
export function currentCode(code: string, strict: boolean): string {
  if (strict) return OLD_CODES[code] ?? code;
  return OLD_CODES[code.toUpperCase()] ?? code.toLowerCase();
}

/**
 * The factor of a code, in the channel's unit.
 * @returns null for a code without metric, and for a unit that does not fit the quantity
 */
export function factorOf(code: string, channel: ChannelSetting = {}): Factor | null {
  const metric = metricByHj212(code);
  if (metric === undefined) return null;
  const flow = metric.unit === 'L/s';
  const concentration = metric.unit === 'mg/L';
  const standard = metric.hj212PerUnit ?? 1;
  const units: Readonly<Record<string, number>> = flow ? FLOW : concentration ? CONCENTRATION : {};
  const perUnit = channel.unit === undefined ? standard : units[channel.unit];
  if (perUnit === undefined || (channel.massUnit !== undefined && !concentration)) return null;
  // Table B.1 counts the mass in g where it counts the concentration in µg/L.
  const mass = channel.massUnit ?? (standard === 1_000 ? 'g' : 'kg');
  const total = flow
    ? ({ unit: 'm³', perUnit: 1 } as const)
    : concentration
      ? ({ unit: 'kg', perUnit: MASS[mass] } as const)
      : null;
  return { code, metric: metric.key, perUnit, total };
}
