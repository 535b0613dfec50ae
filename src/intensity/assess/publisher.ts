import { HistorianUnavailableError, QueryTimedOutError } from '../../historian/port/errors.js';
import { olderLag } from '../../historian/port/queries.js';
import type { TimeZone } from '../../model/time/zone.js';
import { breath, inSlices } from '../breath.js';
import type { Ledgers } from '../ledger/ledgers.js';
import { dayAt, monthAt } from '../local-months.js';
import type { Assessment } from '../model/assess/assessment.js';
import { isNews, isNothing, type PublishedAssessment, publicationOf } from '../model/assess/publish.js';
import { TRACKED, type Tracked } from '../model/assess/quantity-book.js';
import { parkOfMember, parseScope, type Scope, scopeText } from '../model/assess/scope.js';
import { yearOf } from '../model/statistics/period.js';
import type { InSteps } from '../model/steps.js';
import { type Dependency, type LaterChange, touching } from '../model/tracking/dependency.js';
import { publicationKey } from '../model/tracking/publication.js';
import { RetryPause } from '../retries.js';
import type { Assessor } from './assessor.js';
import { changesSince, type LaterChanges, type ParkChange, type Seen, seenNow } from './changes.js';
import { basisOf } from './known.js';
import { type LateParks, QUIET_FOR_MS } from './late-parks.js';
import { recordPublications } from './record-publications.js';
import type { PreparedResults, ResultSink, ToldYear } from './result-sink.js';

interface PublisherDeps {
  readonly ledgers: Ledgers;
  readonly assessor: Assessor;
  readonly zone: TimeZone;
  readonly clock: () => number;
  /** Called with each assessment of a park, a district or the city. */
  readonly onAssessed?: (scope: Scope, carrier: Tracked, assessment: Assessment) => void;
  readonly log: { error(fields: object, message: string): void };
  readonly late: LateParks;
  readonly results?: ResultSink | undefined;
}

/** People record changes in bursts, such as one file for each park. */
const LONGEST_WAIT_MS = 60_000;

/**
 * Records each verdict that says something new, of every metered enterprise, park, district and the city: all of them once a day, for what was
 * read since; and after statistics, sets, trees, corrections or coefficients changed those that rest on them. What cannot
 * be computed is tried again by itself, and keeps none of the others back.
 */
export class Publisher {
  readonly #rests = new Map<string, readonly Dependency[]>();
  #seen: Seen | null = null;
  #day: string | null = null;
  #running: Promise<number> | null = null;
  #waits: { readonly versions: string; readonly since: number; readonly first: number } | null = null;

  /** What could not be told, by key. */
  readonly #failed = new Map<string, ToldYear>();
  readonly #retries = new RetryPause();
  /** What was worked out of a history that lacked readings, by key. */
  readonly #lagging = new Map<string, ToldYear>();

  #isClosed = false;

  constructor(private readonly deps: PublisherDeps) {}

