import type { Historian } from '../../historian/port/queries.js';
import type { Park } from '../../model/parks.js';
import type { TimeZone } from '../../model/time/zone.js';
import type { RegistryLookups } from '../../registry/port.js';
import { breath, inSlices } from '../breath.js';
import type { Ledgers } from '../ledger/ledgers.js';
import { monthAt } from '../local-months.js';
import { type Assessment, assessing } from '../model/assess/assessment.js';
import type { Book, Books } from '../model/assess/book.js';
import { type Metering, type QuantityBook, type Tracked, unitOf } from '../model/assess/quantity-book.js';
import { type Scope, scopeText } from '../model/assess/scope.js';
import { countedBy, type ElectricityCount } from '../model/conversion/coefficient.js';
import type { WorkCalendar } from '../model/forecast/working-time.js';
import { type Month, yearOf } from '../model/statistics/period.js';
import type { Consumption } from '../port.js';
import { type Known, KnownReader } from './known.js';
import { MEMBERS_AT_ONCE, MeteredMembers, type ReadMembers } from './metered-members.js';
import { enterpriseBook, type Metered, membersOfPark, parkBook, quantityOfMember, setScopesOf } from './park-books.js';
import type { AssessmentQuestion, Supposed } from './port.js';

export interface AssessorDeps {
  readonly ledgers: Ledgers;
  readonly registry: Pick<RegistryLookups, 'parks'>;
  readonly consumption: Consumption;
  /** As of `Historian`; left out: answers lack nothing. */
  readonly lagSince?: Historian['lagSince'] | undefined;
  readonly zone: TimeZone;
  readonly calendar: WorkCalendar;
  /** Epoch milliseconds. */
  readonly clock: () => number;
}

/** Of each kind that is kept: members, parks, or scopes of a few years, by carrier and basis. */
const MAX_KEPT = 4_000;

interface Kept<T> {
  /** Its inputs: equal inputs give the same result. */
  readonly from: readonly unknown[];
  readonly made: T;
}

/**
 * Assesses scopes from what is known now. Everything is kept with what it was made from, and made anew when that is
 * another: quantities of a member, the book of a park, the assessment of a scope.
 */
export class Assessor {
  readonly #reader: KnownReader;
  readonly #metered: MeteredMembers;
  readonly #quantities = new Map<string, Kept<QuantityBook | null>>();
  readonly #books = new Map<string, Kept<Book>>();
  readonly #assessments = new Map<string, Kept<Promise<Assessment>>>();
  /** Running computations, shared by all clients that ask meanwhile. */
  readonly #running = new Map<string, Promise<Assessment>>();

  constructor(private readonly deps: AssessorDeps) {
    this.#reader = new KnownReader(deps.ledgers);
    this.#metered = new MeteredMembers(deps);
  }

  known(): Known {
    return this.#reader.now();
  }

  /** What was read of history, which assessments rest on now. */
  reading(): ReadMembers {
    return this.#metered.current(() => this.known());
  }

  /** @throws HistorianUnavailableError */
  assess(question: AssessmentQuestion): Promise<Assessment> {
    const known = this.known();
    const reading = this.reading();
    const { scope, carrier, year } = question;
    const key = `${scopeText(scope)} ${carrier} ${year} ${countingOf(question)} ${reading.asAt} ${known.stamp}`;
    const running = this.#running.get(key);
    if (running !== undefined) return running;
    const begun = this.#assess(question, known, reading).finally(() => this.#running.delete(key));
    this.#running.set(key, begun);
    return begun;
  }

