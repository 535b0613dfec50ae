const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** As much more than what has passed the clock may have gone on and be believed: it was set right, no more. */
const JUMP_MS = DAY_MS;
/** A leap that devices with clocks of their own confirm is believed after the first, one that nobody confirms after the second. */
const CONFIRMED_MS = HOUR_MS;
const UNCONFIRMED_MS = 7 * DAY_MS;

/** What a store knows of time. Epoch milliseconds, null where it knows nothing. */
interface KnownTimes {
  /** Newest time of a reading that brought its own. */
  readonly own: number | null;
  /** Newest time of any reading kept. */
  readonly newest: number | null;
}

/**
 * The time by which readings are deleted. What is deleted is gone for good, so a wall clock that leaps ahead, while the
 * service runs or while it does not, counts only once devices say the same, or after a week; and never a time is later
 * than the newest reading kept. A clock that is set back is followed at once: nothing is deleted by that.
 */
export class RetentionTime {
  private believed: { readonly wall: number; readonly at: number } | null = null;
  private leaptAt: number | null = null;

  /**
   * @param kept the time that was last believed in an earlier life; null when there was none
   * @param passed milliseconds that pass whatever the wall clock does
   */
  constructor(
    private readonly kept: number | null,
    private readonly passed: () => number,
  ) {}

  /** `wall`: what the clock says now, epoch milliseconds. */
  read(wall: number, { own, newest }: KnownTimes): number {
    const at = this.passed();
    this.believed ??= { wall: Math.min(wall, this.kept ?? newest ?? wall), at };
    const expected = this.believed.wall + (at - this.believed.at);
    let now = wall;
    if (wall - expected > JUMP_MS) {
      this.leaptAt ??= at;
      const lasted = at - this.leaptAt;
      const confirmed = own !== null && own >= wall - JUMP_MS;
      if (lasted < (confirmed ? CONFIRMED_MS : UNCONFIRMED_MS)) now = expected;
    }
    if (now === wall) {
      this.leaptAt = null;
      this.believed = { wall, at };
    }
    return Math.min(now, newest ?? now);
  }

  /** What is to be kept for the next life. */
  get last(): number | null {
    return this.believed?.wall ?? null;
  }
}
