import type { LedgerStore } from '../ledger/ledger-store.js';
import { type Meter, meterKey } from '../model/boundary/tree.js';
import type { AsOf, Beliefs, Believed } from '../model/statistics/ledger.js';
import { meterOfKey } from './kept.js';

type ByMeter<T> = ReadonlyMap<string, readonly Believed<T>[]>;

/** What is believed of each meter, of a ledger whose keys are of `meterFactKey`. */
export class OfMeters<T> {
  /** The store returns the same object while nothing changes. */
  private readonly known = new WeakMap<Beliefs<T>, ByMeter<T>>();

  constructor(readonly store: LedgerStore<T>) {}

  /** In the order in which it was first recorded. */
  of(meter: Meter, asOf: AsOf): readonly Believed<T>[] {
    return this.byMeter(asOf).get(meterKey(meter)) ?? [];
  }

  byMeter(asOf: AsOf): ByMeter<T> {
    const beliefs = this.store.believed(asOf);
    const byMeter = this.known.get(beliefs) ?? grouped(beliefs);
    this.known.set(beliefs, byMeter);
    return byMeter;
  }
}

function grouped<T>({ at }: Beliefs<T>): ByMeter<T> {
  const byMeter = new Map<string, Believed<T>[]>();
  for (const one of at.values()) {
    const meter = meterOfKey(one.key);
    const others = byMeter.get(meter);
    if (others === undefined) byMeter.set(meter, [one]);
    else others.push(one);
  }
  return byMeter;
}
