import { figureOf, type ParkFigures, type ScorecardScope, type Unknown } from './figures.js';
import { GUIDELINE, type Item, PARKS_OF_THE_GUIDELINE, POLICY_TARGETS, type ScorecardTarget } from './targets.js';

/** A figure against its target. */
type TargetVerdict =
  | { readonly verdict: 'met'; readonly value: number }
  /** `by` in the target's unit, `byShare` relative to the target; both above 0. */
  | { readonly verdict: 'missed'; readonly value: number; readonly by: number; readonly byShare: number }
  /** The guideline names no number. */
  | { readonly verdict: 'no_target'; readonly value: number }
  | {
      readonly verdict: 'unknown';
      readonly why: Unknown;
      /** Parks that the figure waits for. */
      readonly parks: readonly string[];
      /** What is known: of the parks that reported, or of the year so far. */
      readonly known: number | null;
    };

/** One line of a scorecard. */
type ScorecardLine = { readonly target: ScorecardTarget } & TargetVerdict;

/** The scorecard of a park, a district or the city. */
export interface Scorecard {
  readonly kind: ScorecardScope['kind'];
  readonly id: string;
  /** The document that the clauses are of. */
  readonly source: string;
  readonly lines: readonly ScorecardLine[];
}

/** What money figures are of. */
export interface Year {
  readonly year: number;
  /** Months of it that the figures of each kind cover, 1 to 12. The targets are of whole years. */
  readonly months: Readonly<Record<'addedValue' | 'output' | 'tax', number>>;
}

/** The kind of money that a line rests on; null of digital coverage. */
const MONEY_OF = {
  ...{ added_value_per_mu: 'addedValue', added_value: 'addedValue', leading_industry_share: 'addedValue' },
  ...{ output_per_mu: 'output', output: 'output', tax_per_mu: 'tax', tax: 'tax', digital_coverage: null },
} as const satisfies Record<Item, keyof Year['months'] | null>;

/** Months of the year that a line covers; null of digital coverage, which is of now. */
export const monthsOf = (item: Item, { months }: Pick<Year, 'months'>): number | null => {
  const money = MONEY_OF[item];
  return money && months[money];
};

/** Sums of floating-point numbers may fall short of a target they meet by this share. */
const ROUNDING = 1e-12;

/**
 * Scorecards of each park, each district and the city (last) against the policy's figures. `now` in epoch ms is for
 * digital coverage alone.
 * @throws RangeError when a number is not finite, a park is there twice, or `months` is not from 1 to 12
 */
export function scorecards(
  parks: readonly ParkFigures[],
  year: Year,
  now: number,
  targets: readonly ScorecardTarget[] = POLICY_TARGETS,
): Scorecard[] {
  for (const months of Object.values(year.months)) {
    if (!(Number.isInteger(months) && months >= 1 && months <= 12)) {
      throw new RangeError('months has to be from 1 to 12');
    }
  }
  check(parks);
  const districts = [...new Set(parks.map(({ district }) => district))];
  const scopes: ScorecardScope[] = [
    ...parks.map((park) => ({ kind: 'park' as const, id: park.parkId, parks: [park] })),
    ...districts.map((id) => ({
      kind: 'district' as const,
      id,
      parks: parks.filter(({ district }) => district === id),
    })),
    { kind: 'city', id: 'city', parks },
  ];
  return scopes.map((scope) => ({
    ...{ kind: scope.kind, id: scope.id, source: GUIDELINE },
    lines: targets
      .filter(({ scopes }) => scopes.includes(scope.kind))
      .map((target) => ({ target, ...verdictOf(target, scope, year, now) })),
  }));
}

function verdictOf(
  { item, unit, atLeast }: ScorecardTarget,
  scope: ScorecardScope,
  year: Year,
  now: number,
): TargetVerdict {
  const figure = figureOf(item, scope, now);
  if (figure.value === null) {
    return { verdict: 'unknown', why: figure.why, parks: figure.parks, known: figure.known };
  }
  const { value } = figure;
  if (unit === 'CNY' && scope.parks.length < PARKS_OF_THE_GUIDELINE) {
    return { verdict: 'unknown', why: 'parks_missing', parks: [], known: value };
  }
  const isRunning = unit !== 'share' && (monthsOf(item, year) ?? 12) < 12;
  if (atLeast === null) return { verdict: 'no_target', value };
  if (value >= atLeast * (1 - ROUNDING)) return { verdict: 'met', value };
  if (isRunning) return { verdict: 'unknown', why: 'year_not_complete', parks: [], known: value };
  return { verdict: 'missed', value, by: atLeast - value, byShare: 1 - value / atLeast };
}

function check(parks: readonly ParkFigures[]): void {
  const seen = new Set<string>();
  for (const { parkId, areaMu, output, addedValue, tax, leadingAddedValue } of parks) {
    if (seen.has(parkId)) throw new RangeError(`park ${parkId} is there twice`);
    seen.add(parkId);
    for (const value of [areaMu, output, addedValue, tax, leadingAddedValue]) {
      if (value !== null && !Number.isFinite(value)) throw new RangeError(`park ${parkId}: figures have to be finite`);
    }
  }
}
