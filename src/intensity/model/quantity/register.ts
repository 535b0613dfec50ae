import { CounterIncrements } from '../../../model/counter/counter.js';
import type { CounterBounds } from '../../../model/counter/rise-bound.js';
import type { CounterState } from '../../../model/counter/state.js';
import { lineAlone } from '../../../model/counter/state.js';
import type { CounterVerdict } from '../../../model/counter/step.js';
import { HOUR_MS } from '../../../model/time/duration.js';
import type { Period } from '../../../model/time/windows.js';
import type { MeterSwap } from './corrections.js';
import { fromThousandths, type Thousandths, toThousandths } from './grid.js';

/** What a register says of the time between two readings that count; null where it says nothing, as at an exchange. */
export interface Segment extends Period {
  readonly amount: Thousandths | null;
}

/** Where a register's readings stand: enough for another fold to go on as if it had seen them all. */
export interface RegisterCarry {
  readonly counter: CounterState | null;
  /** The newest reading that counts, epoch ms: up to here everything is in segments. */
  readonly readAt: number | null;
}

/**
 * What somebody who reads the figures should know of. `closing_below`: the recorded closing reading is below what had
 * been counted already, so the last interval of the old meter counts nothing.
 */
export interface Finding {
  readonly ts: number;
  readonly kind: 'rollover' | 'reset' | 'swap' | 'recorded_swap' | 'closing_below';
}

const NO_VALUES: readonly { readonly ts: number; readonly value: number }[] = [];
const STAYS: ReadonlySet<CounterVerdict> = new Set(['glitch', 'stale']);

/**
 * Cuts time into what a cumulative register says of it, by the verdicts of `CounterIncrements`. Readings are put on the
 * grid before they are judged, so every increment is a whole number of thousandths.
 *
 * A segment goes from the last reading that counts to the next: one that is no longer believed, or not yet, ends none.
 * Where a line in doubt turns out to be the register's, its first reading divides the segment. Between the last reading
 * of an old meter and the first of a new one nobody recorded, nothing is known.
 */
export class RegisterFold {
  private counter: CounterIncrements;
  private at: number | null;
  /** Where the lines in doubt began, in register units. */
  private doubts = NO_VALUES;

  constructor(
    private readonly bounds: CounterBounds,
    carry: RegisterCarry,
    private readonly emit: (segment: Segment) => void,
    private readonly found: (finding: Finding) => void = () => {},
  ) {
    this.counter = new CounterIncrements(bounds, carry.counter);
    this.at = carry.readAt;
    this.doubts = doubtsOf(carry.counter);
  }

  get carry(): RegisterCarry {
    return { counter: this.counter.state, readAt: this.at };
  }

  /** The newest reading that counts, epoch ms; null before the first. */
  get readAt(): number | null {
    return this.at;
  }

  /** Takes a good reading. @param ts epoch ms, rising from call to call */
  push(ts: number, reading: number): void {
    const value = fromThousandths(toThousandths(reading));
    const { verdict, increment } = this.counter.push(ts, value);
    if (STAYS.has(verdict)) {
      if (verdict === 'glitch') this.doubts = doubtsOf(this.counter.state);
      return;
    }
    const amount = toThousandths(increment);
    const decided = verdict !== 'recovered' && verdict !== 'jitter' ? this.followed(value) : undefined;
    this.doubts = NO_VALUES;
    if (verdict === 'rollover' || verdict === 'reset' || verdict === 'swap') this.found({ ts, kind: verdict });
    if (decided === undefined) this.moveTo(ts, amount);
    else {
      const isSwap = verdict === 'swap';
      const onward = isSwap ? amount : Math.min(amount, Math.max(0, toThousandths(value - decided.value)));
      this.moveTo(decided.ts, isSwap ? null : amount - onward);
      this.moveTo(ts, onward);
    }
  }

  /** Takes a recorded exchange, which wins over what readings say. @param swap later than every reading so far */
  swap({ ts, closing, opening }: MeterSwap): void {
    const state = this.counter.state;
    const { last, detail } = state;
    if (last !== null) this.moveTo(ts, this.closed(ts, toThousandths(closing), detail?.mark ?? last.value));
    this.found({ ts, kind: 'recorded_swap' });
    const usual = detail?.usual;
    this.counter = new CounterIncrements(this.bounds, {
      ...lineAlone({ ...state, last: { ts, value: fromThousandths(toThousandths(opening)) }, latestTs: ts }),
      ...(usual !== undefined && { detail: { usual } }),
    });
    this.at = ts;
    this.doubts = NO_VALUES;
  }

  /** What the old meter counted since its last reading: across its modulus only where it could get so far. */
  private closed(ts: number, closing: Thousandths, mark: number): Thousandths {
    const gain = closing - toThousandths(mark);
    if (gain >= 0) return gain;
    const { rollover, maxRatePerHour = Number.POSITIVE_INFINITY } = this.bounds;
    const across = rollover === undefined ? Number.POSITIVE_INFINITY : gain + toThousandths(rollover);
    const hours = (ts - (this.at ?? ts)) / HOUR_MS;
    if (across <= toThousandths(maxRatePerHour) * hours) return across;
    this.found({ ts, kind: 'closing_below' });
    return 0;
  }

  /** Where the line began that `value` goes on from: of those in doubt, the nearest below. */
  private followed(value: number) {
    let nearest: (typeof NO_VALUES)[number] | undefined;
    for (const one of this.doubts) {
      if (one.value <= value && (nearest === undefined || one.value > nearest.value)) nearest = one;
    }
    return nearest;
  }

  private moveTo(ts: number, amount: Thousandths | null): void {
    if (this.at !== null && ts > this.at) this.emit({ from: this.at, to: ts, amount });
    this.at = ts;
  }
}

function doubtsOf(state: CounterState | null): typeof NO_VALUES {
  const newest = state?.doubtful;
  if (!newest) return NO_VALUES;
  return [newest, ...(state.detail?.doubts ?? [])].map(({ ts, value, first }) => first ?? { ts, value });
}
