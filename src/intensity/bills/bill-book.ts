import { maySeePark, type Principal } from '../../model/access.js';
import { canonicalJson } from '../../model/canonical-json.js';
import { DAY_MS } from '../../model/time/duration.js';
import type { TimeZone } from '../../model/time/zone.js';
import type { Audit } from '../../registry/audit/port.js';
import type { Registry } from '../../registry/port.js';
import type { LedgerStore } from '../ledger/ledger-store.js';
import { meterScopeOf, parkOfMember } from '../model/assess/scope.js';
import { type Bill, billKey, checkBills } from '../model/bills/bill.js';
import { useOf } from '../model/bills/spread.js';
import type { Carrier } from '../model/boundary/carriers.js';
import { countedAt } from '../model/boundary/scope.js';
import type { AsOf, Beliefs } from '../model/statistics/ledger.js';
import { IntensityRefusedError, type MeterBook } from '../port.js';
import { originOf, refusedFields, tellOf } from '../statistics/told.js';
import type { BillChanges, Bills } from './port.js';

interface BillDeps {
  readonly ledger: LedgerStore<Bill>;
  readonly registry: Pick<Registry, 'park'>;
  readonly audit: Pick<Audit, 'record'>;
  readonly meters: Pick<MeterBook, 'tree'>;
  /** The version of the meter trees; what was derived from them is kept until it changes. */
  readonly treeVersion: () => number;
  /** Whether the subject exists. */
  readonly isKnown: (subject: string) => boolean;
  readonly zone: TimeZone;
  readonly clock: () => number;
}

/** Owners and carriers whose first metered day is kept. */
const MAX_KEPT = 10_000;

/** The bills over their ledger. */
export function openBills({ ledger, registry, audit, meters, treeVersion, isKnown, zone, clock }: BillDeps): Bills {
  /** Sorted once for each version that the ledger keeps. */
  const listed = new WeakMap<Beliefs<Bill>, ReturnType<Bills['list']>>();
  const kept = { version: -1, starts: new Map<string, number>() };
  const isOwn = (owner: string, who: Principal): boolean => {
    const park = registry.park(parkOfMember(owner));
    return park !== undefined && maySeePark(who, park) && isKnown(owner);
  };
  const owners = (bills: readonly Bill[], who: Principal) =>
    new Set([...new Set(bills.map(({ owner }) => owner))].filter((owner) => isOwn(owner, who)));
  const known = () => Array.from(ledger.believed().at.values(), ({ value }) => value);
  const requireNotSince = (basedOn: number | undefined, keys: ReadonlySet<string>) => {
    const since = basedOn === undefined ? [] : ledger.ledger.slice(basedOn);
    const moved = since.find(({ items }) => [...items.keys()].some((key) => keys.has(key)));
    if (moved === undefined) return;
    const message = `somebody recorded a bill anew in version ${moved.version}, after version ${basedOn}: read it again`;
    throw new IntensityRefusedError('conflict', 'statistics_changed', message);
  };

  const bills: Bills = {
    check(all, who) {
      const today = new Date(zone.toLocal(clock())).toISOString().slice(0, 10);
      return checkBills(all, { today, owners: owners(all, who), known: known() });
    },
    preview(all, who): BillChanges {
      const own = owners(all, who);
      const { at } = ledger.believed();
      const writable = all.filter(({ owner }) => own.has(owner));
      const changes = writable.flatMap((after) => {
        const before = at.get(billKey(after)) ?? null;
        return before !== null && canonicalJson(before.value) === canonicalJson(after) ? [] : [{ before, after }];
      });
      return { changes, unchanged: writable.length - changes.length, version: ledger.version };
    },
    put(all, who, told) {
      const wrong = bills.check(all, who);
      if (wrong.length > 0) throw refusedFields(wrong);
      const made = bills.preview(all, who);
      const items = made.changes.map(({ after }) => [billKey(after), after] as const);
      requireNotSince(told.basedOn, new Set(items.map(([key]) => key)));
      if (items.length === 0) return made;
      ledger.append(items, originOf(who, told), () =>
        audit.record({
          ...{ who: who.id, action: 'bills.put', target: told.source, outcome: 'done' },
          detail: { ...tellOf(told), bills: items.length, first: items.slice(0, 4).map(([key]) => key) },
        }),
      );
      return { ...made, version: ledger.version };
    },
    withdraw(of, who, told) {
      const key = billKey(of);
      const before = isOwn(of.owner, who) ? ledger.believed().at.get(key) : undefined;
      if (before === undefined) {
        throw new IntensityRefusedError('missing', 'unknown_entry', `nothing is recorded of ${key}`);
      }
      requireNotSince(told.basedOn, new Set([key]));
      ledger.append([[key, null]], originOf(who, told), () =>
        audit.record({
          ...{ who: who.id, action: 'bills.withdraw', target: key, outcome: 'done' },
          detail: { ...tellOf(told), version: before.version, was: before.value },
        }),
      );
      return before;
    },
    list(asOf: AsOf = 'latest') {
      const beliefs = ledger.believed(asOf);
      const known = listed.get(beliefs);
      if (known !== undefined) return known;
      const items = [...beliefs.at.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
      const list = { version: beliefs.version, items };
      listed.set(beliefs, list);
      return list;
    },
    use: (bill) => useOf(bill, meteredFrom(bill)),
  };

  /** The day from which on a meter counts for the owner, from 1970-01-01; Infinity where none does. */
  function meteredFrom(bill: Bill): number {
    const version = treeVersion();
    if (kept.version !== version || kept.starts.size >= MAX_KEPT) {
      kept.version = version;
      kept.starts.clear();
    }
    const key = `${bill.owner} ${bill.carrier}`;
    const start = kept.starts.get(key) ?? firstMetered(bill);
    kept.starts.set(key, start);
    return start;
  }

  function firstMetered({ owner, carrier }: Bill): number {
    const scope = meterScopeOf(owner);
    const tree = meters.tree(scope.park).filter((one) => one.carrier === carrier);
    const starts = [...new Set(tree.map(({ from }) => from))].sort((a, b) => a - b);
    const first = starts.find((from) => countedAt(tree, scope, carrier satisfies Carrier, from).length > 0);
    return first === undefined ? Number.POSITIVE_INFINITY : Math.floor(zone.toLocal(first) / DAY_MS);
  }

  return bills;
}
