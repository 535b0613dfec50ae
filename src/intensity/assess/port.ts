import type { HistoryLag } from '../../historian/port/queries.js';
import type { Assessment } from '../model/assess/assessment.js';
import type { Tracked } from '../model/assess/quantity-book.js';
import type { Scope } from '../model/assess/scope.js';
import type { Bill } from '../model/bills/bill.js';
import type { ElectricityCount } from '../model/conversion/coefficient.js';
import type { CoverageGaps } from '../model/scorecard/figures.js';
import type { Scorecard, Year } from '../model/scorecard/scorecard.js';
import type { CountedSet } from '../model/statistics/counted-set.js';
import type { StatEntry } from '../model/statistics/entry.js';
import type { AsOf } from '../model/statistics/ledger.js';
import type { Restated, VerdictBasis } from '../model/tracking/publication.js';

/** What people told a verdict rests on, by the name that `Basis` has for it. */
export const TOLD = ['statistics', 'sets', 'coefficients', 'policy'] as const;

/** One act of recording that a figure rests on, or that changed it. */
export interface RevisionRef {
  readonly of: (typeof TOLD)[number];
  readonly version: number;
  /** Epoch ms. */
  readonly recordedAt: number;
  readonly source: string;
  readonly reason: string | null;
}

/** Figures, counted sets and bills that might be recorded. */
export interface Supposed {
  readonly entries: readonly StatEntry[];
  readonly sets: readonly CountedSet[];
  readonly bills: readonly Bill[];
}

/** What a client asks about the 5 %. */
export interface AssessmentQuestion {
  readonly scope: Scope;
  readonly carrier: Tracked;
  readonly year: number;
  /** `calorific` when left out; the service computes the others but never publishes them. */
  readonly electricity?: ElectricityCount;
  /** Of energy: water and compressed air count as well (耗能工质); left out: they do not. Never published. */
  readonly media?: boolean;
  /** Of a park: each of its enterprises that has a figure is assessed by itself as well. */
  readonly withMembers?: boolean;
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
  /** What the readings lacked that it was computed from; null: nothing. */
  readonly lag: HistoryLag | null;
}

/** A past figure that was told otherwise later, with what people had recorded in between. */
export interface Restatement extends Restated {
  readonly told: readonly RevisionRef[];
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
  /** The enterprises of a park, where they were asked for. */
  readonly members: readonly Assessment[];
  readonly restatements: readonly Restatement[];
  /** When the coefficients and the policy that it rests on were recorded, and from what. */
  readonly revisions: readonly RevisionRef[];
  /** What the readings lack that it, its parts and members were computed from; null: nothing. */
  readonly lag: HistoryLag | null;
}

/** A scorecard, with the months and the land that its money figures are of. */
export interface ScorecardAnswer extends Year {
  /** Of the statistics that it is made of. */
  readonly version: number;
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

/** What would become of one verdict. */
export interface Effect {
  readonly scope: Scope;
  readonly carrier: Tracked;
  readonly before: Assessment;
  readonly after: Assessment;
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
  /**
   * Verdicts on the year that runs, as they are and as they would be with these figures; of scopes whose meters were not
   * read since the start there is none. Null where it takes long, or another one is worked out: ask again.
   * @throws HistorianUnavailableError
   */
  supposing(told: Supposed, scopes: readonly Scope[]): Promise<readonly Effect[] | null>;
  /**
   * @param asOf of the statistics: as was believed then; whose domains were live then is not known
   * @throws HistorianUnavailableError
   */
  scorecard(scope: Exclude<Scope, { kind: 'enterprise' }>, year: number, asOf?: AsOf): Promise<ScorecardAnswer>;
  /** The newest version of the publications; 0: nothing was published. */
  newest(): number;
  /** The current year in the service's time zone. */
  thisYear(): number;
}
