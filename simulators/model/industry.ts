import type { Park } from '../../src/model/parks.js';

export const INDUSTRIES = ['electroplating', 'chemical', 'metal', 'light', 'digital'] as const;
export type Industry = (typeof INDUSTRIES)[number];

/** What the simulators use of a park. */
export interface ParkSite {
  readonly id: string;
  readonly areaMu: number;
  readonly industry: Industry;
}

/** Demand of an industry. Loads and flows are per mu of the park's area, in the busiest hour of a workday. */
export interface IndustryProfile {
  readonly metersPer100Mu: number;
  readonly kwPerMu: number;
  /** Level of the evening shift and of the night, relative to the day shift. */
  readonly evening: number;
  readonly night: number;
  readonly waterM3hPerMu: number;
  /** Wastewater as a share of fresh water. */
  readonly wastewaterShare: number;
  readonly gasM3hPerMu: number;
  readonly steamThPerMu: number;
  readonly peoplePerMu: number;
  readonly vehiclesPerMuDay: number;
  /** Share of lorries among vehicles. */
  readonly lorries: number;
}

export const PROFILES: Readonly<Record<Industry, IndustryProfile>> = {
  electroplating: {
    metersPer100Mu: 5.5,
    kwPerMu: 38,
    evening: 0.75,
    night: 0.3,
    waterM3hPerMu: 0.9,
    wastewaterShare: 0.85,
    gasM3hPerMu: 0.8,
    steamThPerMu: 0.08,
    peoplePerMu: 14,
    vehiclesPerMuDay: 5,
    lorries: 0.16,
  },
  chemical: {
    metersPer100Mu: 2,
    kwPerMu: 14,
    evening: 0.8,
    night: 0.45,
    waterM3hPerMu: 0.22,
    wastewaterShare: 0.8,
    gasM3hPerMu: 0.9,
    steamThPerMu: 0.03,
    peoplePerMu: 7,
    vehiclesPerMuDay: 3,
    lorries: 0.2,
  },
  metal: {
    metersPer100Mu: 1.8,
    kwPerMu: 12,
    evening: 0.5,
    night: 0.15,
    waterM3hPerMu: 0.1,
    wastewaterShare: 0.6,
    gasM3hPerMu: 0.7,
    steamThPerMu: 0,
    peoplePerMu: 9,
    vehiclesPerMuDay: 3.5,
    lorries: 0.14,
  },
  light: {
    metersPer100Mu: 1.4,
    kwPerMu: 7,
    evening: 0.35,
    night: 0.1,
    waterM3hPerMu: 0.07,
    wastewaterShare: 0.75,
    gasM3hPerMu: 0.15,
    steamThPerMu: 0,
    peoplePerMu: 11,
    vehiclesPerMuDay: 3.5,
    lorries: 0.1,
  },
  digital: {
    metersPer100Mu: 0.6,
    kwPerMu: 5,
    evening: 0.3,
    night: 0.2,
    waterM3hPerMu: 0.05,
    wastewaterShare: 0.85,
    gasM3hPerMu: 0,
    steamThPerMu: 0,
    peoplePerMu: 20,
    vehiclesPerMuDay: 6,
    lorries: 0.03,
  },
};

/** The industry that dominates a park's pollution and demand, from the guideline's description. */
export function industryOf(park: Pick<Park, 'currentIndustryZh' | 'leadingIndustryZh'>): Industry {
  if (park.currentIndustryZh.includes('电镀')) return 'electroplating';
  if (/化工|合成革/.test(park.currentIndustryZh)) return 'chemical';
  if (park.leadingIndustryZh.includes('软件')) return 'digital';
  if (/装备|不锈钢|有色/.test(park.currentIndustryZh) && !park.currentIndustryZh.startsWith('鞋')) return 'metal';
  return 'light';
}
