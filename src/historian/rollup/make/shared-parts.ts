import type { DirtyHoursOfSeries } from '../progress/dirty-hours.js';
import type { Progress } from '../progress/progress.js';
import type { Retries } from '../trouble/retries.js';
import type { MakeParts } from './make-hours.js';

/** What the makers of hours, days and corrections share. */
export interface SharedParts extends MakeParts {
  readonly progress: Progress;
  readonly dirty: DirtyHoursOfSeries;
  readonly retries: Retries;
  /** Rows written since the start. */
  readonly written: { hours: number; days: number };
  /** Makes durable which hours were noted as out of date. */
  saveProgress(): void;
}
