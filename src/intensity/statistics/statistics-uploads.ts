import type { Principal } from '../../model/access.js';
import { canonicalJson } from '../../model/canonical-json.js';
import { type FieldError, inPart, must } from '../../model/field-error.js';
import type { TimeZone } from '../../model/time/zone.js';
import type { Audit } from '../../registry/audit/port.js';
import type { Registry } from '../../registry/port.js';
import type { State } from '../../state/port.js';
import { inSlices } from '../breath.js';
import { appendInSlices, byKey, requireNotSince } from '../ledger/in-slices.js';
import type { LedgerStore } from '../ledger/ledger-store.js';
import type { Ledgers } from '../ledger/ledgers.js';
import { checkingEntries } from '../model/statistics/check-entries.js';
import { type CountedSet, checkingSets, setKey } from '../model/statistics/counted-set.js';
import { statEntryKey } from '../model/statistics/entry.js';
import { type Month, monthOf, yearOf } from '../model/statistics/period.js';
import type { InSteps } from '../model/steps.js';
import type { BelievedChange, LedgerVersions, StatisticsChanges, Told, Upload } from './port.js';
import type { StatSubjects } from './subjects.js';
import { originOf, refusedFields, tellOf } from './told.js';

/** What the book works on. */
export interface StatisticsDeps {
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

/** Checks, previews and records uploads of added value and counted sets, tens of thousands of rows in steps. */
export class StatisticsUploads {
  constructor(
    private readonly deps: StatisticsDeps,
    private readonly subjects: StatSubjects,
  ) {}

  *checking({ entries, sets = [] }: Upload, who: Principal): InSteps<readonly FieldError[]> {
    const now = this.runningMonth();
    const subjects = yield* this.subjects.writable(entries, who);
    const known = this.deps.ledgers.statistics.believed().at;
    yield;
    const wrong = yield* checkingEntries(entries, { now, subjects, known });
    return [...wrong, ...(yield* this.checkingSets(sets, yearOf(now), who))];
  }

  *previewing({ entries: all, sets: allSets = [] }: Upload, who: Principal): InSteps<StatisticsChanges> {
    const { statistics, countedSets } = this.deps.ledgers;
    const subjects = yield* this.subjects.writable(all, who);
    const entries = all.filter(({ subject }) => subjects.has(subject));
    const sets: CountedSet[] = [];
    for (const set of allSets) {
      if (this.subjects.mayWriteSet(set.scope, who)) sets.push(inOrder(set));
      yield;
    }
    const versions = this.versions();
    const changedEntries = yield* changesOf(statistics, entries, statEntryKey);
    const changedSets = yield* changesOf(countedSets, sets, setKey);
    const unchanged = entries.length + sets.length - changedEntries.length - changedSets.length;
    return { entries: changedEntries, sets: changedSets, unchanged, versions };
  }

  /** One at a time. */
  async put(upload: Upload, who: Principal, told: Told): Promise<StatisticsChanges> {
    const wrong = await inSlices(this.checking(upload, who));
    if (wrong.length > 0) throw refusedFields(wrong);
    const changes = await inSlices(this.previewing(upload, who));
    const { state, ledgers, audit } = this.deps;
    const { statistics, countedSets } = ledgers;
    const items = {
      entries: await inSlices(afterByKey(changes.entries, statEntryKey)),
      sets: await inSlices(afterByKey(changes.sets, setKey)),
    };
    await inSlices(requireNotSince(statistics, told.basedOn?.statistics, items.entries));
    await inSlices(requireNotSince(countedSets, told.basedOn?.countedSets, items.sets));
    if (items.entries.size + items.sets.size === 0) return changes;
    const detail = { ...tellOf(told), ...(await inSlices(summaryOf(changes))) };
    const parts = [
      { ledger: statistics, items: items.entries },
      { ledger: countedSets, items: items.sets },
    ];
    await appendInSlices(state, parts, originOf(who, told), () =>
      audit.record({
        ...{ who: who.id, action: 'statistics.put', target: told.source, outcome: 'done' },
        detail,
      }),
    );
    return { ...changes, versions: this.versions() };
  }

  private *checkingSets(sets: readonly CountedSet[], thisYear: number, who: Principal): InSteps<readonly FieldError[]> {
    const enterprises = new Map<string, ReadonlySet<string>>();
    const wrong: FieldError[] = [];
    // The book tells a writer nothing of the members of another's scope.
    const hidden = new Set<string>();
    for (const [index, { scope, year }] of sets.entries()) {
      const isOwn = this.subjects.mayWriteSet(scope, who);
      if (!isOwn) hidden.add(`sets.${index}.members`);
      const errors = [
        ...must(isOwn, 'scope', 'a park, a district or the city whose set you may write'),
        ...must(year >= FIRST_YEAR && year <= thisYear + 1, 'year', `from ${FIRST_YEAR} to ${thisYear + 1}`),
      ];
      wrong.push(...inPart(`sets.${index}`, errors));
      yield;
    }
    const members = yield* checkingSets(sets, (scope) => {
      const known = enterprises.get(scope) ?? this.subjects.enterprisesOf(scope);
      enterprises.set(scope, known);
      return known;
    });
    return [...wrong, ...members.filter(({ field }) => !hidden.has(field.split('.').slice(0, 3).join('.')))];
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
}

/** Two sets are equal whatever the order of their members. */
const inOrder = (set: CountedSet): CountedSet => ({ ...set, members: [...set.members].sort() });

function* changesOf<T>(
  ledger: LedgerStore<T>,
  told: readonly T[],
  key: (one: T) => string,
): InSteps<BelievedChange<T>[]> {
  const { at } = ledger.believed();
  const changes: BelievedChange<T>[] = [];
  for (const after of told) {
    const before = at.get(key(after)) ?? null;
    if (before === null || canonicalJson(before.value) !== canonicalJson(after)) changes.push({ before, after });
    yield;
  }
  return changes;
}

function afterByKey<T>(changes: readonly BelievedChange<T>[], key: (one: T) => string): InSteps<Map<string, T>> {
  return byKey(
    changes.map(({ after }) => after),
    key,
  );
}

/** How many names the audit has of subjects, periods and sets. */
const NAMED = 4;

/** Cut to what a row of the audit may hold, however much one file brings. */
function* summaryOf({ entries, sets }: StatisticsChanges): InSteps<object> {
  const [subjects, periods] = [new Set<string>(), new Set<string>()];
  let revised = 0;
  for (const { before, after } of entries) {
    subjects.add(after.subject);
    periods.add(after.period);
    if (before !== null) revised += 1;
    yield;
  }
  const some = (all: Iterable<string>) => [...all].sort().slice(0, NAMED);
  return {
    ...{ entries: entries.length, revised, subjects: some(subjects), periods: some(periods) },
    sets: some(sets.map(({ after }) => setKey(after))),
  };
}
