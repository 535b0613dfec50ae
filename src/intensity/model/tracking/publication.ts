import { canonicalJson } from '../../../model/canonical-json.js';
import { believed, historyOf, type Ledger, type Origin, record } from '../statistics/ledger.js';
import type { YearComparison } from './comparison.js';
import type { IntensityFigure } from './figure.js';
import type { PathYear } from './standing.js';
import type { Verdict } from './verdict.js';

/** Which version of everything a verdict was made from. */
export interface VerdictBasis {
  readonly statistics: number;
  readonly sets: number;
  readonly coefficients: number;
  readonly policy: number;
  /** Of the readings: the journal or the corrections that were in. */
  readonly readings: string;
  readonly forecast: string | null;
}

/** What readings lacked when figures were worked out of them. */
export interface PublishedLag {
  /** Up to when history was complete, epoch ms; null: not known. */
  readonly completeThrough: number | null;
}

/** A verdict as it was told, with all that it rested on. */
export interface Publication {
  /** Left out where history lacked nothing. */
  readonly lag?: PublishedLag;
  readonly scope: string;
  readonly carrier: 'energy' | 'wastewater';
  readonly year: number;
  /** The last day whose readings count, `YYYY-MM-DD`. */
  readonly through: string;
  readonly basis: VerdictBasis;
  readonly verdict: Verdict;
  readonly base: IntensityFigure | null;
  readonly figure: IntensityFigure | null;
  readonly comparison: YearComparison | null;
  readonly path: readonly PathYear[];
}

export const publicationKey = ({ scope, carrier, year }: Pick<Publication, 'scope' | 'carrier' | 'year'>): string =>
  `${scope} ${carrier} ${year}`;

/**
 * The ledger with those publications that say something new; it stays itself when none does. One that differs in
 * nothing but the versions of its basis is not told again: what it rested on had not changed.
 */
export function publish(
  ledger: Ledger<Publication>,
  all: readonly Publication[],
  origin: Origin,
  now: number,
): Ledger<Publication> {
  const told = believed(ledger, 'latest').at;
  const news = all.filter((one) => {
    const before = told.get(publicationKey(one));
    return before === undefined || !saysTheSame(before.value, one);
  });
  if (news.length === 0) return ledger;
  return record(
    ledger,
    news.map((one) => [publicationKey(one), one] as const),
    origin,
    now,
  );
}

const saysTheSame = (a: Publication, b: Publication): boolean =>
  canonicalJson({ ...a, basis: null }) === canonicalJson({ ...b, basis: null });

/** What of a publication restatements are found by. */
type Restatable = Pick<Publication, 'year' | 'basis'> & {
  readonly path: readonly Pick<PathYear, 'year' | 'value'>[];
};

/** One figure that was told otherwise later. */
export interface Restated {
  readonly year: number;
  readonly from: number | null;
  readonly to: number | null;
  /** The version of the publications that said the new value, and when: epoch ms. */
  readonly version: number;
  readonly recordedAt: number;
  /** The parts of the basis that had moved on in between. */
  readonly because: readonly (keyof VerdictBasis)[];
  readonly basis: { readonly from: VerdictBasis; readonly to: VerdictBasis };
}

/**
 * Every time that the intensity of a past year was restated between two publications about one scope, oldest first. The
 * year that runs is left out: it changes with every day.
 */
export function restatementsOf(ledger: Ledger<Restatable>, key: string): Restated[] {
  const told = historyOf(ledger, key).filter(({ value }) => value !== null);
  return told.slice(1).flatMap(({ value, version, recordedAt }, index) => {
    const before = told[index]?.value;
    if (!before || !value) return [];
    const old = new Map(before.path.map((row) => [row.year, row.value]));
    const because = (Object.keys(value.basis) as (keyof VerdictBasis)[]).filter(
      (part) => value.basis[part] !== before.basis[part],
    );
    return value.path
      .filter((row) => row.year < value.year && old.has(row.year) && old.get(row.year) !== row.value)
      .map((row) => ({
        ...{ year: row.year, from: old.get(row.year) ?? null, to: row.value, version, recordedAt, because },
        basis: { from: before.basis, to: value.basis },
      }));
  });
}
