import type { Ledgers } from '../ledger/ledgers.js';
import type { Meter, MeterTree } from '../model/boundary/tree.js';
import type { AsOf } from '../model/statistics/ledger.js';
import type { MeterBook, MeterCorrections } from '../port.js';
import { OfMeters } from './corrections.js';
import { Trees } from './trees.js';

/** The meter trees and corrections of the ledgers. */
export class LedgerMeterBook implements MeterBook {
  readonly trees: Trees;
  readonly swaps;
  readonly voids;
  readonly gapRules;

  constructor(ledgers: Pick<Ledgers, 'meters' | 'swaps' | 'voids' | 'gapRules'>) {
    this.trees = new Trees(ledgers.meters);
    this.swaps = new OfMeters(ledgers.swaps);
    this.voids = new OfMeters(ledgers.voids);
    this.gapRules = new OfMeters(ledgers.gapRules);
  }

  tree(park: string, asOf: AsOf = 'latest'): MeterTree {
    return this.trees.of(park, asOf);
  }

  corrections(meter: Meter, asOf: AsOf = 'latest'): MeterCorrections {
    const values = <T>(of: OfMeters<T>): readonly T[] => of.of(meter, asOf).map(({ value }) => value);
    return { swaps: values(this.swaps), voids: values(this.voids), gapRules: values(this.gapRules) };
  }
}
