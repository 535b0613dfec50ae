import { DAY_MS } from '../../../model/time/duration.js';
import type { ProgressFile } from './progress-file.js';

const BOUND = 'keepFrom';
const RAW_DAYS = 'rawDays';

/**
 * Start of the readings that retention keeps, stored across restarts. A reading before it may be accepted again: the
 * clock that dropped the days may have been wrong, or the operator raised retention.
 */
export class KeepBound {
  private bound: number;

  /** @param rawDays retention in days; if it is longer than before, the old bound no longer counts */
  constructor(
    private readonly progressFile: Pick<ProgressFile, 'getNumber' | 'setNumber'>,
    private readonly rawDays: number,
  ) {
    const raised = rawDays > (progressFile.getNumber(RAW_DAYS) ?? 0);
    this.bound = (raised ? null : progressFile.getNumber(BOUND)) ?? Number.NEGATIVE_INFINITY;
  }

  /** Rejects readings of days before `time` from now on; -Infinity while unknown. Durable when it returns. */
  keepFrom(time: number): void {
    const day = Math.floor(time / DAY_MS) * DAY_MS;
    if (!Number.isFinite(day) || day === this.bound) return;
    this.progressFile.setNumber(BOUND, day);
    this.progressFile.setNumber(RAW_DAYS, this.rawDays);
    this.bound = day;
  }

  /** Start of a UTC day; older readings are not accepted. -Infinity before the first bound. */
  get from(): number {
    return this.bound;
  }
}
