import { type DeviceKey, parkOf } from '../../model/ids.js';
import type { LedgerStore } from '../ledger/ledger-store.js';
import { type Ledgers, policyOf } from '../ledger/ledgers.js';
import { type Bill, billKey } from '../model/bills/bill.js';
import type { Coefficient } from '../model/conversion/coefficient.js';
import type { GreenPower, MeasuredHeat } from '../model/conversion/convert.js';
import { DEFAULT_COEFFICIENTS } from '../model/conversion/gb2589.js';
import { AddedValues } from '../model/statistics/added-value.js';
import { type CountedSet, setKey } from '../model/statistics/counted-set.js';
import { isAddedValue, type StatEntry, statEntryKey, subjectOfKey } from '../model/statistics/entry.js';
import { type AsOf, keysSince } from '../model/statistics/ledger.js';
import type { Policy } from '../model/tracking/policy.js';
import type { VerdictBasis } from '../model/tracking/publication.js';
import type { Supposed } from './port.js';

/** Everything that people recorded, as it is believed now. */
export interface Known {
  readonly policy: Policy;
  readonly values: AddedValues;
  /** Subjects whose added value was published. */
  readonly subjects: ReadonlySet<string>;
  readonly set: (scope: string, year: number) => CountedSet | undefined;
  /** The site's own come first: of several the first valid one counts. */
  readonly coefficients: readonly Coefficient[];
  readonly measured: readonly MeasuredHeat[];
  /** What utilities billed before there were meters, by owner. */
  readonly bills: ReadonlyMap<string, readonly Bill[]>;
  /** Certificates, by owner. */
  readonly greenPower: ReadonlyMap<string, readonly GreenPower[]>;
  readonly basis: VerdictBasis;
  /** Another value whenever any part of it changes. */
  readonly stamp: string;
  /** Another value whenever somebody records something of a park's meters. */
  readonly meterStampOf: (park: string) => number;
  /** Another value whenever the set of one of these scopes changes. */
  readonly setStampOf: (scopes: readonly string[]) => string;
}

/** What turns amounts of meters and bills into a member's quantities. */
type Converts = Pick<Known, 'coefficients' | 'measured' | 'bills' | 'greenPower'>;

/** The versions of all that an assessment rests on; readings come by no version, so that of their corrections is told. */
export function basisOf(ledgers: Ledgers): VerdictBasis {
  const { meters, swaps, voids, gapRules, measuredHeat, bills, greenPower } = ledgers;
  const of = { meters, swaps, voids, gap_rules: gapRules, measured_heat: measuredHeat, bills, green_power: greenPower };
  return {
    statistics: ledgers.statistics.version,
    sets: ledgers.countedSets.version,
    coefficients: ledgers.coefficients.version,
    policy: ledgers.policy.version,
    readings: Object.entries(of)
      .map(([name, ledger]) => `${name}:${ledger.version}`)
      .join(' '),
    forecast: 'docs/decisions/007-year-end-forecast.md',
  };
}

/** The ledgers whose changes are counted separately. */
const COUNTED = ['meters', 'swaps', 'voids', 'gapRules', 'countedSets'] as const;

const rise = (counts: Map<string, number>, key: string): void => void counts.set(key, (counts.get(key) ?? 0) + 1);

function byOwner<T extends { readonly owner: string }>(all: readonly T[]): Map<string, T[]> {
  const found = new Map<string, T[]>();
  for (const one of all) {
    const own = found.get(one.owner);
    if (own === undefined) found.set(one.owner, [one]);
    else own.push(one);
  }
  return found;
}

/** The subjects, with those of figures that might be recorded; the same object where there are no others. */
function withSubjects(known: ReadonlySet<string>, entries: readonly StatEntry[]): ReadonlySet<string> {
  const told = entries.filter(isAddedValue).map(({ subject }) => subject);
  return told.every((subject) => known.has(subject)) ? known : new Set([...known, ...told]);
}

/** The bills by owner, with those that might be recorded in the place of what they revise. */
function withBills(known: Known['bills'], supposed: readonly Bill[]): Known['bills'] {
  if (supposed.length === 0) return known;
  const bills = new Map(known);
  for (const [owner, told] of byOwner(supposed)) {
    const all = new Map([...(known.get(owner) ?? []), ...told].map((one) => [billKey(one), one]));
    bills.set(owner, [...all.values()]);
  }
  return bills;
}

/** The counted sets and the subjects of statistics as they were believed; of a version of the statistics, while it was the newest. */
export function setsAt({ statistics, countedSets }: Ledgers, asOf: AsOf): Pick<Known, 'set' | 'subjects'> {
  const { version, at } = statistics.believed(asOf);
  const next = statistics.ledger[version]?.recordedAt;
  const whileNewest: AsOf = next === undefined ? 'latest' : { time: next - 1 };
  const sets = countedSets.believed(asOf !== 'latest' && 'version' in asOf ? whileNewest : asOf).at;
  const subjects = new Set(
    Array.from(at.values(), ({ value }) => value)
      .filter(isAddedValue)
      .map((one) => one.subject),
  );
  return { subjects, set: (scope, year) => sets.get(setKey({ scope, year }))?.value };
}

/** Reads the ledgers once for each of their versions. */
export class KnownReader {
  #known: Known | null = null;
  #converts: { readonly version: string; readonly known: Converts } | null = null;
  readonly #meters = new Map<string, number>();
  readonly #sets = new Map<string, number>();
  readonly #seen = new Map<string, number>();

  constructor(private readonly ledgers: Ledgers) {}

