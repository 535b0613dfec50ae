import { DAY_MS, HOUR_MS } from '../../../model/time/duration.js';
import type { StoreTimes } from '../../port/store.js';

/** As much more than what has passed the clock may have gone on and be believed at once: it was set right, no more. */
const JUMP_MS = DAY_MS;
/** What the clock has said for so long is believed; by retention only where devices with clocks of their own confirm it. */
const BELIEVED_AFTER_MS = HOUR_MS;
const UNCONFIRMED_MS = 7 * DAY_MS;

/** Epoch milliseconds, and whether readings may be deleted by them. */
export interface BelievedTime {
  readonly now: number;
  readonly steady: boolean;
}

/** A wall clock that is held back where it leaps ahead. Epoch milliseconds. */
class HeldClock {
  private believed: { readonly wall: number; readonly at: number } | null = null;
  private leaptAt: number | null = null;

  /** @param passed milliseconds that pass whatever the wall clock does */
  constructor(private readonly passed: () => number) {}

  /** What it believed last; null before the first `read`. */
  get last(): number | null {
    return this.believed?.wall ?? null;
  }

  /** @param first what it begins with @param patienceMs how long a leap has to last to be believed */
  read(wall: number, first: number, patienceMs: number): number {
    const at = this.passed();
    this.believed ??= { wall: first, at };
    const expected = this.believed.wall + (at - this.believed.at);
    if (wall - expected > JUMP_MS) {
      this.leaptAt ??= at;
      if (at - this.leaptAt < patienceMs) return expected;
    }
    this.leaptAt = null;
    this.believed = { wall, at };
    return wall;
  }
}

/**
 * The wall clock, held back where it leaps ahead: what is deleted by it is gone for good, and a clock that is wrong for a
 * moment must not cost a year of readings. A leap is believed once it has lasted for an hour, and so is the first time.
 */
export class SteadyTime {
  private readonly clock: HeldClock;
  private since: number | null = null;

  /** @param passed milliseconds that pass whatever the wall clock does */
  constructor(private readonly passed: () => number) {
    this.clock = new HeldClock(passed);
  }

  /** @param wall what the clock says now, epoch milliseconds */
  read(wall: number): BelievedTime {
    const at = this.passed();
    this.since ??= at;
    const now = this.clock.read(wall, wall, BELIEVED_AFTER_MS);
    return { now, steady: now === wall && at - this.since >= BELIEVED_AFTER_MS };
  }
}

/**
 * The time by which readings are deleted. What is deleted is gone for good, so a wall clock that leaps ahead, while the
 * service runs or while it does not, counts only once devices say the same, or after a week; and never a time is later
 * than the newest reading kept. A clock that is set back is followed at once: nothing is deleted by that.
 */
export class RetentionTime {
  private readonly clock: HeldClock;

  /**
   * @param kept the time that was last believed in an earlier life; null when there was none
   * @param passed milliseconds that pass whatever the wall clock does
   */
  constructor(
    private readonly kept: number | null,
    passed: () => number,
  ) {
    this.clock = new HeldClock(passed);
  }

  /** @param wall what the clock says now, epoch milliseconds */
  read(wall: number, { own, newest }: Pick<StoreTimes, 'own' | 'newest'>): number {
    const confirmed = own !== null && own >= wall - JUMP_MS;
    const first = Math.min(wall, this.kept ?? newest ?? wall);
    const now = this.clock.read(wall, first, confirmed ? BELIEVED_AFTER_MS : UNCONFIRMED_MS);
    return Math.min(now, newest ?? now);
  }

  /** What is to be kept for the next life. */
  get last(): number | null {
    return this.clock.last;
  }
}
