import { rm } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { SeriesKey, WindowFunction, WindowQuery } from '../../../../src/historian/port/queries.js';
import { foldedWindows, plannedWindows } from '../../../../src/historian/rollup/make/planner.js';
import {
  type GoodReadings,
  type Rollup,
  type RollupLevel,
  type RollupSource,
  type RollupStore,
  type SeriesRollups,
  seriesName,
  seriesNamed,
} from '../../../../src/historian/rollup/port.js';
import type { DirtyBounds } from '../../../../src/historian/rollup/progress/dirty-hours.js';
import { ProgressFile } from '../../../../src/historian/rollup/progress/progress-file.js';
import { RollupMaker } from '../../../../src/historian/rollup/rollup-maker.js';
import { metric } from '../../../../src/model/catalogue/index.js';
import { TimeZone } from '../../../../src/model/time/zone.js';
import { MemoryRates } from './memory-rates.js';

export interface Arrival extends SeriesKey {
  readonly ts: number;
  readonly value: number;
  readonly good?: boolean;
}

type Readings = Map<string, Map<number, Arrival>>;

/** Raw readings in memory; each read takes some turns of the event loop and returns small parts. */
class MemorySource implements RollupSource {
  readings: Readings = new Map();
  /** Stretches that cannot be read. */
  broken: (from: number, to: number) => boolean = () => false;
  /** Called at each read. */
  onRead: () => void = () => undefined;
  /** Every stretch that was read, for tests that forbid some. */
  readonly reads: { readonly series: readonly SeriesKey[] | 'all'; readonly from: number; readonly to: number }[] = [];

  put(arrival: Arrival): void {
    const name = seriesName(arrival);
    const known = this.readings.get(name) ?? new Map();
    this.readings.set(name, known.set(arrival.ts, arrival));
  }

  dropBefore(ts: number): void {
    for (const known of this.readings.values()) for (const at of known.keys()) if (at < ts) known.delete(at);
  }

  /** Good readings, times rising. */
  goodOf(name: string, from: number, to: number): Arrival[] {
    const all = [...(this.readings.get(name)?.values() ?? [])];
    return all.filter(({ ts, good }) => good !== false && ts >= from && ts < to).sort((a, b) => a.ts - b.ts);
  }

  async *goodReadings(series: readonly SeriesKey[] | 'all', from: number, to: number): AsyncGenerator<GoodReadings> {
    this.reads.push({ series, from, to });
    this.onRead();
    if (this.broken(from, to)) throw new Unreadable(`cannot read from ${new Date(from).toISOString()}`);
    for (const name of series === 'all' ? [...this.readings.keys()] : series.map(seriesName)) {
      await nextTurn();
      const found = this.goodOf(name, from, to);
      for (let i = 0; i < found.length; i += 5) {
        const part = found.slice(i, i + 5);
        const [ts, value] = [part.map((one) => one.ts), part.map((one) => one.value)];
        yield {
          series: seriesNamed(name),
          ts: Float64Array.from(ts),
          value: Float64Array.from(value),
        };
      }
    }
  }

  async oldest(): Promise<number | null> {
    await nextTurn();
    const all = [...this.readings.values()].flatMap((known) => [...known.keys()]);
    return all.length === 0 ? null : Math.min(...all);
  }
}

export class DiskFull extends Error {}
export class Unreadable extends Error {}

/** Roll-ups in memory, which outlive a crash. */
class MemoryStore implements RollupStore {
  readonly rows: Record<RollupLevel, Map<string, Map<number, Rollup>>> = { hour: new Map(), day: new Map() };
  /** Rows that can be written before the disk is full. */
  room = Number.POSITIVE_INFINITY;
  /** Names of series whose rows cannot be read, and of series whose rows cannot be written. */
  unreadable = new Set<string>();
  unwritable = new Set<string>();
  /** Stretches whose hours cannot be read for all series together. */
  brokenHours: (from: number, to: number) => boolean = () => false;

  async write(level: RollupLevel, series: readonly SeriesRollups[]): Promise<void> {
    await nextTurn();
    for (const { series: key, rollups: rows } of series) {
      if (this.unwritable.has(seriesName(key))) throw new Unreadable(`cannot write ${seriesName(key)}`);
      const known = this.rows[level].get(seriesName(key)) ?? new Map();
      this.rows[level].set(seriesName(key), known);
      for (const row of rows) {
        if (this.room <= 0) throw new DiskFull('no space left');
        this.room -= 1;
        known.set(row.start, structuredClone(row));
      }
    }
  }

  async *read(level: RollupLevel, series: readonly SeriesKey[], from: number, to: number) {
    for (const key of series) {
      await nextTurn();
      if (this.unreadable.has(seriesName(key))) throw new Unreadable(`cannot read the rows of ${seriesName(key)}`);
      const known = [...(this.rows[level].get(seriesName(key))?.values() ?? [])];
      const rows = known.filter(({ start }) => start >= from && start < to).sort((a, b) => a.start - b.start);
      for (let i = 0; i < rows.length; i += 7) yield { series: key, rollups: rows.slice(i, i + 7) };
    }
  }

  async *readAll(
    level: RollupLevel,
    from: number,
    to: number,
    onFailed?: (series: SeriesKey, error: unknown) => void,
  ): AsyncGenerator<SeriesRollups> {
    if (level === 'hour' && this.brokenHours(from, to)) throw new Unreadable('cannot read the hours');
    for (const series of [...this.rows[level].keys()].map(seriesNamed)) {
      if (this.unreadable.has(seriesName(series)) && onFailed !== undefined) onFailed(series, new Unreadable('rows'));
      else yield* this.read(level, [series], from, to);
    }
  }

