import type { State } from '../../state/port.js';
import type { MeterEdit } from '../meters/kept.js';
import type { Bill } from '../model/bills/bill.js';
import type { LossLimits } from '../model/boundary/losses.js';
import type { Co2Factor } from '../model/conversion/co2.js';
import type { Coefficient } from '../model/conversion/coefficient.js';
import type { GreenPower, MeasuredHeat } from '../model/conversion/convert.js';
import type { MeterSwap, Void } from '../model/quantity/corrections.js';
import type { GapRule } from '../model/quantity/gaps.js';
import type { CountedSet } from '../model/statistics/counted-set.js';
import type { StatEntry } from '../model/statistics/entry.js';
import type { AsOf } from '../model/statistics/ledger.js';
import { DEFAULT_POLICY, type Policy } from '../model/tracking/policy.js';
import type { Publication } from '../model/tracking/publication.js';
import { type LedgerLog, LedgerStore } from './ledger-store.js';

/** All ledgers of the room. */
export interface Ledgers {
  readonly statistics: LedgerStore<StatEntry>;
  readonly countedSets: LedgerStore<CountedSet>;
  readonly coefficients: LedgerStore<Coefficient>;
  readonly measuredHeat: LedgerStore<MeasuredHeat>;
  readonly greenPower: LedgerStore<GreenPower>;
  readonly co2Factors: LedgerStore<Co2Factor>;
  readonly policy: LedgerStore<Policy>;
  readonly meters: LedgerStore<MeterEdit>;
  readonly swaps: LedgerStore<MeterSwap>;
  readonly voids: LedgerStore<Void>;
  readonly gapRules: LedgerStore<GapRule>;
  readonly bills: LedgerStore<Bill>;
  /** By park. */
  readonly lossLimits: LedgerStore<LossLimits>;
  readonly publications: LedgerStore<Publication>;
}

const NO_LOG: LedgerLog = { error: () => undefined };

export function openLedgers(state: State, clock: () => number, log = NO_LOG): Ledgers {
  return {
    statistics: new LedgerStore(state, 'statistics', clock, log),
    countedSets: new LedgerStore(state, 'counted_sets', clock, log),
    coefficients: new LedgerStore(state, 'coefficients', clock, log),
    measuredHeat: new LedgerStore(state, 'measured_heat', clock, log),
    greenPower: new LedgerStore(state, 'green_power', clock, log),
    co2Factors: new LedgerStore(state, 'co2_factors', clock, log),
    policy: new LedgerStore(state, 'policy', clock, log),
    meters: new LedgerStore(state, 'meters', clock, log),
    swaps: new LedgerStore(state, 'meter_swaps', clock, log),
    voids: new LedgerStore(state, 'voids', clock, log),
    gapRules: new LedgerStore(state, 'gap_rules', clock, log),
    bills: new LedgerStore(state, 'bills', clock, log),
    lossLimits: new LedgerStore(state, 'loss_limits', clock, log),
    publications: new LedgerStore(state, 'publications', clock, log),
  };
}

/** The policy as it is believed now, or was at a moment. */
export const policyOf = ({ policy }: Pick<Ledgers, 'policy'>, asOf?: AsOf): Policy =>
  [...policy.believed(asOf).at.values()].at(-1)?.value ?? DEFAULT_POLICY;
