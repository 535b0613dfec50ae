import type { Assessment } from '../model/assess/assessment.js';
import type { Tracked } from '../model/assess/quantity-book.js';
import type { Scope } from '../model/assess/scope.js';
import type { ElectricityCount } from '../model/conversion/coefficient.js';
import type { CoverageGaps } from '../model/scorecard/figures.js';
import type { Scorecard, Year } from '../model/scorecard/scorecard.js';
import type { AsOf } from '../model/statistics/ledger.js';
import type { Restated, VerdictBasis } from '../model/tracking/publication.js';

/** What is asked of the 5 %. */
export interface AssessmentQuestion {
  readonly scope: Scope;
  readonly carrier: Tracked;
  readonly year: number;
  /** `calorific` where nothing is said; the others are computed, never published. */
  readonly electricity?: ElectricityCount;
}

/** The scope is computed for the first time since the start, and nothing was published of it: ask again. */
export class AssessmentComputingError extends Error {
  override readonly name = 'AssessmentComputingError';
  constructor(scope: string) {
    super(`the figures of ${scope} are being read for the first time since the service started; ask again`);
  }
}

/** A verdict that was told. */
export interface PublicationRef {
  readonly version: number;
  /** Epoch ms. */
  readonly recordedAt: number;
  readonly source: string;
}

/** An assessment with what it rests on. */
export interface Answer {
  readonly assessment: Assessment;
  readonly basis: VerdictBasis;
  /** It is what was published, not what is known now. */
  readonly isPublished: boolean;
  /** What was published last about it, or by the moment asked for; null when nothing was. */
  readonly published: PublicationRef | null;
  /** The scopes that a sum opens into, each assessed at the same moment. */
  readonly parts: readonly Assessment[];
  readonly restatements: readonly Restated[];
}

/** A scorecard with what its money figures are of. */
export interface ScorecardAnswer extends Year {
  readonly card: Scorecard;
  /** What is missing for full digital coverage. */
  readonly gaps: CoverageGaps;
  /** The land that figures per mu are of, in mu: of the statistics of `year`, else the park's planned area. */
  readonly areas: readonly {
    readonly park: string;
    readonly mu: number;
    readonly of: 'statistics' | 'plan';
    readonly year: number | null;
  }[];
}

/** The 5 % as it stands, and as it was told. */
export interface Assessments {
  /**
   * From what is known now. While years of readings are read for the first time since the start, what was published last.
   * @throws HistorianUnavailableError
   * @throws AssessmentComputingError where nothing was published by then
   */
  now(question: AssessmentQuestion): Promise<Answer>;
  /** What was published last by then; null when nothing was. */
  told(question: Omit<AssessmentQuestion, 'electricity'>, asOf: AsOf): Answer | null;
  /** @throws HistorianUnavailableError */
  scorecard(scope: Exclude<Scope, { kind: 'enterprise' }>, year: number): Promise<ScorecardAnswer>;
  /** The newest version of the publications; 0: nothing was published. */
  newest(): number;
  /** The year that runs, in the service's time zone. */
  thisYear(): number;
}