  async lastBefore(series: readonly SeriesKey[], before: number): Promise<Map<string, Rollup>> {
    const found = new Map<string, Rollup>();
    for await (const { series: key, rollups } of this.read('hour', series, Number.NEGATIVE_INFINITY, before)) {
      found.set(seriesName(key), rollups.at(-1)!);
    }
    return found;
  }
}

/** A minimal adapter: after a crash its journal gives what was not durable again. */
export class Park {
  readonly source = new MemorySource();
  readonly store = new MemoryStore();
  readonly rates = new MemoryRates();
  readonly journal: (readonly Arrival[])[] = [];
  rollupMaker: RollupMaker;
  private progressFile: ProgressFile;
  /** Milliseconds of the maker's monotonic clock. */
  uptime = 0;
  /** How long each read of readings takes by that clock: a slow machine works in shorter stretches. */
  readMs = 0;
  private durable = 0;
  private applied = 0;
  private durableReadings: Readings = new Map();
  private keptFrom = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly path: string,
    private zone = 'Asia/Shanghai',
    private readonly dirtyBounds?: DirtyBounds,
  ) {
    this.progressFile = ProgressFile.open(this.path);
    this.rollupMaker = this.openKeeper();
    this.source.onRead = () => {
      this.uptime += this.readMs;
    };
  }

  append(...arrivals: Arrival[]): void {
    this.journal.push(arrivals);
    this.apply();
  }

  makeDurable(): void {
    this.rollupMaker.saveProgress();
    this.durable = this.applied;
    this.durableReadings = new Map([...this.source.readings].map(([name, known]) => [name, new Map(known)]));
  }

  /** Drops raw readings, as far as roll-ups allow it. */
  drop(before: number): void {
    this.keptFrom = Math.min(before, this.rollupMaker.droppable);
    this.rollupMaker.keepFrom(this.keptFrom);
    this.source.dropBefore(this.keptFrom);
  }

  /** The process ends abruptly and another one opens what is on disk. */
  crash(zone = this.zone): void {
    this.progressFile.close();
    this.store.room = Number.POSITIVE_INFINITY;
    this.zone = zone;
    this.source.readings = new Map([...this.durableReadings].map(([name, known]) => [name, new Map(known)]));
    this.applied = this.durable;
    this.progressFile = ProgressFile.open(this.path);
    this.rollupMaker = this.openKeeper();
    this.apply();
    this.source.dropBefore(this.keptFrom);
  }

  /** The progress file looks as if a version with another counter model wrote it. */
  countedByEarlierVersion(): void {
    this.progressFile.set('counters', '1');
  }

  /** An operator deleted the progress file while the service was down. */
  async loseMarks(): Promise<void> {
    this.progressFile.close();
    await Promise.all(['', '-wal', '-shm'].map((end) => rm(`${this.path}${end}`, { force: true })));
    this.progressFile = ProgressFile.open(this.path);
    this.rollupMaker = this.openKeeper();
  }

  /** Everything received before `until` is visible; works until no work is left. */
  async workAll(until?: number): Promise<void> {
    if (until !== undefined) this.rollupMaker.settled(until);
    for (let i = 0; await this.rollupMaker.work(); i += 1) if (i > 5_000) throw new Error('the work does not end');
  }

  /** The same as housekeeping does it: retries failures. Returns the errors. */
  async keepWorking(until?: number, calls = 200): Promise<unknown[]> {
    if (until !== undefined) this.rollupMaker.settled(until);
    const failed: unknown[] = [];
    for (let i = 0; i < calls; i += 1) {
      const more = await this.rollupMaker.work().catch((error: unknown) => {
        failed.push(error);
        return true;
      });
      if (!more) break;
    }
    return failed;
  }

  /** Windows as [start, value], by series. */
  async windows(series: readonly SeriesKey[], fn: WindowFunction, edges: readonly number[]) {
    const answers = new Map<string, [number, number][]>();
    const query = { series, fn, edges: Float64Array.from(edges) };
    const raw = (asked: WindowQuery) => foldedWindows(this, asked);
    for await (const chunk of plannedWindows(this, query, raw)) {
      const into = answers.get(seriesName(chunk.series)) ?? [];
      answers.set(seriesName(chunk.series), into);
      chunk.start.forEach((start, i) => {
        into.push([start, chunk.value[i]!]);
      });
    }
    return answers;
  }

  close(): void {
    this.progressFile.close();
  }

  private apply(): void {
    for (const arrival of this.journal.slice(this.applied).flat()) {
      this.source.put(arrival);
      if (arrival.ts < this.rollupMaker.noteBefore) this.rollupMaker.note(arrival, arrival.ts);
    }
    this.applied = this.journal.length;
  }

  private openKeeper(): RollupMaker {
    const { source, store, progressFile, rates, dirtyBounds } = this;
    const metricOf = ({ metric: key }: SeriesKey) => metric('energy', key);
    const zone = new TimeZone(this.zone);
    const uptime = () => this.uptime;
    const bounds = dirtyBounds && { dirtyBounds };
    return new RollupMaker({ progressFile, source, store, rates, metricOf, zone, uptime, ...bounds });
  }
}
