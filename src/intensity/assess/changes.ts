import { canonicalJson } from '../../model/canonical-json.js';
import { parkOf } from '../../model/ids.js';
import type { TimeZone } from '../../model/time/zone.js';
import type { LedgerStore } from '../ledger/ledger-store.js';
import type { Ledgers } from '../ledger/ledgers.js';
import { monthAt } from '../local-months.js';
import { isAddedValue } from '../model/statistics/entry.js';
import { type Changed, changedSince } from '../model/statistics/ledger.js';
import { type Month, parseMonth } from '../model/statistics/period.js';
import type { LaterChange } from '../model/tracking/dependency.js';

/** The version of each ledger at the last look. */
export type Seen = Readonly<Record<(typeof WATCHED)[number], number>>;

const WATCHED = [
  ...(['statistics', 'countedSets', 'coefficients', 'measuredHeat', 'policy'] as const),
  ...(['meters', 'swaps', 'voids', 'gapRules', 'bills'] as const),
] as const;

export const seenNow = (ledgers: Ledgers): Seen =>
  Object.fromEntries(WATCHED.map((name) => [name, ledgers[name].version])) as unknown as Seen;

/** Quantities of all members of a park over some months may differ. */
export interface ParkChange {
  readonly park: string;
  readonly first: Month;
  readonly last: Month;
}

export interface LaterChanges {
  /** Whether the policy changed, so that everything has to be computed again. */
  readonly all: boolean;
  readonly changes: readonly LaterChange[];
  readonly parks: readonly ParkChange[];
}

/** What people recorded since. */
export function changesSince(ledgers: Ledgers, seen: Seen, zone: TimeZone): LaterChanges {
  const changes: LaterChange[] = [];
  for (const { before, after } of changed(ledgers.statistics, seen.statistics)) {
    const told = (after ?? before)!;
    const { subject, period } = told;
    if (!isAddedValue(told)) continue;
    changes.push({ kind: 'statistics', subject, period });
  }
  for (const { before, after } of changed(ledgers.countedSets, seen.countedSets)) {
    const { scope, year } = (after ?? before)!;
    changes.push({ kind: 'set', scope, year });
  }
  const valid = [
    ...changed(ledgers.coefficients, seen.coefficients),
    ...changed(ledgers.measuredHeat, seen.measuredHeat),
  ];
  for (const { before, after } of valid) {
    for (const one of [before, after]) {
      if (one !== null) changes.push({ kind: 'coefficient', carrier: one.carrier, from: one.from, to: one.to });
    }
  }
  for (const { before, after } of changed(ledgers.bills, seen.bills)) {
    for (const bill of [before, after]) {
      if (bill === null) continue;
      const [first, last] = [bill.from, bill.through].map((day) => parseMonth(day.slice(0, 7)) ?? 0) as [Month, Month];
      changes.push({ kind: 'quantity', member: bill.owner, first, last });
    }
  }
  const parks = (['meters', 'swaps', 'voids', 'gapRules'] as const).flatMap((name) =>
    changed<unknown>(ledgers[name] as LedgerStore<unknown>, seen[name]).map(({ key, before, after }) =>
      spanOf(key, [before, after], zone),
    ),
  );
  return { all: changed(ledgers.policy, seen.policy).length > 0, changes, parks };
}

const changed = <T>(store: LedgerStore<T>, version: number): Changed<T>[] =>
  changedSince(store.ledger, version, store.believed(), (a, b) => canonicalJson(a) === canonicalJson(b));

/** Where a correction begins and ends; keys begin with the device, `park/device`. */
function spanOf(key: string, values: readonly unknown[], zone: TimeZone): ParkChange {
  const told = values.filter(
    (one): one is Readonly<Record<string, unknown>> => typeof one === 'object' && one !== null,
  );
  const times = (names: readonly string[]) =>
    told
      .flatMap((one) => names.map((name) => one[name]))
      .filter((one) => typeof one === 'number' && Number.isFinite(one));
  const from = times(['from', 'ts']) as number[];
  const to = told.some((one) => one.to === null || one.to === undefined) ? [] : (times(['to']) as number[]);
  return {
    park: told.map(({ park }) => park).find((park) => typeof park === 'string') ?? parkOf(key as `${string}/${string}`),
    // A correction also changes the increment before it, so the span begins one month earlier.
    first: from.length > 0 ? monthAt(zone, Math.min(...from)) - 1 : Number.NEGATIVE_INFINITY,
    last: to.length > 0 ? monthAt(zone, Math.max(...to)) + 1 : Number.POSITIVE_INFINITY,
  };
}
