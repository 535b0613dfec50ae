import type { Principal } from '../../model/access.js';
import type { FieldError } from '../../model/field-error.js';
import { inSlices } from '../breath.js';
import { InTurn, requireNotSince } from '../ledger/in-slices.js';
import type { LedgerStore } from '../ledger/ledger-store.js';
import { policyOf } from '../ledger/ledgers.js';
import { AddedValues } from '../model/statistics/added-value.js';
import { type CountedSet, setKey } from '../model/statistics/counted-set.js';
import { entryKey, FIGURE_KINDS, type FigureKind, type StatEntry } from '../model/statistics/entry.js';
import { type AsOf, type Beliefs, type Believed, historyOf } from '../model/statistics/ledger.js';
import { monthOf, monthPeriod, partsOf, periodText, yearPeriod } from '../model/statistics/period.js';
import { IntensityRefusedError } from '../port.js';
import type {
  EntryPlace,
  ListedEntries,
  Statistics,
  StatisticsChanges,
  Told,
  Upload,
  YearOfAddedValue,
} from './port.js';
import { type StatisticsDeps, StatisticsUploads } from './statistics-uploads.js';
import { RecordedSubjects, StatSubjects } from './subjects.js';
import { originOf, tellOf } from './told.js';

/** Added value and counted sets over their ledgers. */
export class StatisticsBook implements Statistics {
  private readonly recorded: RecordedSubjects;
  private readonly subjects: StatSubjects;
  /** Sorted once for each version that the ledger keeps. */
  private readonly listed = new WeakMap<Beliefs<StatEntry>, ListedEntries>();
  private readonly uploads: StatisticsUploads;
  /** Of all that writes the two ledgers. */
  private readonly turns = new InTurn();
  private values: { readonly version: number; readonly values: AddedValues } | undefined;

  constructor(private readonly deps: StatisticsDeps) {
    this.recorded = new RecordedSubjects(deps.ledgers);
    this.subjects = new StatSubjects(deps.registry, this.recorded);
    this.uploads = new StatisticsUploads(deps, this.subjects);
  }

  check(upload: Upload, who: Principal): Promise<readonly FieldError[]> {
    return inSlices(this.uploads.checking(upload, who));
  }

  preview(upload: Upload, who: Principal): Promise<StatisticsChanges> {
    return inSlices(this.uploads.previewing(upload, who));
  }

  put(upload: Upload, who: Principal, told: Told): Promise<StatisticsChanges> {
    return this.turns.run(() => this.uploads.put(upload, who, told));
  }

  withdraw({ subject, period, kind }: EntryPlace, who: Principal, told: Told): Promise<Believed<StatEntry>> {
    const key = entryKey(subject, period, kind);
    return this.turns.run(() => {
      const known = this.subjects.mayWrite(subject, who) ? this.entries().at.get(key) : undefined;
      return this.withdrawFrom(this.deps.ledgers.statistics, { key, known }, who, told, told.basedOn?.statistics);
    });
  }

  withdrawSet(of: Pick<CountedSet, 'scope' | 'year'>, who: Principal, told: Told): Promise<Believed<CountedSet>> {
    const key = setKey(of);
    return this.turns.run(() => {
      const known = this.subjects.mayWriteSet(of.scope, who) ? this.sets().at.get(key) : undefined;
      return this.withdrawFrom(this.deps.ledgers.countedSets, { key, known }, who, told, told.basedOn?.countedSets);
    });
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

  private async withdrawFrom<T>(
    ledger: LedgerStore<T>,
    { key, known }: { readonly key: string; readonly known: Believed<T> | undefined },
    who: Principal,
    told: Told,
    basedOn: number | undefined,
  ): Promise<Believed<T>> {
    if (known === undefined) {
      throw new IntensityRefusedError('missing', 'unknown_entry', `nothing is recorded of ${key}`);
    }
    await inSlices(requireNotSince(ledger, basedOn, new Set([key])));
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
}