  now(): Known {
    const basis = basisOf(this.ledgers);
    const stamp = JSON.stringify(basis);
    if (this.#known?.stamp === stamp) return this.#known;
    const { ledgers } = this;
    const policy = policyOf(ledgers);
    const statistics = ledgers.statistics.believed();
    const sets = ledgers.countedSets.believed().at;
    this.#count();
    const { touched, subjects } = this.#told();
    const before = this.#known && { values: this.#known.values, touched };
    this.#known = {
      ...{ policy, basis, stamp },
      meterStampOf: (park) => this.#meters.get(park) ?? 0,
      setStampOf: (scopes) => scopes.map((scope) => this.#sets.get(scope) ?? 0).join(' '),
      values: new AddedValues(statistics, policy.baseYear, before ?? undefined),
      ...{ subjects },
      set: (scope, year) => sets.get(setKey({ scope, year }))?.value,
      ...this.#conversion(),
    };
    return this.#known;
  }

  /** What would be believed if this were recorded now; nothing of it is kept. */
  supposing({ entries, sets, bills }: Supposed): Known {
    const known = this.now();
    const { version, at } = this.ledgers.statistics.believed();
    const origin = { version: version + 1, recordedAt: Number.NaN, by: '', source: '' };
    const told = new Map(
      entries.map((value) => [statEntryKey(value), { key: statEntryKey(value), value, ...origin }] as const),
    );
    const beliefs = {
      version: version + 1,
      at: { get: (key: string) => told.get(key) ?? at.get(key), has: (key: string) => told.has(key) || at.has(key) },
    };
    const supposed = new Map(sets.map((one) => [setKey(one), one]));
    // Where nothing is told of sets, books that rest on the recorded ones are the same.
    const setStampOf = supposed.size === 0 ? known.setStampOf : (scopes: readonly string[]) => `${scopes} supposed`;
    const touched = new Set(entries.map(({ subject }) => subject));
    return {
      ...known,
      ...{ setStampOf, stamp: `${known.stamp} supposed` },
      values: new AddedValues(beliefs, known.policy.baseYear, { values: known.values, touched }),
      subjects: withSubjects(known.subjects, entries),
      set: (scope, year) => supposed.get(setKey({ scope, year })) ?? known.set(scope, year),
      bills: withBills(known.bills, bills),
    };
  }

  /**
   * What was told since the last look of added value: the subjects whose figures are others, and all that have any. The
   * set stays the same object while no subject is added or gone.
   */
  #told(): { readonly touched: ReadonlySet<string>; readonly subjects: ReadonlySet<string> } {
    const { statistics } = this.ledgers;
    const [added, doubtful, touched] = [new Set<string>(), new Set<string>(), new Set<string>()];
    for (const { items } of statistics.ledger.slice(this.#seen.get('statistics') ?? 0)) {
      for (const [key, value] of items) {
        const subject = value?.subject ?? subjectOfKey(key);
        touched.add(subject);
        if (value === null) doubtful.add(subject);
        else if (isAddedValue(value)) added.add(subject);
      }
    }
    this.#seen.set('statistics', statistics.version);
    const before = this.#known?.subjects ?? new Set();
    const gone = this.#withoutFigures(doubtful);
    const isSame =
      ![...added].some((one) => !before.has(one) && !gone.has(one)) && ![...gone].some((one) => before.has(one));
    if (isSame) return { touched, subjects: before };
    return { touched, subjects: new Set([...before, ...added].filter((one) => !gone.has(one))) };
  }

  /** Those of the subjects that have no figure of added value any more; withdrawals are rare. */
  #withoutFigures(subjects: ReadonlySet<string>): ReadonlySet<string> {
    const left = new Set(subjects);
    if (left.size === 0) return left;
    for (const { value } of this.ledgers.statistics.believed().at.values()) {
      if (isAddedValue(value) && left.delete(value.subject) && left.size === 0) break;
    }
    return left;
  }

  /** Returns the same object while none of them changes, so that what they converted stays valid. */
  #conversion(): Converts {
    const { coefficients, measuredHeat, bills, greenPower } = this.ledgers;
    const version = [coefficients, measuredHeat, bills, greenPower].map((ledger) => ledger.version).join(' ');
    if (this.#converts?.version !== version) {
      const all = <T>(ledger: LedgerStore<T>): T[] => Array.from(ledger.believed().at.values(), ({ value }) => value);
      this.#converts = {
        version,
        known: {
          coefficients: [...all(coefficients), ...DEFAULT_COEFFICIENTS],
          measured: all(measuredHeat),
          bills: byOwner(all(bills)),
          greenPower: byOwner(all(greenPower)),
        },
      };
    }
    return this.#converts.known;
  }

  /** Counts what people recorded since the last look: of the meters of each park, of the sets of each scope. */
  #count(): void {
    for (const name of ['meters', 'swaps', 'voids', 'gapRules'] as const) {
      for (const key of this.#newKeys(name)) rise(this.#meters, parkOf(key as DeviceKey));
    }
    for (const key of this.#newKeys('countedSets')) rise(this.#sets, key.slice(0, key.lastIndexOf(' ')));
  }

  /** The keys of revisions that came after the last look. */
  #newKeys(name: (typeof COUNTED)[number]): ReadonlySet<string> {
    const { ledger, version } = this.ledgers[name] as LedgerStore<unknown>;
    const seen = this.#seen.get(name) ?? 0;
    this.#seen.set(name, version);
    return keysSince(ledger, seen);
  }
}
