import type { ResultSpan } from '../../historian/port/results.js';
import type { DeviceKey } from '../../model/ids.js';
import type { TimeZone } from '../../model/time/zone.js';
import { LATE_MS } from '../consumption/meter-quantities.js';
import type { Ledgers } from '../ledger/ledgers.js';
import { dayAt, monthAt } from '../local-months.js';
import type { Assessment } from '../model/assess/assessment.js';
import { isNews, type PublishedAssessment, publicationOf } from '../model/assess/publish.js';
import { TRACKED, type Tracked } from '../model/assess/quantity-book.js';
import { parkOfMember, parseScope, type Scope, scopeText } from '../model/assess/scope.js';
import { yearOf } from '../model/statistics/period.js';
import { type Dependency, dependentOn, type LaterChange } from '../model/tracking/dependency.js';
import { publicationKey } from '../model/tracking/publication.js';
import type { Assessor } from './assessor.js';
import { changesSince, type LaterChanges, type ParkChange, type Seen, seenNow } from './changes.js';
import { basisOf } from './known.js';

/** A message that came in with a reading of yesterday or earlier. */
export interface LateMessage {
  readonly park: string;
  readonly device: DeviceKey;
  readonly readings: readonly { readonly ts: number }[];
}

interface LateReadings {
  /** Epoch ms, of the earliest reading and of the newest message. */
  readonly earliest: number;
  readonly at: number;
}

interface PublisherDeps {
  readonly ledgers: Ledgers;
  readonly assessor: Assessor;
  readonly zone: TimeZone;
  readonly clock: () => number;
  /** Called with each assessment of a park, a district or the city. */
  readonly onAssessed?: (scope: Scope, carrier: Tracked, assessment: Assessment) => void;
  readonly log: { error(fields: object, message: string): void };
  /** Called for each device with readings older than `LATE_MS`, before anything is read again. */
  readonly onLate: (device: DeviceKey) => void;
  readonly results?: ResultSink | undefined;
}

/** Brings computed figures to where boards read them; returns at once and never throws. */
export interface ResultSink {
  /** What boards show of an assessment, for `assessed` once the verdicts are recorded. */
  prepare(told: ToldYear, assessment: Assessment): PreparedResults;
  assessed(results: readonly PreparedResults[]): void;
  /** Consumption of these parks is due, of the last months, or of all since the base year. */
  metered(parks: readonly string[] | 'all', since: 'recent' | 'base_year'): void;
}

export interface PreparedResults {
  /** The key of the publication. */
  readonly key: string;
  readonly spans: readonly ResultSpan[];
}

/** One scope, carrier and year whose verdicts are published. */
interface ToldYear {
  readonly scope: Scope;
  readonly carrier: Tracked;
  readonly year: number;
}

/** People record changes in bursts, such as one file for each park. */
const QUIET_MS = 3_000;
const LONGEST_WAIT_MS = 60_000;

/**
 * Records each verdict that says something new, of every metered enterprise, park, district and the city: all of them once a day, for what was
 * read since; and after statistics, sets, trees, corrections or coefficients changed those that rest on them.
 */
export class Publisher {
  readonly #rests = new Map<string, readonly Dependency[]>();
  #seen: Seen | null = null;
  #day: string | null = null;
  #running: Promise<number> | null = null;
  #waits: { readonly versions: string; readonly since: number; readonly first: number } | null = null;

  #isClosed = false;
  readonly #late = new Map<string, LateReadings>();

  constructor(private readonly deps: PublisherDeps) {}

  /** Accepts every late message; its months that are long over become due once no more such messages come. */
  noteLate({ park, device, readings }: LateMessage): void {
    const now = this.deps.clock();
    let earliest = Number.POSITIVE_INFINITY;
    for (const { ts } of readings) earliest = Math.min(earliest, ts);
    if (earliest > now - LATE_MS) return;
    this.deps.onLate(device);
    this.#late.set(park, { earliest: Math.min(earliest, this.#late.get(park)?.earliest ?? earliest), at: now });
  }

