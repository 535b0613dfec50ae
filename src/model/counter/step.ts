/**
 * The verdict on a reading of a counter.
 * `first`: no reading before it. `rise`: an ordinary step, zero included. `jitter`: a fall too small to mean anything.
 * `rollover`: the register passed its modulus. `glitch`: doubtful, counts nothing; later readings decide. `recovered`:
 * back on a line that was left. `reset`: the counter restarted from zero. `swap`: it continued from another value, such
 * as that of an exchanged meter. `stale`: not later than the reading before it, ignored.
 *
 * A reading that is no ordinary step begins a line in doubt, which counts nothing. The readings after it decide,
 * however long they take:
 * - one continues the line before: the doubtful line was a glitch, and neither the way there nor the way back counts;
 * - one rises from it after a fall (two, where the rise is more than usual or other lines are in doubt): a `rollover`
 *   or `reset` counts in full, where a usual rate reaches it, else it was a `swap`, whose first value counts nothing.
 *   Equal readings confirm nothing, so that a spell stuck at zero still ends in a recovery;
 * - two stay after a rise of twice to eight times the usual rate, over more than half an hour: all of it counts;
 * - four stay after a greater rise: all of it counts if the line continues about as fast, or if 64 times the usual rate in its
 *   interval, or the usual rate since the value last changed, reaches it; else it was a `swap`. With the device's own
 *   bound one rise decides.
 * - a first reading without a successor proves nothing: no roll-over or reset begins with it, one rise from the next
 *   reading decides, and the way there counts only if the line continues as fast.
 */
export type CounterVerdict =
  | 'first'
  | 'rise'
  | 'jitter'
  | 'rollover'
  | 'glitch'
  | 'recovered'
  | 'reset'
  | 'swap'
  | 'stale';

export interface CounterStep {
  /** Consumption in the interval that this reading ends; never negative. */
  readonly increment: number;
  readonly verdict: CounterVerdict;
}

export const counterStep = (verdict: CounterVerdict, increment = 0): CounterStep => ({ verdict, increment });
