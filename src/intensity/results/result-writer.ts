import { HistorianUnavailableError } from '../../historian/port/errors.js';
import {
  RESULT_NAMES,
  type ResultMeasurement,
  type ResultSpan,
  type Results,
  type ResultTags,
  resultKey,
  tagsOfKey,
} from '../../historian/port/results.js';
import type { TimeZone } from '../../model/time/zone.js';
import type { RegistryLookups } from '../../registry/port.js';
import type { PreparedResults, ResultSink } from '../assess/result-sink.js';
import { type Ledgers, policyOf } from '../ledger/ledgers.js';
import { monthAt, monthSpan } from '../local-months.js';
import { type Scope, scopeText } from '../model/assess/scope.js';
import { type Month, monthOf, yearOf } from '../model/statistics/period.js';
import { publicationKey } from '../model/tracking/publication.js';
import type { Consumption, MeterBook } from '../port.js';
import { RetryPause } from '../retries.js';
import { consumptionOfPark } from './consumption-points.js';
import { intensitySpans, withPublication } from './intensity-points.js';

interface ResultDeps {
  readonly historian: Results;
  readonly ledgers: Ledgers;
  readonly registry: Pick<RegistryLookups, 'parks'>;
  readonly book: Pick<MeterBook, 'tree'>;
  readonly consumption: Pick<Consumption, 'months' | 'readTogether'>;
  readonly zone: TimeZone;
  /** Epoch milliseconds. */
  readonly clock: () => number;
  readonly log: { error(fields: object, message: string): void };
  /** In place of `BEAT_MS`. */
  readonly beatMs?: number | undefined;
}

/** How often the writer looks whether something waits. */
const BEAT_MS = 5_000;
/** Points of one write, so that it takes the historian's thread only some milliseconds. */
const POINTS_AT_ONCE = 256;
/** Months of which readings may still have come since yesterday. */
const RECENT_MONTHS = 2;
/** Points of one year, of all scopes; a store that has more is not the service's own. */
const MOST_A_YEAR = 500_000;

/** Keeps the historian's results equal to the last computed figures, until `close`. */
interface ResultWriter extends ResultSink {
  /** Writes what waits, unless the pause after a failure still lasts; the service calls it every few seconds. */
  tick(): Promise<void>;
  close(): Promise<void>;
}

export function startResults(deps: ResultDeps): ResultWriter {
  const waiting = new WaitingResults(deps);
  const timer = setInterval(() => void waiting.tick(), deps.beatMs ?? BEAT_MS);
  timer.unref();
  return {
    prepare: (told, assessment) => waiting.prepare(told, assessment),
    assessed: (results) => waiting.assessed(results),
    metered: (parks, since) => waiting.metered(parks, since),
    tick: () => waiting.tick(),
    close() {
      clearInterval(timer);
      return waiting.close();
    },
  };
}

interface DuePark {
  /** The first month to write. */
  readonly first: Month;
}

/**
 * What waits is one entry for each verdict and each park, whatever changed how often: a historian that is away delays
 * results and costs no memory. Consumption is computed when it is written.
 */
class WaitingResults implements ResultWriter {
  readonly #verdicts = new Map<string, readonly ResultSpan[]>();
  readonly #parks = new Map<string, DuePark>();
  /** Series that have points, by publication or park; once a day the writer removes those without an owner. */
  readonly #series = new Map<string, ReadonlyMap<string, ResultMeasurement>>();
  #isSweepDue = false;
  readonly #retries = new RetryPause();
  #running: Promise<void> | null = null;
  #isClosed = false;

  constructor(private readonly deps: ResultDeps) {}

