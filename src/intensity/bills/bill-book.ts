import { maySeePark, type Principal } from '../../model/access.js';
import { canonicalJson } from '../../model/canonical-json.js';
import type { FieldError } from '../../model/field-error.js';
import { DAY_MS } from '../../model/time/duration.js';
import type { TimeZone } from '../../model/time/zone.js';
import type { Audit } from '../../registry/audit/port.js';
import type { Registry } from '../../registry/port.js';
import type { State } from '../../state/port.js';
import { inSlices } from '../breath.js';
import { appendInSlices, byKey, InTurn, requireNotSince } from '../ledger/in-slices.js';
import type { LedgerStore } from '../ledger/ledger-store.js';
import { meterScopeOf, parkOfMember } from '../model/assess/scope.js';
import { type Bill, billKey, checkingBills } from '../model/bills/bill.js';
import { useOf } from '../model/bills/spread.js';
import type { Carrier } from '../model/boundary/carriers.js';
import { countedAt } from '../model/boundary/scope.js';
import type { AsOf, Beliefs } from '../model/statistics/ledger.js';
import type { InSteps } from '../model/steps.js';
import { IntensityRefusedError, type MeterBook } from '../port.js';
import { originOf, refusedFields, tellOf } from '../statistics/told.js';
import type { BillChanges, Bills } from './port.js';

interface BillDeps {
  readonly state: State;
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
export function openBills({
  state,
  ledger,
  registry,
  audit,
  meters,
  treeVersion,
  isKnown,
  zone,
  clock,
}: BillDeps): Bills {
  /** Sorted once for each version that the ledger keeps. */
  const listed = new WeakMap<Beliefs<Bill>, ReturnType<Bills['list']>>();
  const kept = { version: -1, starts: new Map<string, number>() };
  const isOwn = (owner: string, who: Principal): boolean => {
    const park = registry.park(parkOfMember(owner));
    return park !== undefined && maySeePark(who, park) && isKnown(owner);
  };
  const owners = function* (bills: readonly Bill[], who: Principal): InSteps<ReadonlySet<string>> {
    const [asked, own] = [new Set<string>(), new Set<string>()];
    for (const { owner } of bills) {
      if (!asked.has(owner) && isOwn(owner, who)) own.add(owner);
      asked.add(owner);
      yield;
    }
    return own;
  };
  const known = function* (): Generator<Bill> {
    for (const { value } of ledger.believed().at.values()) yield value;
  };
  const checking = function* (all: readonly Bill[], who: Principal): InSteps<readonly FieldError[]> {
    const today = new Date(zone.toLocal(clock())).toISOString().slice(0, 10);
    return yield* checkingBills(all, { today, owners: yield* owners(all, who), known: known() });
  };
  const previewing = function* (all: readonly Bill[], who: Principal): InSteps<BillChanges> {
    const own = yield* owners(all, who);
    const { version, at } = ledger.believed();
    const changes: BillChanges['changes'][number][] = [];
    let unchanged = 0;
    for (const after of all) {
      yield;
      if (!own.has(after.owner)) continue;
      const before = at.get(billKey(after)) ?? null;
      if (before !== null && canonicalJson(before.value) === canonicalJson(after)) unchanged += 1;
      else changes.push({ before, after });
    }
    return { changes, unchanged, version };
  };
  const turns = new InTurn();

  const bills: Bills = {
    check: (all, who) => inSlices(checking(all, who)),
    preview: (all, who) => inSlices(previewing(all, who)),
    put: (all, who, told) =>
      turns.run(async () => {
        const wrong = await inSlices(checking(all, who));
        if (wrong.length > 0) throw refusedFields(wrong);
        const made = await inSlices(previewing(all, who));
        const after = made.changes.map((one) => one.after);
        const items = await inSlices(byKey(after, billKey));
        await inSlices(requireNotSince(ledger, told.basedOn, items));
        if (items.size === 0) return made;
        const first = [...items.keys()].slice(0, 4);
        await appendInSlices(state, [{ ledger, items }], originOf(who, told), () =>
          audit.record({
            ...{ who: who.id, action: 'bills.put', target: told.source, outcome: 'done' },
            detail: { ...tellOf(told), bills: items.size, first },
          }),
        );
        return { ...made, version: ledger.version };
      }),
    withdraw: (of, who, told) =>
      turns.run(async () => {
        const key = billKey(of);
        const before = isOwn(of.owner, who) ? ledger.believed().at.get(key) : undefined;
        if (before === undefined) {
          throw new IntensityRefusedError('missing', 'unknown_entry', `nothing is recorded of ${key}`);
        }
        await inSlices(requireNotSince(ledger, told.basedOn, new Set([key])));
        ledger.append([[key, null]], originOf(who, told), () =>
          audit.record({
            ...{ who: who.id, action: 'bills.withdraw', target: key, outcome: 'done' },
            detail: { ...tellOf(told), version: before.version, was: before.value },
          }),
        );
        return before;
      }),
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
