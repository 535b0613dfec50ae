import type { Metric } from '../../../model/catalogue/index.js';
import type { SeriesKey } from '../../port/queries.js';
import type { TimeSpan } from '../../port/stats.js';
import { type OnFailed, type RollupSource, type RollupStore, seriesName } from '../port.js';
import type { DirtyHoursOfSeries } from '../progress/dirty-hours.js';
import type { Progress } from '../progress/progress.js';
import type { Retries } from '../trouble/retries.js';

/** What the makers of hours, days and corrections share. */
export interface SharedParts {
  readonly source: RollupSource;
  readonly store: RollupStore;
  readonly metricOf: (series: SeriesKey) => Metric | undefined;
  readonly progress: Progress;
  readonly dirty: DirtyHoursOfSeries;
  readonly retries: Retries;
  /** Rows written since the start. */
  readonly written: { hours: number };
  /** Makes durable which hours were noted as out of date. */
  saveProgress(): void;
}

/** Notes of a series that these hours of it are to be made again, and with what they failed. */
export function failing({ dirty, retries }: SharedParts, hours: TimeSpan): OnFailed {
  return (series, error) => {
    dirty.noteHours(series, hours);
    retries.failed('series', seriesName(series), error);
  };
}