  /** Resolves once no computation runs. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#running;
  }

  /** Computes what is due by now. Resolves to the number of scopes computed. */
  tick(): Promise<number> {
    if (this.#isClosed) return Promise.resolve(0);
    this.#running ??= this.#due().finally(() => {
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
      // Where history cannot be read, the publishing step reports it.
      await assessor.renew().catch(() => undefined);
      const done = await this.#publish(this.#all(), `the day ${day}`);
      if (done !== null) this.deps.results?.metered('all', 'recent');
      if (done !== null) [this.#day, this.#seen, this.#waits] = [day, seen, null];
      return done ?? 0;
    }
    const late = this.#lateParks(now);
    if (!this.#isQuiet(JSON.stringify(seen), now) && late.length === 0) return 0;
    const { parks, ...changes } = changesSince(ledgers, this.#seen, zone);
    const due = [...parks, ...late];
    const dependent = this.#dependent({ ...changes, parks: due });
    const done = await this.#publish(dependent, 'a change of what verdicts rest on');
    if (done === null) return 0;
    this.deps.results?.metered(changes.all ? 'all' : [...new Set(due.map(({ park }) => park))], 'base_year');
    [this.#seen, this.#waits] = [seen, null];
    return done;
  }

  /** Parks with late readings, once no more have come for a while. */
  #lateParks(now: number): ParkChange[] {
    const { assessor, zone } = this.deps;
    const quiet = [...this.#late].filter(([, { at }]) => now - at >= QUIET_MS);
    for (const [park] of quiet) {
      this.#late.delete(park);
      assessor.late(park);
    }
    const last = Number.POSITIVE_INFINITY;
    return quiet.map(([park, { earliest }]) => ({ park, first: monthAt(zone, earliest), last }));
  }

  /** Whether something changed, and no further change has come for a while. */
  #isQuiet(versions: string, now: number): boolean {
    if (versions === JSON.stringify(this.#seen)) return false;
    if (this.#waits?.versions !== versions) {
      this.#waits = { versions, since: now, first: this.#waits?.first ?? now };
    }
    return now - this.#waits.since >= QUIET_MS || now - this.#waits.first >= LONGEST_WAIT_MS;
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

  #dependent({ all, changes, parks }: LaterChanges): ToldYear[] {
    if (all) return this.#all();
    const dependencies = [...this.#rests.values()].flat();
    const members = new Set(dependencies.flatMap(({ since }) => [...since.keys()]));
    const quantities: LaterChange[] = parks.flatMap(({ park, first, last }) =>
      [...members]
        .filter((member) => parkOfMember(member) === park)
        .map((member) => ({ kind: 'quantity' as const, member, first, last })),
    );
    const keys = dependentOn([...changes, ...quantities], dependencies);
    return this.#all().filter((one) => keys.has(keyOf(one)));
  }

  /** @returns how many were computed; null where it failed and has to be tried again */
  async #publish(due: readonly ToldYear[], why: string): Promise<number | null> {
    const { ledgers, assessor, log, results } = this.deps;
    try {
      const news: [string, PublishedAssessment][] = [];
      const prepared: PreparedResults[] = [];
      const told = ledgers.publications.believed().at;
      for (const one of due) {
        if (this.#isClosed) return null;
        const basis = basisOf(ledgers);
        const assessment = await assessor.assess(one);
        if (one.scope.kind !== 'enterprise') this.deps.onAssessed?.(one.scope, one.carrier, assessment);
        const key = keyOf(one);
        this.#rests.set(
          key,
          assessment.dependencies.map((dependency) => ({ ...dependency, key })),
        );
        if (results !== undefined) prepared.push(results.prepare(one, assessment));
        const isPool = one.scope.kind === 'district' || one.scope.kind === 'city';
        const publication = publicationOf(assessment, one.carrier, basis, isPool);
        // A scope without any data has nothing to publish.
        const isEmpty = isNothing(one.scope, assessment);
        if (isEmpty && !told.has(key)) continue;
        if (isNews(told.get(key)?.value, publication)) news.push([key, publication]);
      }
      if (news.length > 0) ledgers.publications.append(news, { by: 'system', source: why });
      results?.assessed(prepared);
      return due.length;
    } catch (error) {
      if (!this.#isClosed)
        log.error({ err: error }, 'the service could not publish verdicts of the 5 %; it tries again');
      return null;
    }
  }
}

/** Nothing is known of a scope: it has no members, or is an enterprise without meters and bills. */
function isNothing({ kind }: Scope, { figure }: Assessment): boolean {
  if (figure === null || figure.set.length === 0) return true;
  return kind === 'enterprise' && [...figure.parts, ...figure.leftOut].every(({ months }) => months.length === 0);
}

const keyOf = ({ scope, carrier, year }: ToldYear): string =>
  publicationKey({ scope: scopeText(scope), carrier, year });
