import type { MovableStore } from '../move/port.js';
import type { BucketChunk, BucketQuery, RawChunk, RawQuery, WindowChunk, WindowQuery } from '../port/queries.js';
import type { ResultQuery, ResultSeries, ResultSpan } from '../port/results.js';
import type { OwnStats } from '../port/stats.js';
import type { Chore, ReadingsBatch, StoreTimes } from '../port/store.js';
import type { RollupStore } from '../rollup/port.js';
import type { RollupMaker } from '../rollup/rollup-maker.js';
import { damageOf } from './catalog/damage.js';
import { dayOf, type Manifest } from './catalog/manifest.js';
import { type LakeOptions, type LakeParts, openLake } from './open.js';
import { oldestIn } from './read/good-readings.js';
import { countReadings, lakeRawChunks } from './read/raw.js';

/** Readings in Parquet files by UTC day, the newest in hot tables; the journal keeps batches until they are sealed. */
export class LakeStore implements MovableStore {
  private parts!: LakeParts;
  private readonly ending = new AbortController();
  /** Native code may run. */
  private inUse = false;

  constructor(private readonly options: LakeOptions) {}

  async open(): Promise<void> {
    this.inUse = true;
    try {
      this.parts = await openLake(this.options, this.ending.signal);
    } catch (error) {
      this.inUse = false;
      throw error;
    }
  }

  /** Ends what DuckDB works on with an error, also the opening; later work fails. */
  giveUp(): void {
    this.ending.abort(new Error('the lake is closing'));
  }

  holdsThread(): boolean {
    return this.inUse;
  }

  durableSeq(): number {
    return this.manifest.sealedSeq;
  }

  stats(): Omit<OwnStats, 'rewrite'> {
    const { rollupMaker, parts } = this;
    const damage = damageOf(this.manifest, parts.files.checks.setAside, rollupMaker.gaps);
    return { ...rollupMaker.told, damage, ignored: parts.writer.ignored };
  }

  /** Files, rows and bytes on disk, and unsealed rows. */
  size(): { files: number; rows: number; bytes: number; unsealedRows: number } {
    const { files, hot } = this.parts.files.views.current;
    const sum = (of: 'rows' | 'bytes') => files.reduce((total, file) => total + file[of], 0);
    const unsealedRows = hot.reduce((total, table) => total + table.rows, 0);
    return { files: files.length, rows: sum('rows'), bytes: sum('bytes'), unsealedRows };
  }

  /** About ten milliseconds of work: the longest that a query waits for a batch. */
  batchBytes(): number {
    return 256 * 1024;
  }

  append(batches: readonly ReadingsBatch[]): Promise<void> {
    return this.parts.writer.append(batches);
  }

  maintain(now: number, keepFrom: number, settledTo = now): Promise<void> {
    return this.parts.housekeeping.chores.all({ now, keepFrom, settledTo });
  }

  chores(): readonly Chore[] {
    return this.parts.housekeeping.chores.list;
  }

  get times(): StoreTimes {
    return this.parts.housekeeping.times;
  }

  flush(): Promise<void> {
    return this.parts.writer.sealAll();
  }

  /** Gives up a seal that `flush` did not finish: the journal still has its readings. */
  async close(): Promise<void> {
    this.giveUp();
    await this.parts.writer.rest();
    this.parts.rollups.stop();
    await this.parts.housekeeping.chores.rest();
    await this.parts.files.views.swept();
    await this.parts.engine.close();
    this.inUse = false;
    this.parts.rollups.close();
    this.parts.results.close();
    await this.parts.series.close();
  }

  raw(query: RawQuery, signal?: AbortSignal): AsyncGenerator<RawChunk, void, undefined> {
    return this.parts.answering.answer((source) => lakeRawChunks(source, query), signal);
  }

  windows(query: WindowQuery, signal?: AbortSignal): AsyncGenerator<WindowChunk, void, undefined> {
    return this.parts.answering.answer((source) => this.parts.rollups.windows(source, query), signal);
  }

  buckets(query: BucketQuery, signal?: AbortSignal): AsyncGenerator<BucketChunk, void, undefined> {
    return this.parts.answering.answer((source) => this.parts.rollups.buckets(source, query), signal);
  }

  async *results(query: ResultQuery, signal?: AbortSignal): AsyncGenerator<ResultSeries, void, undefined> {
    for (const series of this.parts.results.find(query)) {
      signal?.throwIfAborted();
      yield series;
    }
  }

  async replaceResults(spans: readonly ResultSpan[]): Promise<number> {
    return this.parts.results.replace(spans);
  }

  readonly latest: MovableStore['latest'] = async (query) => this.parts.latestValues.find(this.parts.series, query);

  get rollupStore(): RollupStore {
    return this.parts.rollups.table;
  }

  get rollupMaker(): RollupMaker {
    return this.parts.rollups.rollupMaker;
  }

  async oldest(): Promise<number | null> {
    return oldestIn(this.parts.files.views.current);
  }

  readonly counts: MovableStore['counts'] = (series, from, to) =>
    this.parts.answering.once((source) => countReadings(source, series, from, to));

  get keptFrom(): number {
    const { keptFrom } = this.manifest;
    return keptFrom === Number.MIN_SAFE_INTEGER ? Number.NEGATIVE_INFINITY : keptFrom;
  }

  async keepFrom(time: number): Promise<void> {
    const keptFrom = dayOf(time);
    this.parts.rollups.bound.keepFrom(keptFrom);
    if (keptFrom > this.keptFrom) await this.parts.files.commit({ keptFrom });
  }

  readonly originOf: MovableStore['originOf'] = async (device) => this.parts.series.originOf(device);

  readonly addSeries: MovableStore['addSeries'] = async (key, origin) => {
    const { series } = this.parts;
    if (series.find(key) !== undefined) return;
    const { park, domain } = series.originOf(key.device) ?? origin;
    series.device(key.device, park, domain);
    series.number(key.device, key.metric);
  };

  private get manifest(): Manifest {
    return this.parts.files.committed.manifest;
  }
}
