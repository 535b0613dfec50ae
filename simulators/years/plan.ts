import type { Park } from '../../src/model/parks.js';

/** The first year of the history: the base year of the 5 %. */
export const FIRST_YEAR = 2020;
/** The year of which the plan's levels are. */
export const LEVEL_YEAR = 2026;

/** How a park's energy, wastewater and output develop. Made up, but plausible for its industry. */
interface ParkCurve {
  /** Mean electric load in the level year, MW. */
  readonly megawatts: number;
  /** Annual decline of energy intensity and of wastewater intensity, fractions. */
  readonly energyDecline: number;
  readonly waterDecline: number;
  /** tce and t of wastewater per 10⁴ CNY in the level year. */
  readonly energyIntensity: number;
  readonly waterIntensity: number;
  /** Shares of electricity and natural gas in energy; steam is the rest. */
  readonly electricity: number;
  readonly gas: number;
  /** Annual growth of added value, a fraction. */
  readonly growth: number;
}

type CurveRow = readonly [number, number, number, number, number, number, number, number];
const curve = (
  ...[mw, decline, intensity, electricity, gas, growth, waterDecline, waterIntensity]: CurveRow
): ParkCurve => ({
  megawatts: mw,
  energyDecline: decline / 100,
  energyIntensity: intensity,
  ...{ electricity, gas, growth },
  waterDecline: waterDecline / 100,
  waterIntensity,
});

/**
 * By park: MW, decline of energy %, tce/10⁴ CNY, shares of electricity and gas, growth, decline of wastewater %, t/10⁴ CNY.
 * Each decline keeps half a point from 4 % and 5 %, so that the verdict is known before the year is over; the
 * electroplaters grow so fast that the city is at risk although most of its parks are not.
 */
const CURVES: Readonly<Record<string, ParkCurve>> = {
  'lc-xiedu-1': curve(3.21, 5.7, 0.16, 0.88, 0.12, 0.052, 5.8, 0.92),
  'lc-xiedu-2': curve(2.64, 4.5, 0.165, 0.87, 0.13, 0.05, 5.7, 0.95),
  'lc-yanjiang': curve(1.98, 5.7, 0.19, 0.84, 0.16, 0.045, 5.8, 1.02),
  'lc-juguang': curve(0.72, 4.5, 0.15, 0.9, 0.1, 0.05, 4.5, 0.8),
  'lc-dezheng': curve(1.16, 5.6, 0.21, 0.85, 0.15, 0.04, 5.6, 1.1),
  'lw-zhuangnan': curve(2.87, 5.9, 0.22, 0.79, 0.21, 0.048, 6.2, 1.3),
  'lw-nongye': curve(2.15, 4.5, 0.26, 0.68, 0.2, 0.1, 5.7, 2.1),
  'lw-zhongxin': curve(5.92, 5.7, 0.185, 0.81, 0.19, 0.052, 6.3, 1.05),
  'lw-shipu': curve(0.61, 5.6, 0.19, 0.87, 0.13, 0.045, 5.7, 0.98),
  'lw-fupin': curve(3.44, 4.4, 0.34, 0.7, 0.22, 0.12, 5.7, 1.9),
  'lw-zhenan': curve(6.18, 6, 0.098, 0.91, 0.09, 0.058, 6.6, 0.55),
  'oh-jingkai': curve(7.35, 5.7, 0.175, 0.84, 0.16, 0.055, 6.1, 1.15),
  'oh-qianhua': curve(1.88, 5.6, 0.2, 0.85, 0.15, 0.05, 5.7, 1.08),
  'oh-gaoxiang': curve(2.26, 5.7, 0.21, 0.81, 0.19, 0.045, 5.7, 1.2),
  'oh-diandu': curve(3.07, 2.4, 0.56, 0.52, 0.1, 0.18, 6.6, 3.3),
  'oh-pudong': curve(1.05, 5.6, 0.18, 0.88, 0.12, 0.048, 5.7, 0.96),
  'oh-beicun': curve(1.72, 6, 0.16, 0.89, 0.11, 0.05, 5.9, 0.88),
};
/** A park that somebody added. */
const OTHER = curve(1.5, 5.6, 0.2, 0.85, 0.15, 0.05, 5.6, 1);

/** tce of electricity in a year of one MW of mean load: 8760 h × 0.1229 kgce/kWh, at 82 % use. */
const TCE_PER_MW = 882.8;

/** An enterprise above designated size, and what it adds to its park. */
export interface FirmPlan {
  readonly park: string;
  readonly id: string;
  readonly nameZh: string;
  readonly nameEn: string;
  /** Share of the park's added value in the level year. */
  readonly share: number;
  /** Its intensity against the park's. */
  readonly factor: number;
  readonly growth: number;
  /** First and last year in business; null: it still is. */
  readonly began: number;
  readonly ended: number | null;
  /** First year in the counted set. */
  readonly countedFrom: number;
  /** First year of which it published nothing; null: it always did. */
  readonly silentFrom: number | null;
}

export interface ParkPlan extends ParkCurve {
  readonly id: string;
  readonly nameZh: string;
  /** Added value in the level year, 10⁴ CNY. */
  readonly addedValue: number;
  readonly firms: readonly FirmPlan[];
}

/** It closes at the end of a year, and its meters with it. */
export const LEAVES = { park: 'oh-gaoxiang', firm: 'firm-c', lastYear: 2023 } as const;
/** It begins small, and is counted a year later. */
export const ENTERS = { park: 'oh-beicun', firm: 'firm-d', began: 2022, countedFrom: 2023 } as const;
/** Its greatest enterprise has published no statistics since. */
export const SILENT = { park: 'lc-dezheng', firm: 'firm-a', from: 2026 } as const;

type FirmRow = readonly [id: string, zh: string, en: string, share: number, factor: number];
const LETTERS: readonly FirmRow[] = [
  ['firm-a', '甲', 'A', 0.5, 1.05],
  ['firm-b', '乙', 'B', 0.3, 0.95],
  ['firm-c', '丙', 'C', 0.2, 0.95],
];

/** What the history makes of a park. */
export function planOf(park: Pick<Park, 'id' | 'nameZh' | 'nameEn'>): ParkPlan {
  const { id } = park;
  const plan = CURVES[id] ?? OTHER;
  const addedValue = (plan.megawatts * TCE_PER_MW) / plan.electricity / plan.energyIntensity;
  const isAt = (one: { readonly park: string; readonly firm: string }, firm: string) =>
    one.park === id && one.firm === firm;
  const firm = (...[of, zh, en, share, factor]: FirmRow): FirmPlan => ({
    ...{ park: id, id: of, nameZh: `${park.nameZh}${zh}企业`, nameEn: `Firm ${en} of ${park.nameEn}`, share, factor },
    growth: plan.growth,
    began: isAt(ENTERS, of) ? ENTERS.began : FIRST_YEAR,
    ended: isAt(LEAVES, of) ? LEAVES.lastYear : null,
    countedFrom: isAt(ENTERS, of) ? ENTERS.countedFrom : FIRST_YEAR,
    silentFrom: isAt(SILENT, of) ? SILENT.from : null,
  });
  const firms = LETTERS.map((one) => firm(...one));
  if (id === ENTERS.park) firms.push(firm(ENTERS.firm, '丁', 'D', 0.08, 0.9));
  return { ...plan, id, nameZh: park.nameZh, addedValue, firms };
}

/** The counted enterprises of a year, as the statistics name them. */
export const countedIn = ({ firms }: ParkPlan, year: number): readonly FirmPlan[] =>
  firms.filter((one) => one.countedFrom <= year && (one.ended === null || year <= one.ended));
