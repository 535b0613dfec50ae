import { join } from 'node:path';
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
import type { HistoryDamage, RollupStats } from '../port/stats.js';
import type { Chore, ReadingsBatch, StoreTimes } from '../port/store.js';
import type { RateSource } from '../rollup/meter-rates.js';
import type { RollupStore } from '../rollup/port.js';
import type { RollupMaker } from '../rollup/rollup-maker.js';
import { rollupStatsOf } from '../rollup/trouble/trouble.js';
import { damageOf, isWhole } from './catalog/damage.js';
import { FileWatch } from './catalog/file-watch.js';
import { makeFolder } from './catalog/files.js';
import { forgetAcceptance, giveUp, orGiveUp } from './catalog/give-up.js';
import { type Change, Ledger } from './catalog/ledger.js';
import { dayOf, type Manifest } from './catalog/manifest.js';
import { type JournalBounds, type Opened, openManifest, sweep } from './catalog/recovery.js';
import { SeriesDictionary } from './catalog/series-dictionary.js';
import { Views } from './catalog/view.js';
import { Engine } from './engine.js';
import type { CompactionRules } from './maintain/compaction.js';
import type { LakeFiles } from './maintain/drop-and-compact.js';
import { LakeHousekeeping } from './maintain/housekeeping.js';
import { Answering } from './read/answering.js';
import { countReadings } from './read/counts.js';
import { oldestIn } from './read/good-readings.js';
import { openLatest } from './read/latest-file.js';
import { findLatest } from './read/latest-query.js';
import { LatestValues } from './read/latest-values.js';
import { rawChunks } from './read/raw.js';
import { LakeRollups } from './rollups/lake-rollups.js';
import { HotTable } from './write/hot-table.js';
import { LakeWriter } from './write/lake-writer.js';
import { TEMPORARY } from './write/write-file.js';

export interface LakeOptions {
  readonly folder: string;
  /** What the journal that is tailed still has; without it that is not compared with what the lake has. */
  readonly journal?: JournalBounds;
  /** Days that readings are kept: where they are more than in an earlier life, what was dropped then is taken again. */
  readonly rawDays?: number;
  /** IANA name of the zone whose days are rolled up. */
  readonly timeZone: string;
  /** Bounds of devices' counters. */
  readonly rates?: RateSource;
  /** Rows after which the hot table is sealed; it holds at most twice as many. */
  readonly sealRows?: number;
  /** Age of the first unsealed row, as `maintain` is told, after which it is sealed. */
  readonly sealAgeMs?: number;
  readonly compaction?: Partial<CompactionRules>;
  readonly memoryMb?: number;
  readonly threads?: number;
  /** Told of what went wrong in the background and is tried again; the next `maintain` throws it too. */
  readonly onBackgroundError?: (error: unknown) => void;
  /** Told, once, of what somebody should look at. */
  readonly onWarning?: (message: string) => void;
  /** Epoch milliseconds. */
  readonly clock?: () => number;
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
  private rollups!: LakeRollups;
  private writer!: LakeWriter;
  private latestValues = new LatestValues();
  private watch!: FileWatch;
  private answering!: Answering;
  private housekeeping!: LakeHousekeeping;
  private tables = 0;
  private maintaining: Promise<void> | null = null;

  constructor(private readonly options: LakeOptions) {
    this.folder = options.folder;
    this.rules = { ...COMPACTION, ...options.compaction };
  }

  /** @throws LakeDamaged when what is there is not one whole lake, or another than the journal's; nothing is changed then */
  async open(): Promise<void> {
    const { folder, options } = this;
    const { journal = null } = options;
    await makeFolder(folder);
    try {
      await this.openWith(await openManifest(folder, journal));
    } catch (error) {
      const rest = await giveUp(folder, error, journal);
      if (rest !== null) await this.openWith(rest);
      else throw orGiveUp(error);
    }
    await forgetAcceptance(folder);
  }

