import type { Principal } from '../../model/access.js';
import { canonicalJson } from '../../model/canonical-json.js';
import { type FieldError, inPart, must } from '../../model/field-error.js';
import type { TimeZone } from '../../model/time/zone.js';
import type { Audit } from '../../registry/audit/port.js';
import type { Registry } from '../../registry/port.js';
import type { State } from '../../state/port.js';
import { appendTogether, type LedgerStore } from '../ledger/ledger-store.js';
import { type Ledgers, policyOf } from '../ledger/ledgers.js';
import { AddedValues } from '../model/statistics/added-value.js';
import { checkEntries } from '../model/statistics/check-entries.js';
import { type CountedSet, checkSets, setKey } from '../model/statistics/counted-set.js';
import { entryKey, FIGURE_KINDS, type FigureKind, type StatEntry, statEntryKey } from '../model/statistics/entry.js';
import { type AsOf, type Beliefs, type Believed, historyOf, type Origin } from '../model/statistics/ledger.js';
import {
  type Month,
  monthOf,
  monthPeriod,
  partsOf,
  periodText,
  yearOf,
  yearPeriod,
} from '../model/statistics/period.js';
import { IntensityRefusedError } from '../port.js';
import type {
  BelievedChange,
  EntryPlace,
  LedgerVersions,
  ListedEntries,
  Statistics,
  StatisticsChanges,
  Told,
  Upload,
  YearOfAddedValue,
} from './port.js';
import { RecordedSubjects, StatSubjects } from './subjects.js';
import { originOf, refusedFields, tellOf } from './told.js';

/** What the book works on. */
interface StatisticsDeps {
  readonly state: State;
  readonly ledgers: Pick<Ledgers, 'statistics' | 'countedSets' | 'policy'>;
  readonly registry: Pick<Registry, 'park' | 'parks' | 'enterprises' | 'enterprisesCalled'>;
  readonly audit: Pick<Audit, 'record'>;
  readonly zone: TimeZone;
  /** Epoch milliseconds. */
  readonly clock: () => number;
}

/** The first year that a set may be of, as of statistics. */
const FIRST_YEAR = 1980;

/** Added value and counted sets over their ledgers. */
export class StatisticsBook implements Statistics {
  private readonly recorded: RecordedSubjects;
  private readonly subjects: StatSubjects;
  /** Sorted once for each version that the ledger keeps. */
  private readonly listed = new WeakMap<Beliefs<StatEntry>, ListedEntries>();
  private values: { readonly version: number; readonly values: AddedValues } | undefined;

  constructor(private readonly deps: StatisticsDeps) {
    this.recorded = new RecordedSubjects(deps.ledgers);
    this.subjects = new StatSubjects(deps.registry, this.recorded);
  }

  check({ entries, sets = [] }: Upload, who: Principal): readonly FieldError[] {
    const subjects = this.writable(entries, who);
    const now = this.runningMonth();
    return [
      ...checkEntries(entries, { now, subjects, known: this.entries().at }),
      ...this.checkSets(sets, yearOf(now), who),
    ];
  }

  preview({ entries: all, sets: allSets = [] }: Upload, who: Principal): StatisticsChanges {
    const { statistics, countedSets } = this.deps.ledgers;
    const subjects = this.writable(all, who);
    const entries = all.filter(({ subject }) => subjects.has(subject));
    const sets = allSets.filter(({ scope }) => this.subjects.mayWriteSet(scope, who)).map(inOrder);
    const changedEntries = changesOf(statistics, entries, statEntryKey);
    const changedSets = changesOf(countedSets, sets, setKey);
    const unchanged = entries.length + sets.length - changedEntries.length - changedSets.length;
    return { entries: changedEntries, sets: changedSets, unchanged, versions: this.versions() };
  }

  put(upload: Upload, who: Principal, told: Told): StatisticsChanges {
    const wrong = this.check(upload, who);
    if (wrong.length > 0) throw refusedFields(wrong);
    const changes = this.preview(upload, who);
    this.requireUnchanged(changes, told.basedOn ?? {});
    if (changes.entries.length + changes.sets.length === 0) return changes;
    const { state, ledgers, audit } = this.deps;
    const origin = originOf(who, told);
    const { statistics, countedSets } = ledgers;
    const staged = [
      ...(changes.entries.length > 0 ? [stage(statistics, changes.entries, statEntryKey, origin)] : []),
      ...(changes.sets.length > 0 ? [stage(countedSets, changes.sets, setKey, origin)] : []),
    ];
    appendTogether(state, staged, () =>
      audit.record({
        ...{ who: who.id, action: 'statistics.put', target: told.source, outcome: 'done' },
        detail: { ...tellOf(told), ...summaryOf(changes) },
      }),
    );
    return { ...changes, versions: this.versions() };
  }

