const HOUR_MS = 3_600_000;
/** As much more than what has passed the clock may have gone on and be believed at once: it was set right, no more. */
const JUMP_MS = 24 * HOUR_MS;
/** What the clock has said for so long is believed. */
const BELIEVED_AFTER_MS = HOUR_MS;

/** Epoch milliseconds, and whether readings may be deleted by them. */
export interface BelievedTime {
  readonly now: number;
  readonly steady: boolean;
}

/**
 * The wall clock, held back where it leaps ahead: what is deleted by it is gone for good, and a clock that is wrong for a
 * moment must not cost a year of readings. A leap is believed once it has lasted for an hour, and so is the first time.
 */
export class SteadyTime {
  private believed: { readonly wall: number; readonly at: number } | null = null;
  private since = 0;
  private leaptAt: number | null = null;

  /** `passed`: milliseconds that pass whatever the wall clock does. */
  constructor(private readonly passed: () => number = () => performance.now()) {}

  /** `wall`: what the clock says now, epoch milliseconds. */
  read(wall: number): BelievedTime {
    const at = this.passed();
    if (this.believed === null) {
      this.believed = { wall, at };
      this.since = at;
    }
    const expected = this.believed.wall + (at - this.believed.at);
    if (wall - expected > JUMP_MS) {
      this.leaptAt ??= at;
      if (at - this.leaptAt < BELIEVED_AFTER_MS) return { now: expected, steady: false };
    }
    this.leaptAt = null;
    this.believed = { wall, at };
    return { now: wall, steady: at - this.since >= BELIEVED_AFTER_MS };
  }
}
