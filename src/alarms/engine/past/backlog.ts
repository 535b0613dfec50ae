import { DATA_FLAGS, QUALITIES, type Reading } from '../../../model/reading.js';
import type { WaitingReadings } from '../../model/judge/past.js';

/** A reading of a backlog, or a live one that came meanwhile; `at`: its event time as alarms count it. */
export interface BacklogReading {
  readonly at: number;
  readonly reading: Reading;
  readonly late: boolean;
}

/** Late readings of one series, in any order, and the live ones meanwhile, which ended what was abnormal. */
export class Backlog<Series> {
  readings: BacklogReading[] = [];
  /** Receipt of its newest late reading. */
  heardAt = Number.NEGATIVE_INFINITY;

  /**
   * @param series with its watches in force
   * @param newestAt newest event time of the series when the backlog began
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

  /** Restores it from its stored form. */
  static of<Series>(series: Series, metric: string, { heardAt, newestAt, readings }: WaitingReadings): Backlog<Series> {
    const backlog = new Backlog(series, newestAt ?? Number.NEGATIVE_INFINITY);
    backlog.heardAt = heardAt;
    backlog.readings = waitingToBacklog(metric, readings);
    return backlog;
  }
}

/** The readings in stored form; `waitingToBacklog` reverses it. */
export function stored(readings: readonly BacklogReading[]): WaitingReadings['readings'] {
  return readings.map(
    ({ at, late, reading: { value, flag, quality } }) =>
      [at, value, DATA_FLAGS.indexOf(flag), QUALITIES.indexOf(quality), late ? 1 : 0] as const,
  );
}

export function waitingToBacklog(metric: string, readings: WaitingReadings['readings']): BacklogReading[] {
  return readings.map(([at, value, flag, quality, late]) => ({
    at,
    reading: { metric, ts: at, value, flag: DATA_FLAGS[flag]!, quality: QUALITIES[quality]! },
    late: late === 1,
  }));
}