  /** As if all this were recorded, with what the meters say now. @throws HistorianUnavailableError */
  async assessSupposing(told: Supposed, questions: readonly AssessmentQuestion[]): Promise<Assessment[]> {
    const known = this.#reader.supposing(told);
    const reading = this.#metered.current(() => this.known());
    const all: Assessment[] = [];
    for (const question of questions) all.push(await this.#assess(question, known, reading, { store: false }));
    return all;
  }

  async #assess(question: AssessmentQuestion, known: Known, reading: ReadMembers, keeping = KEEP): Promise<Assessment> {
    const { scope, carrier, year, electricity = 'calorific', media = false } = question;
    const text = scopeText(scope);
    const { zone, calendar } = this.deps;
    const running = monthAt(zone, reading.asAt);
    const of = await this.#booksOf(scope, known, {
      ...{ carrier, electricity, media, counting: countingOf(question) },
      ...{ running, reading, keeping },
    });
    const key = `${text} ${carrier} ${year} ${countingOf(question)}`;
    return keep(
      this.#assessments,
      key,
      [known.stamp, running, ...of],
      () => {
        const isPool = scope.kind === 'city' || scope.kind === 'district';
        const { policy, values } = known;
        const books: Books = { scope: text, unit: unitOf(carrier), policy, values, of, isPool };
        return inSlices(assessing({ books, year, running, calendar }));
      },
      keeping,
    );
  }

  /** Reads the meters of all these scopes together; what cannot be read is left to `assess`. */
  async readTogether(scopes: readonly Pick<AssessmentQuestion, 'scope' | 'carrier'>[]): Promise<void> {
    const [known, reading] = [this.known(), this.reading()];
    const thisYear = yearOf(monthAt(this.deps.zone, reading.asAt));
    const members = new Map<Tracked, Set<string>>();
    for (const { scope, carrier } of scopes) {
      const own = members.get(carrier) ?? new Set();
      members.set(carrier, own);
      for (const member of this.#membersOf(scope, known, thisYear)) own.add(member);
    }
    for (const [carrier, all] of members) await this.#metered.ofAll(reading, [...all], carrier, known);
  }

  /** Whether an assessment of the scope is quick, because its meters were read before. */
  isWarm(scope: Scope, carrier: Metering): boolean {
    const known = this.known();
    const thisYear = yearOf(monthAt(this.deps.zone, this.deps.clock()));
    const members = this.#membersOf(scope, known, thisYear);
    return this.#metered.isWarm(members, carrier);
  }

  /** The scopes that a sum opens into. */
  partsOf(scope: Scope): Scope[] {
    if (scope.kind === 'city') {
      const districts = new Set(this.deps.registry.parks().map(({ district }) => district));
      return [...districts].map((id) => ({ kind: 'district', id }));
    }
    return scope.kind === 'district' ? this.parksOf(scope).map(({ id }) => ({ kind: 'park', id })) : [];
  }

  parksOf(scope: Scope): readonly Park[] {
    return this.deps.registry.parks().filter(({ id, district }) => {
      if (scope.kind === 'city') return true;
      if (scope.kind === 'district') return district === scope.id;
      return id === (scope.kind === 'enterprise' ? scope.park : scope.id);
    });
  }

  /** Readings arrived of a park for months that are long over: the meters concerned are read again. */
  late(park: string): void {
    this.#metered.late(park);
  }

  /** What the meters say is read up to this moment. @throws HistorianUnavailableError */
  renew(): Promise<void> {
    return this.#metered.renew(() => this.known());
  }

  close(): void {
    this.#metered.close();
  }

  #membersOf(scope: Scope, known: Known, thisYear: number): string[] {
    if (scope.kind === 'enterprise') return [scopeText(scope)];
    return this.parksOf(scope).flatMap((park) => [...membersOfPark(park, known, thisYear)]);
  }

  async #booksOf(scope: Scope, known: Known, asked: Asked): Promise<Book[]> {
    const { carrier, counting, media, running, keeping } = asked;
    const quantityOf = (member: string) => this.#quantityOf(member, known, asked);
    if (scope.kind === 'enterprise') {
      const member = scopeText(scope);
      const quantity = await quantityOf(member);
      const from = [known.subjects.has(member), quantity];
      return [
        keep(
          this.#books,
          `${member} ${carrier} ${counting}`,
          from,
          () => enterpriseBook(member, known, quantity),
          keeping,
        ),
      ];
    }
    const parks = this.parksOf(scope).map((park) => ({ park, members: membersOfPark(park, known, yearOf(running)) }));
    const all = parks.flatMap(({ members }) => [...members]);
    const quantities = new Map<string, QuantityBook>();
    for (let i = 0; i < all.length; i += MEMBERS_AT_ONCE) {
      const some = all.slice(i, i + MEMBERS_AT_ONCE);
      for (const metering of media ? [carrier, 'media' as const] : [carrier]) {
        await this.#metered.readTogether(asked.reading, some, metering, known);
      }
      for (const member of some) {
        const quantity = await quantityOf(member);
        if (quantity !== null) quantities.set(member, quantity);
      }
    }
    return parks.map(({ park, members }) => {
      const own = new Map(
        [...members].flatMap((member) => {
          const quantity = quantities.get(member);
          return quantity === undefined ? [] : [[member, quantity] as const];
        }),
      );
      const from = [known.setStampOf(setScopesOf(park)), known.subjects, ...own.keys(), ...own.values()];
      return keep(this.#books, `${park.id} ${carrier} ${counting}`, from, () => parkBook(park, known, own), keeping);
    });
  }

  async #quantityOf(member: string, known: Known, { carrier: tracked, electricity, media, ...asked }: Asked) {
    const { counting, reading } = asked;
    const metered: Metered = await this.#metered.of(reading, member, tracked, known);
    const ofMedia: Metered = media ? await this.#metered.of(reading, member, 'media', known) : NOTHING_METERED;
    const green = countedBy(electricity).lessGreen ? known.greenPower.get(member) : undefined;
    const from = [metered, ofMedia, known.coefficients, known.measured, known.bills.get(member), green];
    const key = `${member} ${tracked} ${counting}`;
    const before = this.#quantities.get(key);
    if (before !== undefined && same(before.from, from)) return before.made;
    if (breath.isDue) await breath.take();
    const { zone } = this.deps;
    const make = () =>
      quantityOfMember(member, [...metered, ...ofMedia], {
        ...{ known, zone, tracked, electricity, media, now: reading.asAt },
      });
    return keep(this.#quantities, key, from, make, asked.keeping);
  }
}

const NOTHING_METERED: Metered = [];

const countingOf = ({
  electricity = 'calorific',
  media = false,
}: Pick<AssessmentQuestion, 'electricity' | 'media'>): string => (media ? `${electricity} media` : electricity);

interface Asked {
  readonly carrier: Tracked;
  readonly electricity: ElectricityCount;
  readonly media: boolean;
  /** Both of these, as a key. */
  readonly counting: string;
  readonly running: Month;
  readonly reading: ReadMembers;
  readonly keeping: Keeping;
}

/** What is only supposed takes nothing's place. */
interface Keeping {
  readonly store: boolean;
}
const KEEP: Keeping = { store: true };

function keep<T>(
  kept: Map<string, Kept<T>>,
  key: string,
  from: readonly unknown[],
  make: () => T,
  { store }: Keeping = KEEP,
): T {
  const before = kept.get(key);
  if (before !== undefined && same(before.from, from)) return before.made;
  const made = make();
  if (!store) return made;
  kept.delete(key);
  kept.set(key, { from, made });
  for (const oldest of kept.keys()) if (kept.size > MAX_KEPT) kept.delete(oldest);
  return made;
}

const same = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((one, i) => one === b[i]);
