import { historyOf, type Ledger } from '../statistics/ledger.js';
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
  /** Versions of the ledgers that say what readings count, `meters:3 swaps:1 …`: readings themselves have none. */
  readonly readings: string;
  /** The document of the forecast's method; null without one. */
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

/** The key under which the ledger keeps a publication. */
export const publicationKey = ({ scope, carrier, year }: Pick<Publication, 'scope' | 'carrier' | 'year'>): string =>
  `${scope} ${carrier} ${year}`;

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
