import { DAY_MS, HOUR_MS } from '../../../model/time/duration.js';
import type { StoreTimes } from '../../port/store.js';

/** A leap of the clock up to this size counts at once: it is only a correction. */
const JUMP_MS = DAY_MS;
/** A larger leap counts after this time; for retention only if devices with clocks of their own confirm it. */
const BELIEVED_AFTER_MS = HOUR_MS;
const UNCONFIRMED_MS = 7 * DAY_MS;

/** Epoch milliseconds, and whether housekeeping may delete readings by it. */
export interface BelievedTime {
  readonly now: number;
  readonly steady: boolean;
}

/** A wall clock that holds back leaps forward. Epoch milliseconds. */
class HeldClock {
  private believed: { readonly wall: number; readonly at: number } | null = null;
  private leaptAt: number | null = null;

  /** @param passed monotonic milliseconds, independent of the wall clock */
  constructor(private readonly passed: () => number) {}

  /** The time last believed; null before the first `read`. */
  get last(): number | null {
    return this.believed?.wall ?? null;
  }

  /** @param first the time before the first read @param patienceMs how long a leap must last to be believed */
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
 * The wall clock without leaps forward: deletion is final, and a clock that is wrong for a moment must not cost a year
 * of readings. A leap counts after an hour, and so does the first time.
 */
export class SteadyTime {
  private readonly clock: HeldClock;
  private since: number | null = null;

  /** @param passed monotonic milliseconds, independent of the wall clock */
  constructor(private readonly passed: () => number) {
    this.clock = new HeldClock(passed);
  }

  /** @param wall wall clock, epoch milliseconds */
  read(wall: number): BelievedTime {
    const at = this.passed();
    this.since ??= at;
    const now = this.clock.read(wall, wall, BELIEVED_AFTER_MS);
    return { now, steady: now === wall && at - this.since >= BELIEVED_AFTER_MS };
  }
}

/**
 * The time by which retention deletes readings. Deletion is final: a wall clock that leaps ahead, while the service
 * runs or is stopped, counts only once devices confirm it, or after a week. The time is never later than the newest
 * stored reading. A clock set back counts at once, because that deletes nothing.
 */
export class RetentionTime {
  private readonly clock: HeldClock;

  /**
   * @param kept the time last believed in an earlier run; null if there was none
   * @param passed monotonic milliseconds, independent of the wall clock
   */
  constructor(
    private readonly kept: number | null,
    passed: () => number,
  ) {
    this.clock = new HeldClock(passed);
  }

  /** @param wall wall clock, epoch milliseconds */
  read(wall: number, { own, newest }: Pick<StoreTimes, 'own' | 'newest'>): number {
    const confirmed = own !== null && own >= wall - JUMP_MS;
    const first = Math.min(wall, this.kept ?? newest ?? wall);
    const now = this.clock.read(wall, first, confirmed ? BELIEVED_AFTER_MS : UNCONFIRMED_MS);
    return Math.min(now, newest ?? now);
  }

  /** The time to store for the next run. */
  get last(): number | null {
    return this.clock.last;
  }
}
