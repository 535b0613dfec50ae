import type { Park } from '../../model/parks.js';
import type { TimeZone } from '../../model/time/zone.js';
import type { RegistryLookups } from '../../registry/port.js';
import type { Ledgers } from '../ledger/ledgers.js';
import { type Assessment, assess } from '../model/assess/assessment.js';
import type { Book, Books } from '../model/assess/book.js';
import { type QuantityBook, type Tracked, unitOf } from '../model/assess/quantity-book.js';
import { parkOfMember, type Scope, scopeText } from '../model/assess/scope.js';
import type { ElectricityCount } from '../model/conversion/coefficient.js';
import type { WorkCalendar } from '../model/forecast/working-time.js';
import { monthOf, yearOf } from '../model/statistics/period.js';
import type { Consumption } from '../port.js';
import { type Known, KnownReader } from './known.js';
import { dayAt, monthAt } from './local-months.js';
import { enterpriseBook, type Metered, meteredOf, parkBook, quantityOfMember } from './park-books.js';
import type { Question } from './port.js';

export interface AssessorDeps {
  readonly ledgers: Ledgers;
  readonly registry: Pick<RegistryLookups, 'parks'>;
  readonly consumption: Consumption;
  readonly zone: TimeZone;
  readonly calendar: WorkCalendar;
  /** Epoch milliseconds. */
  readonly clock: () => number;
}

/** How long what the meters say may be answered again: readings come all the time. */
const FRESH_MS = 60_000;
/** Of each kind that is kept: members, or scopes of a few years, by carrier and basis. */
const MAX_KEPT = 2_000;

interface Kept<T> {
  readonly stamp: string;
  readonly at: number;
  readonly made: Promise<T>;
}

/** Assesses scopes from what is known now; one answer serves all who ask within a minute, unless something was told. */
export class Assessor {
  readonly #reader: KnownReader;
  readonly #books = new Map<string, Kept<Book>>();
  readonly #late = new Map<string, number>();
  readonly #past = new Map<string, Kept<Metered>>();
  readonly #quantities = new Map<string, Kept<QuantityBook | null>>();
  readonly #assessments = new Map<string, Kept<Assessment>>();

  constructor(private readonly deps: AssessorDeps) {
    this.#reader = new KnownReader(deps.ledgers);
  }

  known(): Known {
    return this.#reader.now();
  }

  /** @throws HistorianUnavailableError */
  assess({ scope, carrier, year, electricity = 'calorific' }: Question): Promise<Assessment> {
    const known = this.known();
    const text = scopeText(scope);
    return this.#keep(this.#assessments, `${text} ${carrier} ${year} ${electricity}`, known.stamp, async () => {
      const books: Books = {
        ...{ scope: text, unit: unitOf(carrier), policy: known.policy, values: known.values },
        of: await this.#booksOf(scope, known, carrier, electricity),
        isPool: scope.kind === 'city' || scope.kind === 'district',
      };
      const { zone, clock, calendar } = this.deps;
      return assess({ books, year, running: monthAt(zone, clock()), calendar });
    });
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

  /** Readings of months that are long over came in of a park: they are read anew. */
  late(park: string): void {
    this.#late.set(park, (this.#late.get(park) ?? 0) + 1);
    this.#quantities.clear();
    this.#books.clear();
    this.#assessments.clear();
  }

  /** What the meters say is read anew. */
  forget(): void {
    this.#past.clear();
    this.#quantities.clear();
    this.#books.clear();
    this.#assessments.clear();
  }

  async #booksOf(scope: Scope, known: Known, tracked: Tracked, electricity: ElectricityCount): Promise<Book[]> {
    const { zone, clock } = this.deps;
    const now = clock();
    const kind = `${tracked} ${electricity}`;
    const { stamp } = known;
    const quantityOf = (member: string) =>
      this.#keep(this.#quantities, `${member} ${kind}`, known.quantityStamp, async () => {
        const metered = await this.#meteredOf(member, known, tracked, now);
        return quantityOfMember(member, metered, { known, zone, tracked, electricity, now });
      });
    if (scope.kind === 'enterprise') return [await enterpriseBook(scopeText(scope), known, quantityOf)];
    const thisYear = yearOf(monthAt(zone, now));
    const books: Book[] = [];
    for (const park of this.parksOf(scope)) {
      const make = () => parkBook(park, known, thisYear, quantityOf);
      books.push(await this.#keep(this.#books, `${park.id} ${kind}`, stamp, make));
    }
    return books;
  }

  /** Months that are long over are read once a day and when readings of them came late, the others each time. */
  async #meteredOf(member: string, known: Known, tracked: Tracked, now: number): Promise<Metered> {
    const { consumption, zone } = this.deps;
    const running = monthAt(zone, now);
    const [first, old] = [monthOf(known.policy.baseYear, 1), running - 2];
    const late = this.#late.get(parkOfMember(member)) ?? 0;
    const stamp = `${known.basis.readings} ${first} ${dayAt(zone, now)} ${late}`;
    const make = () => meteredOf(consumption, member, tracked, first, old);
    const past = await this.#keep(this.#past, `${member} ${tracked}`, stamp, make, Number.POSITIVE_INFINITY);
    return [...past, ...(await meteredOf(consumption, member, tracked, Math.max(first, old + 1), running))];
  }

  #keep<T>(
    kept: Map<string, Kept<T>>,
    key: string,
    stamp: string,
    make: () => Promise<T>,
    freshMs = FRESH_MS,
  ): Promise<T> {
    const now = this.deps.clock();
    const before = kept.get(key);
    if (before?.stamp === stamp && Math.abs(now - before.at) < freshMs) return before.made;
    const made = make();
    kept.delete(key);
    kept.set(key, { stamp, at: now, made });
    for (const oldest of kept.keys()) if (kept.size > MAX_KEPT) kept.delete(oldest);
    // A refusal is told to who asked and not to the next.
    made.catch(() => {
      if (kept.get(key)?.made === made) kept.delete(key);
    });
    return made;
  }
}
