import type { Period } from '../../model/time/windows.js';
import type { Device } from '../../registry/port.js';
import type { Alarm, AlarmEvent } from '../model/alarm.js';
import type { Findings } from '../model/explain/findings.js';
import type { NoteCode } from '../model/explain/notes.js';
import type { Run } from '../model/explain/runs.js';
import type { SuppressionSpan } from '../model/explain/suppression.js';
import type { ExplanationVerdict } from '../model/explain/verdict.js';
import type { Occurrence } from '../model/judge/occurrences.js';
import type { AlarmRule, Text } from '../model/rule/rule.js';
import type { WriteTime } from '../model/wire.js';

/** Bounds of one replay. */
export const REPLAY_BOUNDS = {
  days: 31,
  devices: 50,
  /** Readings of one device or place, and of a whole dry run. */
  subjectReadings: 500_000,
  readings: 2_000_000,
  /** Occurrences that are listed for one device or place; all are counted. */
  occurrences: 100,
} as const;

/** A replay that cannot be made as it was asked for. */
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
  readonly rule: AlarmRule;
  readonly devices: readonly Device[];
  /** Judges readings that came late as if each had come at its time; live they raise nothing. */
  readonly countLate: boolean;
}

/** What a rule would have raised on one device or place. */
export interface WouldRaise {
  /** Raised in the period. */
  readonly raised: number;
  /** Milliseconds of the period during which it stood. */
  readonly activeMs: number;
  /** The first of them, in the order of their raise; one that stood when the period began is among them. */
  readonly occurrences: readonly Occurrence[];
}

export interface DryRunSubject {
  /** A device, or a place as `{park}-{hash}`. */
  readonly subject: string;
  readonly place: string | null;
  /** Readings judged, and those of them that came too late to raise anything. */
  readonly readings: number;
  readonly late: number;
  /** Null where the rule is not for it: another limit profile, park or device. */
  readonly proposed: WouldRaise | null;
  readonly current: WouldRaise | null;
}

/** Raises of one day of the service's time zone. */
export interface DryRunDay {
  /** `YYYY-MM-DD` */
  readonly day: string;
  readonly proposed: number;
  readonly current: number;
}

export interface DryRun {
  readonly subjects: readonly DryRunSubject[];
  readonly days: readonly DryRunDay[];
  /** Version of the rule that is in force under this id; null where there is none, or it is disabled. */
  readonly currentVersion: number | null;
}

/** Why an alarm was or was not raised. Times are epoch milliseconds. */
export interface Explanation extends Period {
  readonly verdict: ExplanationVerdict;
  readonly summary: Text;
  /** Versions of the rule that were in force, and from when; null rule: disabled or ended. */
  readonly versions: readonly {
    readonly version: number;
    readonly from: number | null;
    readonly rule: AlarmRule | null;
  }[];
  /** Unit of values and setpoints; longest step that a delay may bridge. */
  readonly unit: string;
  readonly gapS: number | null;
  readonly findings: Findings;
  readonly runs: readonly Run[];
  readonly suppressions: readonly SuppressionSpan[];
  /** What the record has of the period. */
  readonly events: readonly AlarmEvent[];
  readonly notes: readonly NoteCode[];
}

/** Rules judged again over stored readings, by the functions that judge live ones. */
export interface AlarmReplays {
  /**
   * What a rule would have raised.
   * @throws ReplayRefusedError, and what the historian throws; QueryTimedOutError also when the whole takes too long
   */
  dryRun(query: DryRunQuery, signal?: AbortSignal): Promise<DryRun>;
  /**
   * Why an alarm was raised the last time; with a period, why it was or was not in that. Without one the alarm must have
   * been raised once.
   * @throws as `dryRun`
   */
  explain(alarm: Alarm, period: Period | null, time: WriteTime, signal?: AbortSignal): Promise<Explanation>;
  readonly stats: Readonly<ReplayStats>;
}

interface ReplayStats {
  /** Being made now. */
  dryRuns: number;
  explanations: number;
  /** Turned away because too many were running. */
  turnedAway: number;
}
