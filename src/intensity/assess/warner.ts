import type { Park } from '../../model/parks.js';
import { DAY_MS, HOUR_MS } from '../../model/time/duration.js';
import type { TimeZone } from '../../model/time/zone.js';
import type { Ledgers } from '../ledger/ledgers.js';
import { dayAt, monthAt, monthSpan } from '../local-months.js';
import type { Assessment } from '../model/assess/assessment.js';
import { type Scope, scopeText } from '../model/assess/scope.js';
import type { Carrier } from '../model/boundary/carriers.js';
import { lossBeyond } from '../model/boundary/losses.js';
import { completenessOf } from '../model/quantity/quantity.js';
import { isAddedValue } from '../model/statistics/entry.js';
import { type Month, monthText, yearOf } from '../model/statistics/period.js';
import { type Grain, grainsOf, oldestDue } from '../model/warn/overdue.js';
import { verdictWarnings } from '../model/warn/verdict-warnings.js';
import { type Warning, type Warnings, warningPart } from '../model/warn/warning.js';
import type { Consumption, MeterBook } from '../port.js';
import type { Assessor } from './assessor.js';
import { setOfPark } from './park-books.js';

interface WarnerDeps {
  readonly ledgers: Ledgers;
  readonly assessor: Assessor;
  readonly consumption: Consumption;
  readonly meters: Pick<MeterBook, 'tree'>;
  readonly zone: TimeZone;
  /** Epoch milliseconds. */
  readonly clock: () => number;
  readonly log: { error(fields: object, message: string): void };
}

/** How often all warnings are sent again, for a listener that failed the last time. */
const TELL_MS = 60_000;
/** How often the warner looks at meters and statistics; after a failure it tries again the next time. */
const LOOK_MS = HOUR_MS;
const RETRY_MS = 60_000;
/** Before this much of a month has passed, its shares say nothing. */
const LEAST_MS = DAY_MS;

/**
 * Collects what the 5 % has to warn of: of verdicts as they are computed, of meters and statistics once an hour and after a
 * change of them. What cannot be computed keeps what was known before; nothing is told of what was never known.
 */
export class Warner {
  /** By scope, carrier and year; and of meters and statistics by park. */
  readonly #verdicts = new Map<string, { readonly year: number; readonly warnings: readonly Warning[] }>();
  readonly #parks = new Map<string, readonly Warning[]>();
  readonly #listeners: ((warnings: Warnings) => void)[] = [];
  #looked: { readonly stamp: string; readonly at: number; readonly done: boolean } | null = null;
  #toldAt = Number.NEGATIVE_INFINITY;
  #news = false;
  #running: Promise<void> | null = null;
  #isClosed = false;

  constructor(private readonly deps: WarnerDeps) {}

  /** Calls `listener` with all known warnings whenever one of them is new, and once a minute. */
  onWarnings(listener: (warnings: Warnings) => void): void {
    this.#listeners.push(listener);
  }

