/**
 * What a reading of a counter was taken for.
 * `first`: nothing before it. `rise`: an ordinary step, zero included. `jitter`: a fall too small to mean anything.
 * `rollover`: the register passed its modulus. `glitch`: not believable yet, counted as nothing; later readings decide.
 * `recovered`: back on a line that was left. `reset`: the counter had restarted from zero. `swap`: it had gone on from
 * another value, such as that of an exchanged meter. `stale`: not later than the reading before it, ignored.
 *
 * A reading that is no ordinary step begins a line in doubt, which counts nothing. The readings after it
 * decide, however long they take:
 * - one goes on from the line before: it was a glitch, and neither the way there nor the way back counts;
 * - one rises from it after a fall (two, where the rise is more than usual or other lines are in doubt): a `rollover` or
 *   `reset` counts in full, where the register could have got there at a usual rate, else it was a `swap`, whose first
 *   value counts nothing. Equal readings confirm nothing, so a spell stuck at zero still ends in a recovery;
 * - four stay after a rise: all of it counts if it goes on about as fast, or if 64 times the usual rate in its interval,
 *   or the usual one since the value last changed, reaches there; else it was a `swap`. With a bound of the device's own
 *   one rise decides.
 * - A first reading that nothing followed proves nothing: no roll-over or reset begins with it, one rise from the next
 *   decides, and the way there does not count unless the line goes on as fast.
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
  /** What was consumed in the interval this reading ends; never negative. */
  readonly increment: number;
  readonly verdict: CounterVerdict;
}

export const step = (verdict: CounterVerdict, increment = 0): CounterStep => ({ verdict, increment });
