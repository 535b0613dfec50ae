import type { DirtyHoursOfSeries } from '../progress/dirty-hours.js';
import type { Progress } from '../progress/progress.js';
import type { Retries } from '../trouble/retries.js';
import type { RollParts } from './make-hours.js';

/** What those who make the roll-ups of one keeper work on together. */
export interface Workshop extends RollParts {
  readonly progress: Progress;
  readonly dirty: DirtyHoursOfSeries;
  readonly retries: Retries;
  /** Rows written since the start. */
  readonly written: { hours: number; days: number };
  /** Makes the marks of all that was noted durable. */
  saveMarks(): void;
}
