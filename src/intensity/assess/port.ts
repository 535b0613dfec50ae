import type { Assessment } from '../model/assess/assessment.js';
import type { Tracked } from '../model/assess/quantity-book.js';
import type { Scope } from '../model/assess/scope.js';
import type { ElectricityCount } from '../model/conversion/coefficient.js';
import type { CoverageGaps } from '../model/scorecard/figures.js';
import type { Scorecard, Year } from '../model/scorecard/scorecard.js';
import type { AsOf } from '../model/statistics/ledger.js';
import type { Restated, VerdictBasis } from '../model/tracking/publication.js';

/** What a client asks about the 5 %. */
export interface AssessmentQuestion {
  readonly scope: Scope;
  readonly carrier: Tracked;
  readonly year: number;
  /** `calorific` when left out; the service computes the others but never publishes them. */
  readonly electricity?: ElectricityCount;
}

/** The service computes the scope for the first time since its start and has published nothing of it yet: ask again. */
export class AssessmentComputingError extends Error {
  override readonly name = 'AssessmentComputingError';
  constructor(scope: string) {
    super(`the figures of ${scope} are being read for the first time since the service started; ask again`);
  }
}

/** A published verdict. */
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
  /** Whether it is the published assessment, not one of what is known now. */
  readonly isPublished: boolean;
  /** The last publication of it, or the last by the moment asked for; null without one. */
  readonly published: PublicationRef | null;
  /** The scopes that a sum opens into, each assessed at the same moment. */
  readonly parts: readonly Assessment[];
  readonly restatements: readonly Restated[];
}

/** A scorecard, with the months and the land that its money figures are of. */
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

/** The 5 % as computed now, and as published. */
export interface Assessments {
  /**
   * From what is known now. While years of readings are read for the first time since the start, what was published last.
   * @throws HistorianUnavailableError
   * @throws AssessmentComputingError where nothing was published by then
   */
  now(question: AssessmentQuestion): Promise<Answer>;
  /** The last publication by then; null without one. */
  told(question: Omit<AssessmentQuestion, 'electricity'>, asOf: AsOf): Answer | null;
  /** @throws HistorianUnavailableError */
  scorecard(scope: Exclude<Scope, { kind: 'enterprise' }>, year: number): Promise<ScorecardAnswer>;
  /** The newest version of the publications; 0: nothing was published. */
  newest(): number;
  /** The current year in the service's time zone. */
  thisYear(): number;
}
