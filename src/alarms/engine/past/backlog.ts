import { DATA_FLAGS, QUALITIES, type Reading } from '../../../model/reading.js';
import type { WaitingReadings } from '../../model/judge/past.js';

/** A reading that came while a backlog did; `at`: its event time as alarms count it. */
export interface BacklogReading {
  readonly at: number;
  readonly reading: Reading;
  readonly late: boolean;
}

/**
 * What comes too late to be live in one series, until no more of it comes: it may come in any order. Live readings are
 * kept beside it, for what was abnormal ended with them.
 */
export class Backlog<Series> {
  readings: BacklogReading[] = [];
  /** Receipt of the last that came late. */
  heardAt = Number.NEGATIVE_INFINITY;

  /**
   * @param series as it is with the watches of today
   * @param newestAt event time of what was the newest when it began
   */
  constructor(
    public series: Series,
    readonly newestAt: number,
  ) {}

  stored(): WaitingReadings {
    return {
      heardAt: this.heardAt,
      newestAt: Number.isFinite(this.newestAt) ? this.newestAt : null,
      readings: stored(this.readings),
    };
  }

  /** As it was stored. */
  static of<Series>(series: Series, metric: string, { heardAt, newestAt, readings }: WaitingReadings): Backlog<Series> {
    const backlog = new Backlog(series, newestAt ?? Number.NEGATIVE_INFINITY);
    backlog.heardAt = heardAt;
    backlog.readings = readingsOf(metric, readings);
    return backlog;
  }
}

/** Readings as they outlive a restart; `readingsOf` gives them back. */
export function stored(readings: readonly BacklogReading[]): WaitingReadings['readings'] {
  return readings.map(
    ({ at, late, reading: { value, flag, quality } }) =>
      [at, value, DATA_FLAGS.indexOf(flag), QUALITIES.indexOf(quality), late ? 1 : 0] as const,
  );
}

export function readingsOf(metric: string, readings: WaitingReadings['readings']): BacklogReading[] {
  return readings.map(([at, value, flag, quality, late]) => ({
    at,
    reading: { metric, ts: at, value, flag: DATA_FLAGS[flag]!, quality: QUALITIES[quality]! },
    late: late === 1,
  }));
}
