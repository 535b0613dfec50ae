import { join } from 'node:path';
import type { DeviceKey } from '../../domain/ids.js';
import type { DevicePlace, MovableStore } from '../move/port.js';
import type {
  LatestQuery,
  LatestValue,
  RawChunk,
  RawQuery,
  ReadingsBatch,
  RollupStats,
  SeriesKey,
  WindowChunk,
  WindowQuery,
} from '../port.js';
import type { RollupKeeper } from '../rollup/keeper.js';
import type { RollupStore } from '../rollup/port.js';
import type { CompactionRules } from './compaction.js';
import { countReadings } from './counts.js';
import { Engine } from './engine.js';
import { LakeDamaged } from './errors.js';
import { makeFolder } from './files.js';
import { oldestIn } from './good.js';
import { HotTable } from './hot.js';
import { compact, dropDays, type LakeFiles } from './housekeeping.js';
import { Intake } from './intake.js';
import { LatestValues } from './latest.js';
import { findLatest } from './latest-query.js';
import { Ledger } from './ledger.js';
import { dayOf, type Manifest } from './manifest.js';
import { rawChunks } from './raw.js';
import type { Source } from './reader.js';
import { rebuildLatest, sweep } from './recovery.js';
import { Rolling } from './rolling.js';
import { SeriesDictionary } from './series.js';
import { Views } from './view.js';
import { TEMPORARY } from './write.js';

export interface LakeOptions {
  readonly folder: string;
  /** IANA name of the zone whose days are rolled up. */
  readonly timeZone: string;
  /** Rows after which the hot table is sealed; it holds at most twice as many. */
  readonly sealRows?: number;
  /** Age of the first unsealed row, as `maintain` is told, after which it is sealed. */
  readonly sealAgeMs?: number;
  readonly compaction?: Partial<CompactionRules>;
  readonly memoryMb?: number;
  readonly threads?: number;
  /** Told of what went wrong in the background and is tried again; the next `maintain` throws it too. */
  readonly onBackgroundError?: (error: unknown) => void;
}

const COMPACTION: CompactionRules = { maxFilesPerDay: 8, restMs: 600_000, quietMs: 3_600_000, maxRows: 2_000_000 };

/** Readings in Parquet files by UTC day, the newest in memory; what is not yet sealed is still in the journal. */
export class LakeStore implements MovableStore {
  private readonly folder: string;
  private readonly rules: CompactionRules;
  private engine!: Engine;
  private series!: SeriesDictionary;
  private ledger!: Ledger;
  private views!: Views;
  private rolling!: Rolling;
  private intake!: Intake;
  private latestValues = new LatestValues();
  private tables = 0;
  private maintaining: Promise<void> | null = null;

  constructor(private readonly options: LakeOptions) {
    this.folder = options.folder;
    this.rules = { ...COMPACTION, ...options.compaction };
  }

  async open(): Promise<void> {
    await makeFolder(this.folder);
    this.ledger = await Ledger.open(this.folder);
    await sweep(this.folder, this.manifest);
    this.series = await SeriesDictionary.open(this.folder);
    try {
      await this.openEngine();
      await this.openParts();
    } catch (error) {
      this.engine?.close();
      await this.series.close();
      throw error;
    }
  }

  durableSeq(): number {
    return this.manifest.sealedSeq;
  }

  rollupStats(): RollupStats {
    const { rolledTo, dirtySeries } = this.rolling.keeper.stats;
    return { rolledTo, dirtySeries };
  }

  /** Rows and bytes on disk, rows not yet sealed, and readings since the start that came after their day was dropped. */
  size(): { files: number; rows: number; bytes: number; unsealedRows: number; ignored: number } {
    const { files, hot } = this.views.current;
    const sum = (of: 'rows' | 'bytes') => files.reduce((total, file) => total + file[of], 0);
    const unsealedRows = hot.reduce((total, table) => total + table.rows, 0);
    return { files: files.length, rows: sum('rows'), bytes: sum('bytes'), unsealedRows, ignored: this.intake.ignored };
  }

  /** What queries wait for at most, about ten milliseconds of work. */
  batchBytes(): number {
    return 256 * 1024;
  }

  append(batches: readonly ReadingsBatch[]): Promise<void> {
    return this.intake.append(batches);
  }

  maintain(now: number, keepFrom: number, settledTo = now): Promise<void> {
    this.maintaining ??= this.housekeep(now, keepFrom, settledTo).finally(() => {
      this.maintaining = null;
    });
    return this.maintaining;
  }

  flush(): Promise<void> {
    return this.intake.sealAll();
  }

  async close(): Promise<void> {
    await this.intake.rest();
    this.rolling.stop();
    this.engine.endWork();
    await this.maintaining?.catch(() => undefined);
    await this.views.swept();
    this.engine.close();
    this.rolling.close();
    await this.series.close();
  }