  prepare(
    { scope, carrier, year }: Parameters<ResultSink['prepare']>[0],
    assessment: Parameters<ResultSink['prepare']>[1],
  ) {
    const { zone, clock } = this.deps;
    const running = yearOf(monthAt(zone, clock()));
    const facts = { place: this.#placeOf(scope), carrier, year, assessment, isRunning: year === running, zone };
    // Of years to come nothing is shown: they were told by a clock that was ahead.
    const spans = year > running ? [] : intensitySpans(facts);
    return { key: publicationKey({ scope: scopeText(scope), carrier, year }), spans };
  }

  assessed(results: readonly PreparedResults[]): void {
    const told = this.deps.ledgers.publications.believed().at;
    for (const { key, spans } of results) {
      const withIts = withPublication(spans, told.get(key)?.version ?? 0);
      this.#verdicts.set(key, withIts);
      this.#series.set(key, seriesOf(withIts));
    }
  }

  metered(parks: readonly string[] | 'all', since: 'recent' | 'base_year'): void {
    const { zone, clock, registry } = this.deps;
    const first = monthOf(policyOf(this.deps.ledgers).baseYear, 1);
    const recent = Math.max(first, monthAt(zone, clock()) - RECENT_MONTHS);
    const all = registry.parks().map(({ id }) => id);
    if (parks === 'all') {
      this.#isSweepDue = true;
      const gone = [...this.#series.keys()].filter((key) => key.startsWith(OF_PARK) && !all.includes(parkOf(key)));
      for (const key of gone) this.#series.delete(key);
    }
    for (const park of parks === 'all' ? all : all.filter((id) => parks.includes(id))) {
      // The writer does not know what an earlier run wrote, so it writes everything the first time.
      const isWhole = since === 'base_year' || !this.#series.has(OF_PARK + park);
      const due = isWhole ? first : recent;
      this.#parks.set(park, { first: Math.min(due, this.#parks.get(park)?.first ?? due) });
    }
  }

  tick(): Promise<void> {
    if (this.#isClosed || !this.#retries.isDue(this.deps.clock())) return Promise.resolve();
    this.#running ??= this.#work().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  /** Resolves once no write runs. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#running;
  }

  /** What cannot be written stays for the next try; a historian that is away ends this one. */
  async #work(): Promise<void> {
    let failure: unknown = null;
    const attempt = async (work: () => Promise<void>) => {
      try {
        await work();
      } catch (error) {
        if (this.#isClosed || error instanceof HistorianUnavailableError) throw error;
        failure ??= error;
      }
    };
    try {
      for (const batch of batchesOf([...this.#verdicts], ([, spans]) => spans)) {
        await attempt(() =>
          this.#writeVerdicts(batch).catch(async (error: unknown) => {
            if (error instanceof HistorianUnavailableError || batch.length === 1) throw error;
            for (const one of batch) await attempt(() => this.#writeVerdicts([one]));
          }),
        );
      }
      for (const [park, due] of [...this.#parks]) await attempt(() => this.#writePark(park, due));
      if (this.#isSweepDue && this.#parks.size === 0 && this.#verdicts.size === 0) await this.#sweep();
    } catch (error) {
      failure ??= error;
    }
    if (this.#isClosed) return;
    if (failure === null) return this.#retries.succeeded();
    this.#retries.failed(this.deps.clock());
    const words = 'the service could not write results of the 5 % to the historian; it tries again';
    if (this.#retries.failures === 1) this.deps.log.error({ err: failure }, words);
  }

  async #writeVerdicts(batch: readonly [key: string, spans: readonly ResultSpan[]][]): Promise<void> {
    await this.#write(batch.flatMap(([, spans]) => spans));
    // A newer result may have arrived meanwhile.
    for (const [key, spans] of batch) if (this.#verdicts.get(key) === spans) this.#verdicts.delete(key);
  }

  async #writePark(park: string, due: DuePark): Promise<void> {
    const { zone, clock, book, consumption } = this.deps;
    const asAt = clock();
    const last = monthAt(zone, asAt);
    // A clock that is set back before all history says nothing of it: it stays due.
    if (last < due.first) return;
    const placeOf = (scope: Scope) => this.#placeOf(scope);
    const series = new Map<string, ResultMeasurement>();
    const spans = consumptionOfPark({ park, tree: book.tree(park), consumption, ...due, last, asAt, zone, placeOf });
    for await (const of of spans) {
      await this.#write([of]);
      // A series may have points in months before those written now.
      if (due.first > monthOf(policyOf(this.deps.ledgers).baseYear, 1) || of.points.length > 0) {
        series.set(resultKey(of), of.measurement);
      }
    }
    this.#series.set(OF_PARK + park, series);
    if (this.#parks.get(park) === due) this.#parks.delete(park);
  }

  /** Removes series of scopes that are no longer there: parks, districts, enterprises that moved or ended. */
  async #sweep(): Promise<void> {
    const { zone, clock } = this.deps;
    const { baseYear, targetYear } = policyOf(this.deps.ledgers);
    const end = Math.max(targetYear, yearOf(monthAt(zone, clock())));
    const wanted = new Set([...this.#series.values()].flatMap((of) => [...of].map(nameOf)));
    for (const measurement of RESULT_NAMES) {
      const there = new Map<string, ResultTags>();
      for (let year = baseYear; year <= end; year += 1) {
        for (const key of await this.#keysOf(measurement, year)) there.set(key, tagsOfKey(measurement, key));
      }
      for (const [key, tags] of there) {
        if (!wanted.has(nameOf([key, measurement]))) await this.#write([{ measurement, tags, points: [], ...ALWAYS }]);
      }
    }
    this.#isSweepDue = false;
  }

  async #keysOf(measurement: ResultMeasurement, year: number): Promise<string[]> {
    const { historian, zone } = this.deps;
    const [from, to] = [year, year + 1].map((one) => monthSpan(zone, monthOf(one, 1)).from) as [number, number];
    const keys: string[] = [];
    for await (const series of historian.results({ measurement, where: {}, from, to, limit: MOST_A_YEAR })) {
      keys.push(resultKey(series));
    }
    return keys;
  }

  async #write(spans: readonly ResultSpan[]): Promise<void> {
    if (this.#isClosed) throw new Error('the service is stopping');
    await this.deps.historian.replaceResults(spans);
  }

  #placeOf(scope: Scope): ResultTags {
    const named = { scope: scopeText(scope), level: scope.kind };
    if (scope.kind === 'city') return named;
    if (scope.kind === 'district') return { ...named, district: scope.id };
    const park = scope.kind === 'park' ? scope.id : scope.park;
    const district = this.deps.registry.parks().find(({ id }) => id === park)?.district;
    const of = { ...named, park, ...(district !== undefined && { district }) };
    return scope.kind === 'park' ? of : { ...of, enterprise: scope.id };
  }
}

const OF_PARK = 'consumption of ';
const parkOf = (key: string): string => key.slice(OF_PARK.length);
const ALWAYS = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };
const nameOf = ([key, measurement]: readonly [string, ResultMeasurement]): string => `${measurement} ${key}`;

const seriesOf = (spans: readonly ResultSpan[]): ReadonlyMap<string, ResultMeasurement> =>
  new Map(spans.flatMap((span) => (span.points.length > 0 ? [[resultKey(span), span.measurement] as const] : [])));

/** Batches of about `POINTS_AT_ONCE` points. */
function* batchesOf<T>(all: readonly T[], spansOf: (one: T) => readonly ResultSpan[]): Generator<T[]> {
  let batch: T[] = [];
  let size = 0;
  for (const one of all) {
    batch.push(one);
    size += spansOf(one).reduce((sum, { points }) => sum + points.length, 1);
    if (size < POINTS_AT_ONCE) continue;
    yield batch;
    [batch, size] = [[], 0];
  }
  if (batch.length > 0) yield batch;
}