  withdraw({ subject, period, kind }: EntryPlace, who: Principal, told: Told): Believed<StatEntry> {
    const key = entryKey(subject, period, kind);
    const isOwn = this.subjects.writable([subject], who).has(subject);
    const known = isOwn ? this.entries().at.get(key) : undefined;
    return this.withdrawFrom(this.deps.ledgers.statistics, { key, known }, who, told, told.basedOn?.statistics);
  }

  withdrawSet(of: Pick<CountedSet, 'scope' | 'year'>, who: Principal, told: Told): Believed<CountedSet> {
    const key = setKey(of);
    const known = this.subjects.mayWriteSet(of.scope, who) ? this.sets().at.get(key) : undefined;
    return this.withdrawFrom(this.deps.ledgers.countedSets, { key, known }, who, told, told.basedOn?.countedSets);
  }

  entries(asOf: AsOf = 'latest'): Beliefs<StatEntry> {
    return this.deps.ledgers.statistics.believed(asOf);
  }

  list(asOf: AsOf = 'latest'): ListedEntries {
    const beliefs = this.entries(asOf);
    const kept = this.listed.get(beliefs);
    if (kept !== undefined) return kept;
    const items = [...beliefs.at.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
    const listed = { version: beliefs.version, items };
    this.listed.set(beliefs, listed);
    return listed;
  }

  sets(asOf: AsOf = 'latest'): Beliefs<CountedSet> {
    return this.deps.ledgers.countedSets.believed(asOf);
  }

  history(subject: string, period: string) {
    const { ledger } = this.deps.ledgers.statistics;
    return FIGURE_KINDS.flatMap((kind: FigureKind) =>
      historyOf(ledger, entryKey(subject, period, kind)).map((one) => ({ ...one, kind })),
    ).sort((a, b) => a.version - b.version);
  }

  isKnown(subject: string): boolean {
    return this.subjects.isKnown(subject);
  }

  addedValue(subject: string, year: number, asOf: AsOf = 'latest'): YearOfAddedValue {
    const beliefs = this.entries(asOf);
    const values = this.valuesAt(beliefs, this.priceBase(beliefs.version, asOf), asOf);
    const whole = yearPeriod(year);
    const of = (period: typeof whole) => ({ period: periodText(period), value: values.of(subject, period) });
    const january = monthOf(year, 1);
    return {
      ...{ version: beliefs.version, priceBase: values.priceBase },
      year: of(whole),
      quarters: partsOf(whole).map(of),
      janFeb: of({ kind: 'jan_feb', first: january, last: january + 1 }),
      months: Array.from({ length: 12 }, (_, index) => of(monthPeriod(january + index))),
    };
  }

  private withdrawFrom<T>(
    ledger: LedgerStore<T>,
    { key, known }: { readonly key: string; readonly known: Believed<T> | undefined },
    who: Principal,
    told: Told,
    basedOn: number | undefined,
  ): Believed<T> {
    if (known === undefined) {
      throw new IntensityRefusedError('missing', 'unknown_entry', `nothing is recorded of ${key}`);
    }
    requireNotSince(ledger, basedOn, new Set([key]));
    // A set may have more members than a row of the audit holds; the ledger has them.
    const was = JSON.stringify(known.value).length <= 1_000 ? { was: known.value } : {};
    ledger.append([[key, null]], originOf(who, told), () =>
      this.deps.audit.record({
        ...{ who: who.id, action: 'statistics.withdraw', target: key, outcome: 'done' },
        detail: { ...tellOf(told), version: known.version, ...was },
      }),
    );
    return known;
  }

  private valuesAt(beliefs: Beliefs<StatEntry>, priceBase: number, asOf: AsOf): AddedValues {
    if (asOf !== 'latest') return new AddedValues(beliefs, priceBase);
    const kept = this.values;
    if (kept?.version === beliefs.version && kept.values.priceBase === priceBase) return kept.values;
    const values = new AddedValues(beliefs, priceBase);
    this.values = { version: beliefs.version, values };
    return values;
  }

  /** The year of the policy that was in force; of a version of the statistics the policy when it was recorded. */
  private priceBase(version: number, asOf: AsOf): number {
    const recordedAt = this.deps.ledgers.statistics.ledger[version - 1]?.recordedAt ?? 0;
    const moment = asOf !== 'latest' && 'version' in asOf ? { time: recordedAt } : asOf;
    return policyOf(this.deps.ledgers, moment).baseYear;
  }

  private checkSets(sets: readonly CountedSet[], thisYear: number, who: Principal): readonly FieldError[] {
    const isOwn = (scope: string) => this.subjects.mayWriteSet(scope, who);
    const enterprises = new Map<string, ReadonlySet<string>>();
    const members = checkSets(sets, (scope) => {
      const known = enterprises.get(scope) ?? this.subjects.enterprisesOf(scope);
      enterprises.set(scope, known);
      return known;
    });
    const places = new Set(sets.flatMap(({ scope }, index) => (isOwn(scope) ? [] : [`sets.${index}.members`])));
    return [
      ...sets.flatMap(({ scope, year }, index) =>
        inPart(`sets.${index}`, [
          ...must(isOwn(scope), 'scope', 'a park, a district or the city whose set you may write'),
          ...must(year >= FIRST_YEAR && year <= thisYear + 1, 'year', `from ${FIRST_YEAR} to ${thisYear + 1}`),
        ]),
      ),
      // The book tells a writer nothing of the members of another's scope.
      ...members.filter(({ field }) => !places.has(field.split('.').slice(0, 3).join('.'))),
    ];
  }

  private writable(entries: readonly StatEntry[], who: Principal): ReadonlySet<string> {
    const subjects = entries.map(({ subject }) => subject);
    return this.subjects.writable(subjects, who);
  }

  private runningMonth(): Month {
    const { zone, clock } = this.deps;
    const local = new Date(zone.toLocal(clock()));
    return monthOf(local.getUTCFullYear(), local.getUTCMonth() + 1);
  }

  private versions(): LedgerVersions {
    const { statistics, countedSets } = this.deps.ledgers;
    return { statistics: statistics.version, countedSets: countedSets.version };
  }

  private requireUnchanged({ entries, sets }: StatisticsChanges, basedOn: Partial<LedgerVersions>): void {
    const { statistics, countedSets } = this.deps.ledgers;
    requireNotSince(statistics, basedOn.statistics, new Set(entries.map(({ after }) => statEntryKey(after))));
    requireNotSince(countedSets, basedOn.countedSets, new Set(sets.map(({ after }) => setKey(after))));
  }
}

/** Two sets are equal whatever the order of their members. */
const inOrder = (set: CountedSet): CountedSet => ({ ...set, members: [...set.members].sort() });

function changesOf<T>(ledger: LedgerStore<T>, told: readonly T[], key: (one: T) => string): BelievedChange<T>[] {
  const { at } = ledger.believed();
  return told.flatMap((after) => {
    const before = at.get(key(after)) ?? null;
    return before !== null && canonicalJson(before.value) === canonicalJson(after) ? [] : [{ before, after }];
  });
}

const stage = <T>(
  ledger: LedgerStore<T>,
  changes: readonly BelievedChange<T>[],
  key: (one: T) => string,
  origin: Origin,
) =>
  ledger.stage(
    changes.map(({ after }) => [key(after), after] as const),
    origin,
  );

/** Cut to what a row of the audit may hold, however much one file brings. */
function summaryOf({ entries, sets }: StatisticsChanges) {
  const some = (all: Iterable<string>) => [...new Set(all)].sort().slice(0, 4);
  return {
    entries: entries.length,
    revised: entries.filter(({ before }) => before !== null).length,
    subjects: some(entries.map(({ after }) => after.subject)),
    periods: some(entries.map(({ after }) => after.period)),
    sets: some(sets.map(({ after }) => setKey(after))),
  };
}

/** Throws where somebody recorded or withdrew one of the keys after the version that the client read. */
function requireNotSince<T>(ledger: LedgerStore<T>, basedOn: number | undefined, keys: ReadonlySet<string>): void {
  if (basedOn === undefined) return;
  for (const { version, items } of ledger.ledger.slice(basedOn)) {
    const key = [...items.keys()].find((one) => keys.has(one));
    if (key === undefined) continue;
    const message = `somebody recorded ${key} anew in version ${version}, after version ${basedOn}: read it again`;
    throw new IntensityRefusedError('conflict', 'statistics_changed', message);
  }
}
