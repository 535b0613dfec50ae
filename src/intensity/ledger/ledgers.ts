import type { State } from '../../state/port.js';
import type { MeterEdit } from '../meters/kept.js';
import { digestOf, type PublicationDigest, type PublishedAssessment } from '../model/assess/publish.js';
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
import { type LedgerLog, type LedgerName, LedgerStore } from './ledger-store.js';

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
  /** Each has tens of kilobytes: in memory is what the next is compared with. */
  readonly publications: LedgerStore<PublishedAssessment, PublicationDigest>;
}

const NO_LOG: LedgerLog = { error: () => undefined };

export function openLedgers(state: State, clock: () => number, log = NO_LOG): Ledgers {
  const open = <T>(name: LedgerName) => new LedgerStore<T>(state, name, clock, log, (value) => value);
  return {
    statistics: open('statistics'),
    countedSets: open('counted_sets'),
    coefficients: open('coefficients'),
    measuredHeat: open('measured_heat'),
    greenPower: open('green_power'),
    co2Factors: open('co2_factors'),
    policy: open('policy'),
    meters: open('meters'),
    swaps: open('meter_swaps'),
    voids: open('voids'),
    gapRules: open('gap_rules'),
    bills: open('bills'),
    lossLimits: open('loss_limits'),
    publications: new LedgerStore<PublishedAssessment, PublicationDigest>(state, 'publications', clock, log, digestOf),
  };
}

/** The policy as it is believed now, or was at a moment. */
export const policyOf = ({ policy }: Pick<Ledgers, 'policy'>, asOf?: AsOf): Policy =>
  [...policy.believed(asOf).at.values()].at(-1)?.value ?? DEFAULT_POLICY;
