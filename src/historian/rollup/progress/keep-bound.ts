import type { ProgressFile } from './progress-file.js';

const BOUND = 'keepFrom';
const RAW_DAYS = 'rawDays';
const DAY_MS = 86_400_000;

/**
 * From when on readings are kept, as housekeeping last said, over restarts. It decides whether a reading from before what
 * was dropped is taken after all: the clock by which days were dropped may have been wrong, or the bound was raised.
 */
export class KeepBound {
  private bound: number;

  /** @param rawDays days that readings are kept: where they are more than before, what was said before counts no more */
  constructor(
    private readonly progressFile: Pick<ProgressFile, 'getNumber' | 'setNumber'>,
    private readonly rawDays: number,
  ) {
    const raised = rawDays > (progressFile.getNumber(RAW_DAYS) ?? 0);
    this.bound = (raised ? null : progressFile.getNumber(BOUND)) ?? Number.NEGATIVE_INFINITY;
  }

  /** Readings of days before `time` are not kept from now on; -Infinity while nobody can say. Durable when it returns. */
  keepFrom(time: number): void {
    const day = Math.floor(time / DAY_MS) * DAY_MS;
    if (!Number.isFinite(day) || day === this.bound) return;
    this.progressFile.setNumber(BOUND, day);
    this.progressFile.setNumber(RAW_DAYS, this.rawDays);
    this.bound = day;
  }

  /** Start of a UTC day: what is older is not taken. -Infinity before anything was said. */
  get from(): number {
    return this.bound;
  }
}
