import type { Principal } from '../../model/access.js';
import type { FieldError } from '../../model/field-error.js';
import type { Bill } from '../model/bills/bill.js';
import type { BillUse } from '../model/bills/spread.js';
import type { AsOf, Believed } from '../model/statistics/ledger.js';

/** Where bills come from and why; who tells it is the principal. */
export interface BillsTold {
  readonly source: string;
  readonly reason?: string;
  /** The version that the client read: what this changes must not have changed since. */
  readonly basedOn?: number;
}

/** What an upload of bills changes; entries that say the same as before are only counted. */
export interface BillChanges {
  readonly changes: readonly { readonly before: Believed<Bill> | null; readonly after: Bill }[];
  readonly unchanged: number;
  /** Before a preview, after a `put`; 0: nothing was ever recorded. */
  readonly version: number;
}

/**
 * The bills of utilities for times before metering. The principal's scope holds for whatever is written. All that writes
 * rejects with IntensityRefusedError when refused, and StorageUnavailableError. Uploads are worked on in slices of the
 * event loop.
 */
export interface Bills {
  /** All faults, by path such as `bills.3.through`; empty when `put` accepts it. */
  check(bills: readonly Bill[], who: Principal): Promise<readonly FieldError[]>;
  /** What `put` would change of what the principal may write, whether or not it is right. */
  preview(bills: readonly Bill[], who: Principal): Promise<BillChanges>;
  /**
   * Records what differs from what is believed, all of it with the audit or nothing; durable when it resolves. What is
   * told meanwhile waits for its turn.
   */
  put(bills: readonly Bill[], who: Principal, told: BillsTold): Promise<BillChanges>;
  /** Withdraws what is believed: a new revision, so that what was believed before stays known. */
  withdraw(
    bill: Pick<Bill, 'owner' | 'carrier' | 'account' | 'from'>,
    who: Principal,
    told: BillsTold,
  ): Promise<Believed<Bill>>;
  /** By owner, carrier, account and first day. */
  list(asOf?: AsOf): { readonly version: number; readonly items: readonly Believed<Bill>[] };
  /** How the days of a bill count beside the meters. */
  use(bill: Bill): BillUse;
}