  private async openWith({ manifest, fresh, problem }: Opened): Promise<void> {
    const { folder } = this;
    this.ledger = new Ledger(folder, manifest);
    this.series = await SeriesDictionary.open(folder, manifest);
    try {
      LakeRollups.check(folder, manifest);
      const swept = await sweep(folder, manifest);
      await this.openEngine();
      const { engine, ledger } = this;
      this.watch = new FileWatch({
        ...{ folder, engine, ledger, commit: this.files.commit },
        warn: (message) => this.options.onWarning?.(message),
        onChange: () => this.views?.replace({ files: ledger.manifest.files }),
      });
      await this.watch.takeStock(swept, fresh || problem !== null);
      await this.openParts();
      if (problem !== null) this.options.onWarning?.(problem);
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
    return rollupStatsOf(this.rollups.rollupMaker);
  }

  final(): number {
    return this.rollups.rollupMaker.stats.ignored;
  }

  ignored(): number {
    return this.writer.ignored;
  }

  damage(): HistoryDamage {
    return damageOf(this.manifest, this.watch.setAside, this.rollups.rollupMaker.gaps);
  }

  /** Rows and bytes on disk, rows not yet sealed, and readings since the start that came after their day was dropped. */
  size(): { files: number; rows: number; bytes: number; unsealedRows: number; ignored: number } {
    const { files, hot } = this.views.current;
    const sum = (of: 'rows' | 'bytes') => files.reduce((total, file) => total + file[of], 0);
    const unsealedRows = hot.reduce((total, table) => total + table.rows, 0);
    return { files: files.length, rows: sum('rows'), bytes: sum('bytes'), unsealedRows, ignored: this.writer.ignored };
  }

  /** What queries wait for at most, about ten milliseconds of work. */
  batchBytes(): number {
    return 256 * 1024;
  }

  append(batches: readonly ReadingsBatch[]): Promise<void> {
    return this.writer.append(batches);
  }

  maintain(now: number, keepFrom: number, settledTo = now): Promise<void> {
    this.maintaining ??= this.housekeeping.chores.all({ now, keepFrom, settledTo }).finally(() => {
      this.maintaining = null;
    });
    return this.maintaining;
  }

  flush(): Promise<void> {
    return this.writer.sealAll();
  }

  async close(): Promise<void> {
    await this.writer.rest();
    this.rollups.stop();
    this.engine.endWork();
    await this.maintaining?.catch(() => undefined);
    await this.housekeeping.chores.rest();
    await this.views.swept();
    this.engine.close();
    this.rollups.close();
    await this.series.close();
  }

  raw(query: RawQuery, signal?: AbortSignal): AsyncGenerator<RawChunk, void, undefined> {
    return this.answering.answer((source) => rawChunks(source, query), signal);
  }

  windows(query: WindowQuery, signal?: AbortSignal): AsyncGenerator<WindowChunk, void, undefined> {
    return this.answering.answer((source) => this.rollups.windows(source, query), signal);
  }

  async latest(query: LatestQuery): Promise<LatestValue[]> {
    return findLatest(this.latestValues, this.series, query);
  }

  get rollupStore(): RollupStore {
    return this.rollups.table;
  }

  /** Time of the oldest reading kept; null when there is none. */
  async oldest(): Promise<number | null> {
    return oldestIn(this.views.current);
  }

  /** Readings kept with `from <= ts < to`, whatever their quality, of each series in the order asked. */
  async counts(series: readonly SeriesKey[], from: number, to: number): Promise<number[]> {
    return this.answering.once((source) => countReadings(source, series, from, to));
  }

  get rollupMaker(): RollupMaker {
    return this.rollups.rollupMaker;
  }

  get keptFrom(): number {
    const { keptFrom } = this.manifest;
    return keptFrom === Number.MIN_SAFE_INTEGER ? Number.NEGATIVE_INFINITY : keptFrom;
  }

  async keepFrom(time: number): Promise<void> {
    const keptFrom = dayOf(time);
    this.rollups.bound.keepFrom(keptFrom);
    if (keptFrom > this.keptFrom) await this.files.commit({ keptFrom });
  }

  async originOf(device: DeviceKey): Promise<DeviceOrigin | undefined> {
    return this.series.originOf(device);
  }

  async addSeries(key: SeriesKey, origin: DeviceOrigin): Promise<void> {
    if (this.series.find(key) !== undefined) return;
    const { park, domain } = this.series.originOf(key.device) ?? origin;
    this.series.device(key.device, park, domain);
    this.series.number(key.device, key.metric);
  }

  private get manifest(): Manifest {
    return this.ledger.manifest;
  }

  private get files(): LakeFiles {
    const { folder, engine, ledger, views, series, watch } = this;
    const commit = async (change: Change) => {
      await series.stillThere();
      await ledger.commit({ ...change, ...series.durable });
    };
    return { folder, engine, ledger, views, watch, commit };
  }

  private async openEngine(): Promise<void> {
    this.engine = await Engine.open({
      spillFolder: join(this.folder, TEMPORARY, 'spill'),
      memoryMb: this.options.memoryMb ?? 256,
      threads: this.options.threads ?? 2,
    });
  }

  private async openParts(): Promise<void> {
    const { folder, series, engine, options, watch } = this;
    const {
      sealRows = 1_000_000,
      sealAgeMs = 600_000,
      onBackgroundError = () => undefined,
      timeZone,
      clock = Date.now,
    } = options;
    this.latestValues = await openLatest({ folder, engine, ledger: this.ledger, watch, now: clock() });
    const { files } = this.manifest;
    const hot = await this.newTable();
    this.views = new Views({ files, hot: [hot] }, onBackgroundError);
    this.answering = new Answering({
      ...{ engine, folder, series, watch, views: this.views },
      show: () => this.writer.show(),
    });
    const { latestValues, answering } = this;
    this.rollups = LakeRollups.open({
      ...{ folder, timeZone, series, rawDays: options.rawDays ?? 0, rates: options.rates },
      whole: (from, to) => isWhole(this.manifest, from, to),
      pin: () => answering.pinSlowly(),
    });
    this.writer = new LakeWriter(
      {
        files: this.files,
        series,
        latestValues,
        rollupMaker: this.rollups.rollupMaker,
        bound: this.rollups.bound,
        hot,
        newTable: () => this.newTable(),
      },
      { sealRows, sealAgeMs, onBackgroundError },
    );
    const { files: lakeFiles, writer, rollups, rules } = this;
    this.housekeeping = new LakeHousekeeping({ files: lakeFiles, writer, rollups, latestValues, rules });
  }

  get times(): StoreTimes {
    return this.housekeeping.times;
  }

  chores(): readonly Chore[] {
    return this.housekeeping.chores.list;
  }

  private newTable(): Promise<HotTable> {
    this.tables += 1;
    return HotTable.create(this.engine, `hot_${this.tables}`);
  }
}
