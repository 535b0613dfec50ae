import type { Metric } from '../../../model/catalogue/index.js';
import type { SeriesKey } from '../../port/queries.js';
import type { TimeSpan } from '../../port/stats.js';
import { type OnFailed, type RollupSource, type RollupStore, seriesName } from '../port.js';
import type { DirtyHoursOfSeries } from '../progress/dirty-hours.js';
import type { Progress } from '../progress/progress.js';
import type { Retries } from '../trouble/retries.js';

/** Shared by the makers of hours, days and corrections. */
export interface SharedParts {
  readonly source: RollupSource;
  readonly store: RollupStore;
  readonly metricOf: (series: SeriesKey) => Metric | undefined;
  readonly progress: Progress;
  readonly dirty: DirtyHoursOfSeries;
  readonly retries: Retries;
  /** Monotonic milliseconds. */
  readonly uptime: () => number;
  /** Rows written since the start. */
  readonly written: { hours: number };
  /** Makes the hours noted as out of date durable. */
  saveProgress(): void;
}

/** Notes that a series' hours have to be made again, and the error. */
export function failing({ dirty, retries }: SharedParts, hours: TimeSpan): OnFailed {
  return (series, error) => {
    dirty.noteHours(series, hours);
    retries.failed('series', seriesName(series), error);
  };
}
