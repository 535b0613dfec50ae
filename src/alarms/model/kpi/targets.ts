import type { Priority } from '../class.js';

/** Source of a target. `secondary`: quoted by others; `memory`: unverified; `site`: each site's own choice. */
interface TargetSource {
  readonly standard: string;
  readonly clause: string;
  readonly certainty: 'verified' | 'secondary' | 'memory' | 'site';
}

interface KpiTarget {
  readonly is: 'at_most' | 'below' | 'at_least';
  readonly value: number;
  /** The manageable value, where the standard distinguishes it from very likely acceptable. */
  readonly manageable: number | null;
}

/** A figure of the alarm system's performance. */
export interface KpiDefinition {
  readonly unit: string;
  /** Null: the standards publish no number. */
  readonly target: KpiTarget | null;
  readonly source: TargetSource;
}

// The table of recommended performance metrics (ISA-18.2-2009 table 5, ISA-18.2-2016 clause 16.4, IEC 62682 clause 16)
// is known from quotations that agree with each other, not from the standards' own text.
const isa = (clause: string): TargetSource => ({
  standard: 'ISA-18.2-2016 / IEC 62682:2014',
  clause,
  certainty: 'secondary',
});
const eemua: TargetSource = { standard: 'EEMUA 191', clause: 'performance levels', certainty: 'memory' };
const site: TargetSource = { standard: 'site', clause: 'no published target', certainty: 'site' };

const atMost = (value: number, manageable: number | null = null): KpiTarget => ({ is: 'at_most', value, manageable });
const below = (value: number): KpiTarget => ({ is: 'below', value, manageable: null });

/** Share in percent of annunciated alarms that each priority should have: about 80/15/5, the highest below 1. */
export const PRIORITY_TARGETS = { low: 80, medium: 15, high: 5, critical: 1 } as const satisfies Record<
  Priority,
  number
>;
/** Tolerance in percent points; only an excess of the upper priorities misses the target. */
const PRIORITY_TOLERANCE = 5;

export const KPI_DEFINITIONS = {
  alarms: { unit: 'alarms', target: null, source: site },
  // EEMUA 191 and IEC 62682; ISA-18.2-2009 rounds to 150 and 300.
  alarms_per_day: { unit: 'alarms/d', target: atMost(144, 288), source: isa('16.4.2') },
  alarms_per_hour: { unit: 'alarms/h', target: atMost(6, 12), source: isa('16.4.2') },
  alarms_per_10_min: { unit: 'alarms/10 min', target: atMost(1, 2), source: isa('16.4.2') },
  peak_per_10_min: { unit: 'alarms/10 min', target: atMost(10), source: isa('16.4.3') },
  windows_above_10_pct: { unit: '%', target: below(1), source: isa('16.4.3') },
  hours_above_30_pct: { unit: '%', target: below(1), source: isa('16.4.3') },
  flood_count: { unit: 'floods', target: null, source: site },
  flood_time_pct: { unit: '%', target: below(1), source: isa('16.4.4') },
  top_ten_pct: { unit: '%', target: atMost(5), source: isa('16.4.5') },
  chattering_alarms: { unit: 'alarms', target: atMost(0), source: isa('16.4.6') },
  fleeting_alarms: { unit: 'alarms', target: atMost(0), source: isa('16.4.6') },
  stale_on_worst_day: { unit: 'alarms', target: below(5), source: isa('16.4.7') },
  stale_at_end: { unit: 'alarms', target: below(5), source: isa('16.4.7') },
  low_priority_pct: {
    unit: '%',
    target: { is: 'at_least', value: PRIORITY_TARGETS.low - PRIORITY_TOLERANCE, manageable: null },
    source: isa('16.4.8, about 80 %'),
  },
  medium_priority_pct: {
    unit: '%',
    target: atMost(PRIORITY_TARGETS.medium + PRIORITY_TOLERANCE),
    source: isa('16.4.8, about 15 %'),
  },
  high_priority_pct: {
    unit: '%',
    target: atMost(PRIORITY_TARGETS.high + PRIORITY_TOLERANCE),
    source: isa('16.4.8, about 5 %'),
  },
  critical_priority_pct: { unit: '%', target: below(PRIORITY_TARGETS.critical), source: isa('16.4.8, below 1 %') },
  standing_average: { unit: 'alarms', target: below(10), source: eemua },
  shelved_at_end: { unit: 'alarms', target: below(30), source: eemua },
  acknowledged_pct: { unit: '%', target: null, source: site },
  acknowledge_p50: { unit: 's', target: null, source: site },
  acknowledge_p95: { unit: 's', target: null, source: site },
  acknowledge_max: { unit: 's', target: null, source: site },
  unacknowledged_at_end: { unit: 'alarms', target: null, source: site },
  // Late raises of the past did not annunciate, so no other figure counts them.
  late_occurrences: { unit: 'occurrences', target: null, source: site },
} as const satisfies Readonly<Record<string, KpiDefinition>>;

export type KpiName = keyof typeof KPI_DEFINITIONS;
export const KPI_NAMES = Object.keys(KPI_DEFINITIONS) as [KpiName, ...KpiName[]];

/** `no_data`: no record to judge by; null: there is no target. */
export type KpiVerdict = 'met' | 'missed' | 'no_data' | null;

export function kpiVerdict(target: KpiTarget | null, value: number | null): KpiVerdict {
  if (value === null) return 'no_data';
  if (target === null) return null;
  const met = {
    at_most: value <= target.value,
    below: value < target.value,
    at_least: value >= target.value,
  }[target.is];
  return met ? 'met' : 'missed';
}
