import { maySeePark, type Principal } from '../../model/access.js';
import type { Park } from '../../model/parks.js';
import type { Registry } from '../../registry/port.js';
import type { Ledgers } from '../ledger/ledgers.js';
import { enterpriseSubject, parseSubject, parseSumScope, type SumScope } from '../model/statistics/subject.js';
import type { InSteps } from '../model/steps.js';
import type { LedgerVersions } from './port.js';

type Lookups = Pick<Registry, 'park' | 'parks' | 'enterprises' | 'enterprisesCalled'>;

/** Whose statistics there may be, and who may write them. */
export class StatSubjects {
  /** @param recorded a firm may have left the registry since */
  constructor(
    private readonly registry: Lookups,
    private readonly recorded: RecordedSubjects,
  ) {}

  isKnown(text: string): boolean {
    const subject = parseSubject(text);
    if (subject === null || !this.registry.park(subject.park)) return false;
    if (subject.kind === 'park' || this.recorded.has(text)) return true;
    return this.registry.enterprisesCalled(subject.enterprise).some(({ park }) => park === subject.park);
  }

  /** Those of the subjects that exist and lie in the writer's scope. */
  *writable(all: Iterable<{ readonly subject: string }>, who: Principal): InSteps<ReadonlySet<string>> {
    const [asked, own] = [new Set<string>(), new Set<string>()];
    for (const { subject } of all) {
      if (!asked.has(subject) && this.mayWrite(subject, who)) own.add(subject);
      asked.add(subject);
      yield;
    }
    return own;
  }

  /** Whether the subject exists and lies in the writer's scope. */
  mayWrite(text: string, who: Principal): boolean {
    const park = this.registry.park(parseSubject(text)?.park ?? '');
    return park !== undefined && maySeePark(who, park) && this.isKnown(text);
  }

  /** Who may write of a park may write its set; only administrators write those of districts and the city. */
  mayWriteSet(text: string, who: Principal): boolean {
    const scope = parseSumScope(text);
    if (scope === null) return false;
    const parks = this.parksOf(scope);
    if (scope.kind !== 'park' && who.role !== 'admin') return false;
    return parks.length > 0 && parks.every((park) => maySeePark(who, park));
  }

  /** Every enterprise of the scope, as subjects. */
  enterprisesOf(text: string): ReadonlySet<string> {
    const scope = parseSumScope(text);
    const parks = new Set((scope === null ? [] : this.parksOf(scope)).map(({ id }) => id));
    const found = new Set<string>();
    for (const { park, id } of this.registry.enterprises()) if (parks.has(park)) found.add(enterpriseSubject(park, id));
    for (const one of this.recorded) {
      const subject = parseSubject(one);
      if (subject?.kind === 'enterprise' && parks.has(subject.park)) found.add(one);
    }
    return found;
  }

  private parksOf(scope: SumScope): readonly Park[] {
    return this.registry.parks().filter((park) => {
      if (scope.kind === 'city') return true;
      return scope.kind === 'park' ? park.id === scope.park : park.district === scope.district;
    });
  }
}

/** Subjects of whom anything was ever recorded, members of sets among them; read on as the ledgers grow. */
export class RecordedSubjects implements Iterable<string> {
  private readonly found = new Set<string>();
  private readAt: LedgerVersions = { statistics: 0, countedSets: 0 };

  constructor(private readonly ledgers: Pick<Ledgers, 'statistics' | 'countedSets'>) {
    // Years of statistics, while nobody waits for an answer.
    this.upToDate();
  }

  has(subject: string): boolean {
    return this.upToDate().has(subject);
  }

  [Symbol.iterator](): Iterator<string> {
    return this.upToDate().values();
  }

  private upToDate(): ReadonlySet<string> {
    const { statistics, countedSets } = this.ledgers;
    for (const { items } of statistics.ledger.slice(this.readAt.statistics)) {
      for (const value of items.values()) if (value !== null) this.found.add(value.subject);
    }
    for (const { items } of countedSets.ledger.slice(this.readAt.countedSets)) {
      for (const value of items.values()) for (const member of value?.members ?? []) this.found.add(member);
    }
    this.readAt = { statistics: statistics.version, countedSets: countedSets.version };
    return this.found;
  }
}