  /** Resolves once no computation runs. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#running;
  }

  /** Computes what is due by now. Resolves to the number of scopes computed. */
  tick(): Promise<number> {
    if (this.#isClosed) return Promise.resolve(0);
    this.#running ??= this.#due()
      .catch((error: unknown) => {
        this.deps.log.error({ err: error }, 'it could not be found out which verdicts of the 5 % are due');
        return 0;
      })
      .finally(() => {
        this.#running = null;
      });
    return this.#running;
  }

  async #due(): Promise<number> {
    const { ledgers, assessor, zone, clock } = this.deps;
    const now = clock();
    const day = dayAt(zone, now);
    const seen = seenNow(ledgers);
    if (this.#day !== day || this.#seen === null) {
      // Where history cannot be read, the publishing step reports it. After a start all is new but what lacked something.
      if (this.#day !== null || assessor.reading().lag !== null) await assessor.renew().catch(() => undefined);
      const done = await this.#publish(this.#all(), `the day ${day}`);
      if (done !== null) this.deps.results?.metered('all', 'recent');
      if (done !== null) [this.#day, this.#seen, this.#waits] = [day, seen, null];
      return done ?? 0;
    }
    const late = this.deps.late.due(now);
    for (const { park } of late) assessor.late(park);
    if (!this.#isQuiet(JSON.stringify(seen), now) && late.length === 0) return this.#again(now);
    const { parks, ...changes } = changesSince(ledgers, this.#seen, zone);
    const due = [...parks, ...late];
    const dependent = await inSlices(this.#dependent({ ...changes, parks: due }));
    const done = await this.#publish(dependent, 'a change of what verdicts rest on');
    if (done === null) return 0;
    this.deps.results?.metered(changes.all ? 'all' : [...new Set(due.map(({ park }) => park))], 'base_year');
    [this.#seen, this.#waits] = [seen, null];
    return done;
  }

  /** Whether something changed, and no further change has come for a while. */
  #isQuiet(versions: string, now: number): boolean {
    if (versions === JSON.stringify(this.#seen)) return false;
    if (this.#waits?.versions !== versions) {
      this.#waits = { versions, since: now, first: this.#waits?.first ?? now };
    }
    // A clock that was set back does not make it wait longer.
    return Math.abs(now - this.#waits.since) >= QUIET_FOR_MS || Math.abs(now - this.#waits.first) >= LONGEST_WAIT_MS;
  }

  /** This year and last year of every scope, and every year published before. */
  #all(): ToldYear[] {
    const { ledgers, assessor, zone, clock } = this.deps;
    const year = yearOf(monthAt(zone, clock()));
    const parks: Scope[] = assessor.parksOf({ kind: 'city' }).map(({ id }) => ({ kind: 'park', id }));
    const scopes: Scope[] = [...this.#enterprises(), ...parks, ...assessor.partsOf({ kind: 'city' }), { kind: 'city' }];
    const due = scopes.flatMap((scope) =>
      TRACKED.flatMap((carrier) => [year - 1, year].map((one) => ({ scope, carrier, year: one }))),
    );
    const before = [...ledgers.publications.believed().at.values()].flatMap(({ value }) => {
      const scope = parseScope(value.scope);
      return scope === null ? [] : [{ scope, carrier: value.carrier, year: value.year }];
    });
    return [...new Map([...due, ...before].map((one) => [keyOf(one), one])).values()];
  }

  /** The enterprises whose added value was published, of parks that there are. */
  #enterprises(): Scope[] {
    const { assessor } = this.deps;
    const parks = new Set(assessor.parksOf({ kind: 'city' }).map(({ id }) => id));
    return [...assessor.known().subjects].flatMap((subject) => {
      const scope = parseScope(subject);
      return scope?.kind === 'enterprise' && parks.has(scope.park) ? [scope] : [];
    });
  }

  *#dependent({ all, changes, parks }: LaterChanges): InSteps<ToldYear[]> {
    if (all) return this.#all();
    const quantities = parks.length === 0 ? [] : yield* this.#quantities(parks);
    yield;
    const keys = yield* touching([...changes, ...quantities], this.#dependencies());
    return this.#all().filter((one) => keys.has(keyOf(one)));
  }

  *#dependencies(): Generator<Dependency> {
    for (const of of this.#rests.values()) yield* of;
  }

  /** What changed in parks, of each member of them that something rests on. */
  *#quantities(parks: readonly ParkChange[]): InSteps<LaterChange[]> {
    const members = new Map(parks.map(({ park }) => [park, new Set<string>()]));
    for (const { since } of this.#dependencies()) {
      for (const member of since.keys()) members.get(parkOfMember(member))?.add(member);
      yield;
    }
    return parks.flatMap(({ park, first, last }) =>
      [...(members.get(park) ?? [])].map((member) => ({ kind: 'quantity' as const, member, first, last })),
    );
  }

  /** What failed, once its wait is over; and what lacked readings, once history has all of them. */
  async #again(now: number): Promise<number> {
    if (this.#lagging.size > 0 && this.deps.assessor.reading().lag === null) {
      return (await this.#publish([...this.#lagging.values()], 'readings that history lacked before')) ?? 0;
    }
    if (this.#failed.size === 0 || !this.#retries.isDue(now)) return 0;
    return (await this.#publish([...this.#failed.values()], 'what could not be told before')) ?? 0;
  }

  /** @returns how many were computed; null where it was broken off */
  async #publish(due: readonly ToldYear[], why: string): Promise<number | null> {
    const { assessor, log, clock, results } = this.deps;
    const news = new Map<string, PublishedAssessment>();
    const prepared: PreparedResults[] = [];
    const unread = new Set<string>();
    let failure: unknown = null;
    await assessor.readTogether(due);
    for (const one of due) {
      if (this.#isClosed) return null;
      const key = keyOf(one);
      this.#failed.set(key, one);
      // Of a park whose history cannot be read no other figure is asked for: each may wait until its time is up.
      if (this.#parksOf(one).some((park) => unread.has(park))) continue;
      try {
        const { publication, result } = await this.#assess(one, key);
        if (publication !== null) news.set(key, publication);
        if (result !== null) prepared.push(result);
        this.#failed.delete(key);
        if (breath.isDue) await breath.take();
      } catch (error) {
        failure ??= error;
        const parks = this.#parksOf(one);
        if (isUnread(error) && parks.length === 1) unread.add(parks[0]!);
      }
    }
    if (this.#isClosed) return null;
    try {
      await recordPublications(this.deps.ledgers, [...news], why);
    } catch (error) {
      failure ??= error;
      for (const one of due) if (news.has(keyOf(one))) this.#failed.set(keyOf(one), one);
    }
    results?.assessed(prepared.filter(({ key }) => !this.#failed.has(key)));
    if (failure === null) this.#retries.succeeded();
    else {
      this.#retries.failed(clock());
      const scopes = [...this.#failed.keys()].slice(0, 4);
      log.error({ err: failure, scopes }, 'the service could not publish verdicts of the 5 %; it tries again');
    }
    return due.length - due.filter((one) => this.#failed.has(keyOf(one))).length;
  }

  /** One verdict with its results; null where it says nothing new, and nothing is kept in the historian. */
  async #assess(one: ToldYear, key: string) {
    const { ledgers, assessor, results } = this.deps;
    const told = ledgers.publications.believed().at;
    const basis = basisOf(ledgers);
    const before = assessor.reading();
    const assessment = await assessor.assess(one);
    const lag = olderLag(before.lag, assessor.reading().lag);
    if (lag === null) this.#lagging.delete(key);
    else this.#lagging.set(key, one);
    if (one.scope.kind !== 'enterprise') this.deps.onAssessed?.(one.scope, one.carrier, assessment);
    this.#rests.set(
      key,
      assessment.dependencies.map((dependency) => ({ ...dependency, key })),
    );
    if (breath.isDue) await breath.take();
    const isPool = one.scope.kind === 'district' || one.scope.kind === 'city';
    const parts = isPool ? assessor.partsOf(one.scope).map(scopeText) : null;
    const publication = publicationOf(assessment, one.carrier, basis, parts, lag);
    // A scope without any data has nothing to publish.
    const isEmpty = isNothing(one.scope, assessment) && !told.has(key);
    const isSaid = isEmpty || !isNews(told.get(key)?.value, publication);
    return { publication: isSaid ? null : publication, result: results?.prepare(one, assessment) ?? null };
  }

  #parksOf({ scope }: ToldYear): string[] {
    return this.deps.assessor.parksOf(scope).map(({ id }) => id);
  }
}

const isUnread = (error: unknown): boolean =>
  error instanceof HistorianUnavailableError || error instanceof QueryTimedOutError;

const keyOf = ({ scope, carrier, year }: ToldYear): string =>
  publicationKey({ scope: scopeText(scope), carrier, year });
