import { type Decimal, divideHalfEven } from '../rounding/decimal.js';

/** Mass that an outlet discharged on a local day, 10⁻¹⁷ kg, with what stands in for invalid times. */
export interface DayMass {
  /** `YYYY-MM-DD`. */
  readonly day: string;
  readonly mass: bigint;
}

/** Where the mass of a year stands beside the permit. */
export interface AnnualMass {
  readonly used: bigint;
  /** Below 0 once the permit is exceeded. */
  readonly left: bigint;
  /** Used ÷ permitted, to six places. */
  readonly share: Decimal;
  /** Days with a figure, of those that are over. */
  readonly days: number;
  readonly elapsedDays: number;
  /** Mean of the newest days with a figure; null without one. */
  readonly perDay: bigint | null;
  /** The day of this year on which what is permitted is (or was) used up at that rate; null: it lasts the year. */
  readonly runsOutOn: string | null;
  readonly isExceeded: boolean;
}

/** Newest days that the rate is taken from. */
export const RATE_DAYS = 30;

const DAY = 86_400_000;
const numberOfDay = (day: string): number => Math.round(Date.parse(`${day}T00:00:00Z`) / DAY);
const dayOfNumber = (day: number): string => new Date(day * DAY).toISOString().slice(0, 10);

/**
 * The running mass of a year against its permitted mass (10⁻¹⁷ kg, above 0).
 * @param masses in any order, with duplicates; days outside the year or after `today` do not count
 * @param today `YYYY-MM-DD`, the last day that is over
 */
export function annualMass(masses: Iterable<DayMass>, permitted: bigint, year: number, today: string): AnnualMass {
  const [first, last] = [`${year}-01-01`, `${year}-12-31`];
  const until = today < last ? today : last;
  const byDay = new Map(Array.from(masses, ({ day, mass }) => [day, mass] as const));
  const rising = [...byDay].filter(([day]) => day >= first && day <= until).sort(([a], [b]) => (a < b ? -1 : 1));
  const used = rising.reduce((sum, [, mass]) => sum + mass, 0n);
  const newest = rising.slice(-RATE_DAYS);
  const sum = newest.reduce((total, [, mass]) => total + mass, 0n);
  const perDay = newest.length === 0 ? null : divideHalfEven(sum, BigInt(newest.length));
  const exceededOn = dayExceeded(rising, permitted);
  const runsOutOn = exceededOn ?? projected(permitted - used, perDay, until);
  return {
    ...{ used, left: permitted - used, perDay, isExceeded: exceededOn !== null },
    share: { unscaled: divideHalfEven(used * 1_000_000n, permitted), digits: 6 },
    ...{ days: rising.length, elapsedDays: Math.max(0, numberOfDay(until) - numberOfDay(first) + 1) },
    runsOutOn: runsOutOn !== null && runsOutOn <= last ? runsOutOn : null,
  };
}

function dayExceeded(rising: readonly (readonly [string, bigint])[], permitted: bigint): string | null {
  let used = 0n;
  for (const [day, mass] of rising) {
    used += mass;
    if (used > permitted) return day;
  }
  return null;
}

/** The first day on which more than what is left would be used. */
function projected(left: bigint, perDay: bigint | null, until: string): string | null {
  if (perDay === null || perDay <= 0n) return null;
  const days = left / perDay;
  // A year has 366 days at most: what lasts longer has no date here.
  return days > 366n ? null : dayOfNumber(numberOfDay(until) + 1 + Number(days));
}
