import type { WriteTime } from '../../model/time/rfc3339.js';
import type { Period } from '../../model/time/windows.js';
import type { Device } from '../../registry/port.js';
import type { Alarm, AlarmEvent } from '../model/alarm.js';
import type { Findings } from '../model/explain/findings.js';
import type { NoteCode } from '../model/explain/notes.js';
import type { ReadingRun } from '../model/explain/runs.js';
import type { SuppressionSpan } from '../model/explain/suppression.js';
import type { ExplanationVerdict } from '../model/explain/verdict.js';
import type { Occurrence } from '../model/judge/occurrences.js';
import type { AlarmRule, Text } from '../model/rule/rule.js';

export const REPLAY_BOUNDS = {
  days: 31,
  devices: 50,
  /** Readings of one device or place, and of a whole dry run. */
  subjectReadings: 500_000,
  readings: 2_000_000,
  /** Occurrences listed for one device or place; the count includes all. */
  occurrences: 100,
} as const;

/** The replay is not possible as requested. */
export class ReplayRefusedError extends Error {
  override readonly name = 'ReplayRefusedError';
  constructor(
    /** Stable, for programs. */
    readonly code: 'not_replayable' | 'too_many_readings' | 'too_many_replays',
    message: string,
  ) {
    super(message);
  }
}

export interface DryRunQuery extends Period {
  /** Who asks; each has a share of the replays at once. */
  readonly by: string;
  readonly rule: AlarmRule;
  readonly devices: readonly Device[];
  /** Judges late readings as if each had come at its time; live they raise nothing. */
  readonly countLate: boolean;
}

export interface ExplanationQuery {
  readonly alarm: Alarm;
  readonly period: Period | null;
  /** Writes times in sentences. */
  readonly time: WriteTime;
  /** As in `DryRunQuery`. */
  readonly by: string;
}

/** The occurrences that a rule would have raised on one device or place. */
export interface WouldRaise {
  /** Raises in the period. */
  readonly raised: number;
  /** Milliseconds of the period with a standing alarm. */
  readonly activeMs: number;
  /** The first occurrences, in order of raise; one standing when the period began is among them. */
  readonly occurrences: readonly Occurrence[];
}

export interface DryRunSubject {
  /** A device, or a place as `{park}-{hash}`. */
  readonly subject: string;
  readonly place: string | null;
  /** Readings judged, and those that came too late to raise anything. */
  readonly readings: number;
  readonly late: number;
  /** Null where the rule does not apply: another limit profile, park or device. */
  readonly proposed: WouldRaise | null;
  readonly current: WouldRaise | null;
}

export interface DryRunDay {
  /** `YYYY-MM-DD` */
  readonly day: string;
  readonly proposed: number;
  readonly current: number;
}

export interface DryRun {
  readonly subjects: readonly DryRunSubject[];
  readonly days: readonly DryRunDay[];
  /** Version in force under this id; null where there is none, or it is disabled. */
  readonly currentVersion: number | null;
}

/** Why an alarm was or was not raised. Times are epoch milliseconds. */
export interface Explanation extends Period {
  readonly verdict: ExplanationVerdict;
  readonly summary: Text;
  /** Versions of the rule in force, and their start; null rule: disabled or ended. */
  readonly versions: readonly {
    readonly version: number;
    readonly from: number | null;
    readonly rule: AlarmRule | null;
  }[];
  /** Unit of values and setpoints; longest step that a delay may bridge. */
  readonly unit: string;
  readonly gapS: number | null;
  readonly findings: Findings;
  readonly runs: readonly ReadingRun[];
  readonly suppressions: readonly SuppressionSpan[];
  /** Stored events of the period. */
  readonly events: readonly AlarmEvent[];
  readonly notes: readonly NoteCode[];
}

/** Judges rules again over stored readings, with the functions of live evaluation. */
export interface AlarmReplays {
  /**
   * What a rule would have raised.
   * @throws ReplayRefusedError, what the historian throws, and QueryTimedOutError when the whole takes too long
   */
  dryRun(query: DryRunQuery, signal?: AbortSignal): Promise<DryRun>;
  /**
   * Why an alarm was last raised; with a period, why it was or was not raised in it. Without one the alarm must have
   * been raised once.
   * @throws as `dryRun`
   */
  explain(query: ExplanationQuery, signal?: AbortSignal): Promise<Explanation>;
  readonly stats: Readonly<ReplayStats>;
}

interface ReplayStats {
  /** In progress. */
  readonly dryRuns: number;
  readonly explanations: number;
  /** Refused because too many were in progress. */
  turnedAway: number;
}
