import { canonicalJson } from '../../../model/canonical-json.js';
import type { YearComparison } from '../tracking/comparison.js';
import type { IntensityFigure } from '../tracking/figure.js';
import type { Portion } from '../tracking/portion.js';
import type { Publication, PublishedLag, VerdictBasis } from '../tracking/publication.js';
import type { PathYear } from '../tracking/standing.js';
import type { Assessment } from './assessment.js';
import type { Tracked } from './quantity-book.js';
import type { Scope } from './scope.js';

/** A publication with all that was answered beside the verdict. */
export interface PublishedAssessment extends Publication {
  /** The scopes that a sum opened into then; left out of all others, and of what was published before they were kept. */
  readonly parts?: readonly string[];
  readonly rest: Omit<Assessment, 'base' | 'figure' | 'comparison' | 'path' | 'verdict' | 'dependencies'>;
}

/**
 * An assessment as it is kept: of a sum over parks the totals, since the parks' own publications hold the parts; of a park
 * each member's months.
 */
export function publicationOf(
  assessment: Assessment,
  carrier: Tracked,
  basis: VerdictBasis,
  parts: readonly string[] | null,
  lag: PublishedLag | null,
): PublishedAssessment {
  const isPool = parts !== null;
  const { base, figure, comparison, path, verdict, dependencies: _, ...rest } = assessment;
  const kept = <T extends IntensityFigure | null>(one: T): T => (one === null ? one : trimmed(one, isPool));
  const { scope, year, through } = assessment;
  return {
    ...{ scope, carrier, year, through: through ?? '', basis, verdict, path, rest },
    ...(parts !== null && { parts }),
    ...(lag !== null && { lag: { completeThrough: lag.completeThrough } }),
    base: kept(base),
    figure: kept(figure),
    comparison: comparison && trimmedComparison(comparison, isPool),
  };
}

/** The assessment that a publication holds. It has no dependencies: nothing computes it anew. */
export function assessmentOf({ base, figure, comparison, path, verdict, rest }: PublishedAssessment): Assessment {
  return { ...rest, base, figure, comparison, path, verdict, dependencies: [] };
}

function trimmedComparison({ current, previous, change }: YearComparison, isPool: boolean): YearComparison {
  return { current: trimmed(current, isPool), previous: trimmed(previous, isPool), change };
}

function trimmed<T extends IntensityFigure>(figure: T, isPool: boolean): T {
  const parts = (all: readonly Portion[]) => (isPool ? [] : all.map(lean));
  return { ...figure, parts: parts(figure.parts), leftOut: parts(figure.leftOut), ...(isPool && { set: [] }) };
}

/** The months stand in the portion; a member's own copy of them would be the same again. */
const lean = (portion: Portion): Portion => ({ ...portion, member: { ...portion.member, quantity: [] } });

/** What of a publication is compared with the next one and with those before. */
export interface PublicationDigest extends Pick<Publication, 'scope' | 'carrier' | 'year' | 'basis' | 'lag'> {
  readonly path: readonly Pick<PathYear, 'year' | 'allowed' | 'value' | 'comparable'>[];
  readonly verdict: string;
  /** Codes of the verdict's reasons; below, of its notes. */
  readonly reasons: readonly string[];
  readonly notes: readonly string[];
  readonly figures: readonly (readonly unknown[] | null)[];
}

/** The digest of a publication: its codes, its path, and the sums of its figures. */
export function digestOf({
  scope,
  carrier,
  year,
  basis,
  lag,
  verdict,
  base,
  figure,
  comparison,
  path,
}: Publication): PublicationDigest {
  const told = (one: IntensityFigure | null) =>
    one && [one.first, one.last, one.value, one.quantity, one.addedValue, one.completeness];
  return {
    ...{ scope, carrier, year, basis, ...(lag !== undefined && { lag }) },
    verdict: verdict.verdict,
    reasons: verdict.reasons.map(({ code }) => code),
    notes: verdict.notes.map(({ code }) => code),
    figures: [base, figure, comparison?.current ?? null, comparison?.previous ?? null].map(told),
    path: path.map(({ year: of, allowed, value, comparable }) => ({ year: of, allowed, value, comparable })),
  };
}

/**
 * Whether a publication tells something else than the one before: another verdict or reason, another value of a year or
 * of the months so far; or the same of a history that lacks nothing any more. What moves with every day, a forecast
 * within its verdict, is not told again.
 */
export const isNews = (before: PublicationDigest | undefined, now: Publication): boolean =>
  before === undefined ||
  (before.lag !== undefined && now.lag === undefined) ||
  canonicalJson({ ...before, ...NOT_COMPARED }) !== canonicalJson({ ...digestOf(now), ...NOT_COMPARED });

const NOT_COMPARED = { basis: null, lag: null };

/** Nothing is known of a scope: it has no members, or is an enterprise without meters and bills. */
export function isNothing({ kind }: Scope, { figure }: Assessment): boolean {
  if (figure === null || figure.set.length === 0) return true;
  return kind === 'enterprise' && [...figure.parts, ...figure.leftOut].every(({ months }) => months.length === 0);
}
