import type { Metric } from '../../../model/catalogue/index.js';
import type { SeriesKey } from '../../port/queries.js';
import type { RollupSource, RollupStore } from '../port.js';
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
