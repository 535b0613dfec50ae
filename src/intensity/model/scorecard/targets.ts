/** The guideline that the figures come from. */
export const GUIDELINE = '温州市中心城区工业区块发展都市型工业园区指导意见（征求意见稿）';

/** What one line of the scorecard measures. */
export type Item =
  | 'added_value_per_mu'
  | 'output_per_mu'
  | 'tax_per_mu'
  | 'leading_industry_share'
  | 'digital_coverage'
  | 'output'
  | 'added_value'
  | 'tax';

/** Whom a line is asked of. */
export const SCOPE_KINDS = ['park', 'district', 'city'] as const;
export type ScopeKind = (typeof SCOPE_KINDS)[number];

/** One figure the policy asks for; a figure meets it at or above `atLeast`. */
export interface ScorecardTarget {
  readonly item: Item;
  /** CNY per mu and year, a share of 1, or CNY a year. */
  readonly unit: 'CNY/mu' | 'share' | 'CNY';
  /** Null where annex 4 lists the figure without a number: it is shown, and nobody misses it. */
  readonly atLeast: number | null;
  readonly scopes: readonly ScopeKind[];
  /** Section or annex of the guideline. */
  readonly clause: string;
}

/** Annex 4 and section 二 of the guideline, as data: another edition is another list. */
export const POLICY_TARGETS: readonly ScorecardTarget[] = [
  { item: 'added_value_per_mu', unit: 'CNY/mu', atLeast: 2_000_000, scopes: SCOPE_KINDS, clause: '二(1), annex 4' },
  { item: 'output_per_mu', unit: 'CNY/mu', atLeast: null, scopes: SCOPE_KINDS, clause: 'annex 4' },
  { item: 'tax_per_mu', unit: 'CNY/mu', atLeast: 400_000, scopes: SCOPE_KINDS, clause: '二(1), annex 4' },
  { item: 'leading_industry_share', unit: 'share', atLeast: 0.7, scopes: SCOPE_KINDS, clause: '三(1)' },
  { item: 'digital_coverage', unit: 'share', atLeast: 1, scopes: SCOPE_KINDS, clause: '二(3)' },
  { item: 'output', unit: 'CNY', atLeast: 100_000_000_000, scopes: ['city'], clause: '二' },
  { item: 'added_value', unit: 'CNY', atLeast: 20_000_000_000, scopes: ['city'], clause: '二' },
  { item: 'tax', unit: 'CNY', atLeast: 6_000_000_000, scopes: ['city'], clause: '二' },
];

/** Parks that the sums of section 二 are for. */
export const PARKS_OF_THE_GUIDELINE = 17;

/**
 * What 数字化园区覆盖率 covers by section 二(3), and the domain of the platform that shows it; null where none does, so
 * that a full coverage here says nothing of it.
 */
export const DIGITAL_AREAS = [
  { area: 'people_flow', zh: '人流', domain: 'traffic' },
  { area: 'logistics', zh: '物流', domain: 'traffic' },
  { area: 'vehicle_flow', zh: '车流', domain: 'traffic' },
  { area: 'security', zh: '安防', domain: null },
  { area: 'fire_safety', zh: '消防', domain: 'fire' },
  { area: 'energy_efficiency', zh: '能效', domain: 'energy' },
  { area: 'environment', zh: '环境', domain: 'wastewater' },
  { area: 'production_analysis', zh: '企业生产分析', domain: null },
] as const;
