import type { DeviceKey } from '../../model/ids.js';
import type { DeviceOrigin, MovableStore } from '../move/port.js';
import type {
  LatestQuery,
  LatestValue,
  RawChunk,
  RawQuery,
  SeriesKey,
  WindowChunk,
  WindowQuery,
} from '../port/queries.js';
import type { OwnStats } from '../port/stats.js';
import type { Chore, ReadingsBatch, StoreTimes } from '../port/store.js';
import type { RollupStore } from '../rollup/port.js';
import type { RollupMaker } from '../rollup/rollup-maker.js';
import { damageOf } from './catalog/damage.js';
import { dayOf, type Manifest } from './catalog/manifest.js';
import { type LakeOptions, type LakeParts, openLake } from './open.js';
import { countReadings } from './read/counts.js';
import { oldestIn } from './read/good-readings.js';
import { rawChunks } from './read/raw.js';

/** Readings in Parquet files by UTC day, the newest in memory; what is not yet sealed is still in the journal. */
export class LakeStore implements MovableStore {
  private parts!: LakeParts;

  constructor(private readonly options: LakeOptions) {}

  async open(): Promise<void> {
    this.parts = await openLake(this.options);
  }

  durableSeq(): number {
    return this.manifest.sealedSeq;
  }

  stats(): Omit<OwnStats, 'rewrite'> {
    const { rollupMaker, parts } = this;
    const damage = damageOf(this.manifest, parts.files.watch.setAside, rollupMaker.gaps);
    return { ...rollupMaker.told, damage, ignored: parts.writer.ignored };
  }

  /** Rows and bytes on disk, rows not yet sealed, and readings since the start that came after their day was dropped. */
  size(): { files: number; rows: number; bytes: number; unsealedRows: number; ignored: number } {
    const { files, hot } = this.parts.files.views.current;
    const sum = (of: 'rows' | 'bytes') => files.reduce((total, file) => total + file[of], 0);
    const unsealedRows = hot.reduce((total, table) => total + table.rows, 0);
    return {
      files: files.length,
      rows: sum('rows'),
      bytes: sum('bytes'),
      unsealedRows,
      ignored: this.parts.writer.ignored,
    };
  }

  /** What queries wait for at most, about ten milliseconds of work. */
  batchBytes(): number {
    return 256 * 1024;
  }

  append(batches: readonly ReadingsBatch[]): Promise<void> {
    return this.parts.writer.append(batches);
  }

  maintain(now: number, keepFrom: number, settledTo = now): Promise<void> {
    return this.parts.housekeeping.chores.all({ now, keepFrom, settledTo });
  }

  flush(): Promise<void> {
    return this.parts.writer.sealAll();
  }

  async close(): Promise<void> {
    await this.parts.writer.rest();
    this.parts.rollups.stop();
    this.parts.engine.endWork();
    await this.parts.housekeeping.chores.rest();
    await this.parts.files.views.swept();
    this.parts.engine.close();
    this.parts.rollups.close();
    await this.parts.series.close();
  }

  raw(query: RawQuery, signal?: AbortSignal): AsyncGenerator<RawChunk, void, undefined> {
    return this.parts.answering.answer((source) => rawChunks(source, query), signal);
  }

  windows(query: WindowQuery, signal?: AbortSignal): AsyncGenerator<WindowChunk, void, undefined> {
    return this.parts.answering.answer((source) => this.parts.rollups.windows(source, query), signal);
  }

  async latest(query: LatestQuery): Promise<LatestValue[]> {
    return this.parts.latestValues.find(this.parts.series, query);
  }

  get rollupStore(): RollupStore {
    return this.parts.rollups.table;
  }

  /** Time of the oldest reading kept; null when there is none. */
  async oldest(): Promise<number | null> {
    return oldestIn(this.parts.files.views.current);
  }

  /** Readings kept with `from <= ts < to`, whatever their quality, of each series in the order asked. */
  async counts(series: readonly SeriesKey[], from: number, to: number): Promise<number[]> {
    return this.parts.answering.once((source) => countReadings(source, series, from, to));
  }

  get rollupMaker(): RollupMaker {
    return this.parts.rollups.rollupMaker;
  }

  get keptFrom(): number {
    const { keptFrom } = this.manifest;
    return keptFrom === Number.MIN_SAFE_INTEGER ? Number.NEGATIVE_INFINITY : keptFrom;
  }

  async keepFrom(time: number): Promise<void> {
    const keptFrom = dayOf(time);
    this.parts.rollups.bound.keepFrom(keptFrom);
    if (keptFrom > this.keptFrom) await this.parts.files.commit({ keptFrom });
  }

  async originOf(device: DeviceKey): Promise<DeviceOrigin | undefined> {
    return this.parts.series.originOf(device);
  }

  async addSeries(key: SeriesKey, origin: DeviceOrigin): Promise<void> {
    if (this.parts.series.find(key) !== undefined) return;
    const { park, domain } = this.parts.series.originOf(key.device) ?? origin;
    this.parts.series.device(key.device, park, domain);
    this.parts.series.number(key.device, key.metric);
  }

  private get manifest(): Manifest {
    return this.parts.files.ledger.manifest;
  }

  get times(): StoreTimes {
    return this.parts.housekeeping.times;
  }

  chores(): readonly Chore[] {
    return this.parts.housekeeping.chores.list;
  }
}
