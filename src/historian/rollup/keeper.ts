import type { Metric } from '../../domain/catalogue/index.js';
import type { TimeZone } from '../../domain/time-zone.js';
import type { SeriesKey } from '../port.js';
import type { RollupMarks } from './marks.js';
import type { RollupSource, RollupStore } from './port.js';

export interface KeeperParts {
  /** Closed by whoever opened it, after the keeper's last `work`. */
  readonly marks: RollupMarks;
  readonly source: RollupSource;
  readonly store: RollupStore;
  /** What the catalogue says of a series; undefined where it knows nothing, which counts as a gauge. */
  readonly metricOf: (series: SeriesKey) => Metric | undefined;
  /** Whose days the days are. */
  readonly zone: TimeZone;
}

export interface RollupStats {
  /** Hours before this are rolled up; null before the first. Epoch ms. */
  readonly rolledTo: number | null;
  /** Days that end at or before this are rolled up. */
  readonly daysTo: number | null;
  /** Series with hours that are out of date. */
  readonly dirtySeries: number;
  /** Rows written since the start, corrections included. */
  readonly hoursWritten: number;
  readonly daysWritten: number;
  /** Readings from before the raw horizon, which changed no roll-up. */
  readonly ignored: number;
}

/**
 * Keeps an adapter's roll-ups: makes those of hours that are over, and again those that late readings touch.
 *
 * What an adapter does:
 * - calls `note` for each reading it appends whose time lies before `noteBefore`, before or as the reading becomes
 *   visible to `source`;
 * - calls `saveMarks` before its `durableSeq` passes the readings noted since the last call: they would not come again;
 * - calls `settled` as the journal is worked off, and `work` now and then until it returns false;
 * - calls `keepFrom` before it drops raw readings, and drops none at or after `droppable`.
 */
export declare class RollupKeeper {
  static open(parts: KeeperParts): RollupKeeper;
  /** Readings at or after this need no `note`; read it anew for each batch. -Infinity before the first roll. */
  get noteBefore(): number;
  /** All hours before this are rolled up, of every series; -Infinity before the first roll. */
  get rolledTo(): number;
  /** A reading was appended, good or not: its hour is out of date if it is rolled up. */
  note(series: SeriesKey, ts: number): void;
  /** Hours before this may be used for the series; a whole hour of UTC, or -Infinity. */
  usableTo(series: SeriesKey): number;
  /** Days that end at or before this may be used, where their hours may. */
  get daysTo(): number;
  /** Everything received before `until` (by the journal's times of receipt, not by the clock) is visible to `source`. */
  settled(until: number): void;
  /** Makes the marks of all that was noted durable; nothing to do costs nothing. @throws when the disk refuses */
  saveMarks(): void;
  /**
   * Does one piece of what is due, some seconds at most: rolls up hours, corrects some series, or makes a day; call it
   * again while it returns true. One at a time. When it throws or is aborted nothing is lost and the next call goes on.
   */
  work(signal?: AbortSignal): Promise<boolean>;
  /** Raw readings before this may be dropped as far as roll-ups are concerned. */
  get droppable(): number;
  /** Raw readings before this are dropped, now or soon: roll-ups of that time are final. Durable when it returns. */
  keepFrom(ts: number): void;
  get hasDirty(): boolean;
  get stats(): RollupStats;
}
