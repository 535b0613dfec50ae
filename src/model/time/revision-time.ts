import { DAY_MS } from './duration.js';

/** A revision that is further ahead of the clock than this was recorded while the clock was wrong. */
const MOST_AHEAD_MS = DAY_MS;

/**
 * When a revision of a ledger counts as recorded, epoch ms: `now` or, where the clock did not move on, 1 ms after the
 * revision before, so that an instant always names one version and an answer of `asOf` stays what it was. After a clock
 * that leapt by more than a day and came back, it is `now` again: else all that is told until then would be of the future.
 * @param last the time of the revision before; -Infinity without one
 */
export const revisionTime = (last: number, now: number): number =>
  last < now || last > now + MOST_AHEAD_MS ? now : last + 1;