  /** Accepts an assessment that was just computed. */
  assessed(scope: Scope, carrier: string, assessment: Assessment): void {
    const running = this.#runningMonth();
    const year = yearOf(running);
    const warnings = verdictWarnings({ scope, carrier, assessment, year, running });
    this.#verdicts.set(`${scopeText(scope)} ${carrier} ${assessment.year}`, { year: assessment.year, warnings });
    for (const [key, one] of this.#verdicts) if (one.year < year - 1) this.#verdicts.delete(key);
    this.#news = true;
  }

  /** Looks at what is due by now, and calls the listener. */
  tick(): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    this.#running ??= this.#due()
      .catch((error: unknown) => this.#failed(error))
      .finally(() => {
        this.#running = null;
      });
    return this.#running;
  }

  /** Resolves once no computation runs. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#running;
  }

  async #due(): Promise<void> {
    const { ledgers, zone, clock } = this.deps;
    const now = clock();
    const changed = [ledgers.statistics, ledgers.countedSets, ledgers.meters, ledgers.swaps, ledgers.voids];
    const versions = [...changed, ledgers.gapRules, ledgers.lossLimits].map(({ version }) => version);
    const stamp = `${dayAt(zone, now)} ${versions.join(' ')}`;
    const last = this.#looked;
    const every = last?.done ? LOOK_MS : RETRY_MS;
    if (last?.stamp !== stamp || Math.abs(now - last.at) >= every) {
      this.#looked = { stamp, at: now, done: false };
      const done = await this.#look(now);
      this.#looked = { stamp, at: now, done };
    }
    if (this.#news || Math.abs(now - this.#toldAt) >= TELL_MS) this.#tell(now);
  }

  #tell(now: number): void {
    if (this.#isClosed) return;
    this.#news = false;
    this.#toldAt = now;
    const warnings = [...this.#verdicts.values()].flatMap((one) => one.warnings);
    for (const one of this.#parks.values()) warnings.push(...one);
    const since = monthText(this.#runningMonth() - 1);
    for (const listener of this.#listeners) {
      try {
        listener({ warnings, since });
      } catch (error) {
        this.deps.log.error({ err: error }, 'a listener to warnings of the 5 % failed');
      }
    }
  }

  /**
   * Resolves to whether all could be looked at. What could not keeps what was known of it, and nothing else from being
   * looked at.
   */
  async #look(now: number): Promise<boolean> {
    const { assessor, ledgers } = this.deps;
    const entries = [...ledgers.statistics.believed().at.values()];
    const grains = grainsOf(entries.map(({ value }) => value).filter(isAddedValue));
    let failed: unknown = null;
    const kept = new Set<string>();
    const look = async (key: string, warnings: () => readonly Warning[] | Promise<readonly Warning[]>) => {
      kept.add(key);
      try {
        this.#parks.set(key, await warnings());
      } catch (error) {
        failed ??= error;
      }
    };
    for (const park of assessor.parksOf({ kind: 'city' })) {
      if (this.#isClosed) return false;
      await look(`${park.id} statistics`, () => this.#ofStatistics(park, grains, now));
      const tree = this.deps.meters.tree(park.id).filter((one) => one.park === park.id);
      for (const carrier of new Set(tree.map((one) => one.carrier))) {
        await look(`${park.id} ${carrier}`, () => this.#ofMeters(park.id, carrier, now));
      }
      this.#news = true;
    }
    // A carrier that is no longer metered has nothing to warn of.
    for (const key of this.#parks.keys()) if (!kept.has(key)) this.#parks.delete(key);
    if (failed === null || this.#isClosed) return failed === null;
    this.#failed(failed);
    return false;
  }

  #failed(error: unknown): void {
    this.deps.log.error({ err: error }, 'meters and statistics of the 5 % could not be looked at; it is tried again');
  }

  /**
   * The park's members of last year and this, the oldest figure that is missing of all of them. Of a park that has no members
   * in either, nothing is due and nothing watched.
   */
  #ofStatistics(place: Park, grains: ReadonlyMap<string, Grain>, now: number): Warning[] {
    const { assessor, zone } = this.deps;
    const known = assessor.known();
    const running = monthAt(zone, now);
    const { id: park } = place;
    const years = [yearOf(running) - 1, yearOf(running)];
    const sets = years.map((year) => ({ year, members: setOfPark(known, place, year) ?? [] }));
    const told = { metric: 'statistics_age_d', part: warningPart([park, 'statistics']), park } as const;
    if (sets.every(({ members }) => members.length === 0)) return [{ ...told, value: null }];
    const due = sets.flatMap(({ year, members }) =>
      members.flatMap((member) => oldestDue(known.values, member, grains.get(member) ?? 'month', year, running) ?? []),
    );
    const days = due.length === 0 ? 0 : Math.floor((now - monthSpan(zone, Math.min(...due)).to) / DAY_MS);
    return [{ ...told, value: Math.max(0, days) }];
  }

  /** Completeness and losses of a carrier that the park meters, of last month and of the running one. */
  async #ofMeters(park: string, carrier: Carrier, now: number): Promise<Warning[]> {
    const { zone, consumption } = this.deps;
    const running = monthAt(zone, now);
    const warnings: Warning[] = [];
    for (const month of [running - 1, running]) {
      const span = monthSpan(zone, month);
      if (this.#isClosed || Math.min(now, span.to) - span.from < LEAST_MS) continue;
      const query = { park, of: { kind: 'park' }, carrier, every: 'month', ...span } as const;
      const { rows, losses, lossLimits } = await consumption.rows({ ...query, ...BOUNDS });
      const text = monthText(month);
      const measured = rows[0] === undefined ? null : completenessOf(rows[0].quantity);
      if (measured !== null) {
        const part = warningPart([park, carrier], text);
        warnings.push({ metric: 'month_measured_pct', part, park, value: 100 * measured });
      }
      for (const one of losses) {
        const value = lossBeyond(one, lossLimits);
        const device = one.meter.device.slice(park.length + 1);
        const part = warningPart([park, carrier, device, one.meter.register], text);
        if (value !== null) warnings.push({ metric: 'loss_beyond_limit_pct', part, park, value });
      }
    }
    return warnings;
  }

  #runningMonth(): Month {
    return monthAt(this.deps.zone, this.deps.clock());
  }
}

/** One month of a park, which has at most some thousand meters. */
const BOUNDS = { maxRows: 4, maxCells: 1_000_000 } as const;
