import type { LedgerStore } from '../ledger/ledger-store.js';
import { type Meter, meterKey } from '../model/boundary/tree.js';
import {
  type AsOf,
  type Beliefs,
  type Believed,
  believed,
  type Ledger,
  versionAt,
} from '../model/statistics/ledger.js';
import { meterOfKey } from './kept.js';

type ByMeter<T> = ReadonlyMap<string, readonly Believed<T>[]>;

/** What is believed of each meter, of a ledger whose keys are of `keyOf`. */
export class OfMeters<T> {
  private latest: { readonly of: Ledger<T>; readonly byMeter: ByMeter<T> } | null = null;
  private past: { readonly version: number; readonly byMeter: ByMeter<T> } | null = null;

  constructor(readonly store: LedgerStore<T>) {}

  /** In the order in which it was first recorded. */
  of(meter: Meter, asOf: AsOf): readonly Believed<T>[] {
    return this.byMeter(asOf).get(meterKey(meter)) ?? [];
  }

  /** By meter. */
  byMeter(asOf: AsOf): ByMeter<T> {
    const { ledger } = this.store;
    if (asOf === 'latest') {
      if (this.latest?.of !== ledger) this.latest = { of: ledger, byMeter: grouped(believed(ledger, asOf)) };
      return this.latest.byMeter;
    }
    // Meters of one answer are asked for one after the other, as of the same moment.
    const version = versionAt(ledger, asOf);
    if (this.past?.version !== version) this.past = { version, byMeter: grouped(believed(ledger, { version })) };
    return this.past.byMeter;
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