  async *raw(query: RawQuery, signal?: AbortSignal): AsyncGenerator<RawChunk, void, undefined> {
    const { source, release } = this.pin(signal);
    try {
      yield* rawChunks(source, query);
    } finally {
      release();
    }
  }

  async *windows(query: WindowQuery, signal?: AbortSignal): AsyncGenerator<WindowChunk, void, undefined> {
    const { source, release } = this.pin(signal);
    try {
      yield* this.rolling.windows(source, query);
    } finally {
      release();
    }
  }

  async latest(query: LatestQuery): Promise<LatestValue[]> {
    return findLatest(this.latestValues, this.series, query);
  }

  get rollups(): RollupStore {
    return this.rolling.table;
  }

  /** Time of the oldest reading kept; null when there is none. */
  async oldest(): Promise<number | null> {
    return oldestIn(this.views.current);
  }

  /** Readings kept with `from <= ts < to`, whatever their quality, of each series in the order asked. */
  async counts(series: readonly SeriesKey[], from: number, to: number): Promise<number[]> {
    const { source, release } = this.pin();
    try {
      return await countReadings(source, series, from, to);
    } finally {
      release();
    }
  }

  get keeper(): RollupKeeper {
    return this.rolling.keeper;
  }

  get keptFrom(): number {
    const { keptFrom } = this.manifest;
    return keptFrom === Number.MIN_SAFE_INTEGER ? Number.NEGATIVE_INFINITY : keptFrom;
  }

  async keepFrom(time: number): Promise<void> {
    const keptFrom = dayOf(time);
    if (keptFrom > this.keptFrom) await this.files.commit({ keptFrom });
  }

  async placeOf(device: DeviceKey): Promise<DevicePlace | undefined> {
    return this.series.place(device);
  }

  async takeOn(key: SeriesKey, place: DevicePlace): Promise<void> {
    if (this.series.find(key) !== undefined) return;
    const { park, domain } = this.series.place(key.device) ?? place;
    this.series.device(key.device, park, domain);
    this.series.number(key.device, key.metric);
  }

  private get manifest(): Manifest {
    return this.ledger.manifest;
  }

  private get files(): LakeFiles {
    const { folder, engine, ledger, views, series } = this;
    return {
      folder,
      engine,
      ledger,
      views,
      commit: (change) => ledger.commit({ ...change, series: series.durableSize }),
    };
  }

  private async openEngine(): Promise<void> {
    if (this.series.size < this.manifest.series) {
      throw new LakeDamaged(
        `the lake's dictionary has ${this.series.size} series, its files use ${this.manifest.series}`,
      );
    }
    this.engine = await Engine.open({
      spillFolder: join(this.folder, TEMPORARY, 'spill'),
      memoryMb: this.options.memoryMb ?? 256,
      threads: this.options.threads ?? 2,
    });
  }

  private async openParts(): Promise<void> {
    const { folder, series, engine, options } = this;
    const { latest, files, keptFrom } = this.manifest;
    const { sealRows = 1_000_000, sealAgeMs = 600_000, onBackgroundError = () => undefined, timeZone } = options;
    this.latestValues =
      (latest === null ? undefined : await LatestValues.load(join(folder, latest))) ??
      (await rebuildLatest(engine, folder, files));
    this.latestValues.dropBefore(keptFrom);
    const hot = await this.newTable();
    this.views = new Views({ files, hot: [hot] }, onBackgroundError);
    this.rolling = Rolling.open({ folder, timeZone, series, engine, pin: () => this.pin() });
    const { latestValues, rolling } = this;
    this.intake = new Intake(
      { files: this.files, series, latestValues, keeper: rolling.keeper, hot, newTable: () => this.newTable() },
      { sealRows, sealAgeMs, onBackgroundError },
    );
  }

  /** What a query sees from now on, until `release`. */
  private pin(signal?: AbortSignal): { readonly source: Source; release(): void } {
    this.intake.show();
    const { engine, folder, series } = this;
    const { view, release } = this.views.pin();
    return { source: { stream: (statement) => engine.stream(statement, signal), folder, series, view }, release };
  }

  private async housekeep(now: number, keepFrom: number, settledTo: number): Promise<void> {
    await this.intake.sealIfDue(now);
    const { files, rolling } = this;
    const before = Math.min(keepFrom, rolling.keeper.droppable);
    const dropped = await dropDays(files, before, (keptFrom) => rolling.keeper.keepFrom(keptFrom));
    if (dropped !== null) this.latestValues.dropBefore(dropped);
    await compact(files, now, this.rules);
    await rolling.work(settledTo);
  }

  private newTable(): Promise<HotTable> {
    this.tables += 1;
    return HotTable.create(this.engine, `hot_${this.tables}`);
  }
}
