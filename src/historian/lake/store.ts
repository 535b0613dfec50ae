import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DATA_FLAGS, QUALITIES } from '../../domain/reading.js';
import type {
  HistorianStore,
  LatestQuery,
  LatestValue,
  RawChunk,
  RawQuery,
  ReadingsBatch,
  WindowChunk,
  WindowQuery,
} from '../port.js';
import { type CompactionRules, planCompaction } from './compaction.js';
import { Engine } from './engine.js';
import { LakeDamaged } from './errors.js';
import { makeFolder } from './files.js';
import { HotTable } from './hot.js';
import { LatestValues } from './latest.js';
import { findLatest } from './latest-query.js';
import { type Change, Ledger } from './ledger.js';
import { DAY_MS, dayOf, type Manifest } from './manifest.js';
import { mergeFiles } from './merge.js';
import { rawChunks } from './raw.js';
import { rebuildLatest, sweep } from './recovery.js';
import { sealTable } from './seal.js';
import { SeriesDictionary } from './series.js';
import { Views } from './view.js';
import { windowChunks } from './windows.js';
import { removeFiles, TEMPORARY } from './write.js';

export interface LakeOptions {
  readonly folder: string;
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

interface Frozen {
  readonly table: HotTable;
  readonly seqTo: number;
  readonly latest: Uint8Array;
}

const COMPACTION: CompactionRules = { maxFilesPerDay: 8, restMs: 600_000, quietMs: 3_600_000, maxRows: 2_000_000 };
const FLAG_INDEX = Object.fromEntries(DATA_FLAGS.map((flag, i) => [flag, i])) as Record<string, number>;
const QUALITY_INDEX = Object.fromEntries(QUALITIES.map((quality, i) => [quality, i])) as Record<string, number>;

/** Readings in Parquet files by UTC day, the newest in memory; what is not yet sealed is still in the journal. */
export class LakeStore implements HistorianStore {
  private readonly folder: string;
  private readonly sealRows: number;
  private readonly sealAgeMs: number;
  private readonly rules: CompactionRules;
  private engine!: Engine;
  private series!: SeriesDictionary;
  private ledger!: Ledger;
  private views!: Views;
  private hot!: HotTable;
  private frozen: Frozen | null = null;
  private latestValues = new LatestValues();
  private appliedSeq = 0;
  private tables = 0;
  private unsealedSince: number | null = null;
  private now = 0;
  private sealing: Promise<void> | null = null;
  private maintaining: Promise<void> | null = null;

  constructor(private readonly options: LakeOptions) {
    this.folder = options.folder;
    this.sealRows = options.sealRows ?? 1_000_000;
    this.sealAgeMs = options.sealAgeMs ?? 600_000;
    this.rules = { ...COMPACTION, ...options.compaction };
  }

  async open(): Promise<void> {
    await makeFolder(this.folder);
    this.ledger = await Ledger.open(this.folder);
    await sweep(this.folder, this.manifest);
    this.series = await SeriesDictionary.open(this.folder);
    try {
      await this.openEngine();
    } catch (error) {
      await this.series.close();
      throw error;
    }
  }

  private get manifest(): Manifest {
    return this.ledger.manifest;
  }

  durableSeq(): number {
    return this.manifest.sealedSeq;
  }

  /** Rows and bytes on disk, and rows not yet sealed. */
  size(): { files: number; rows: number; bytes: number; unsealedRows: number } {
    const { files, hot } = this.views.current;
    const sum = (of: 'rows' | 'bytes') => files.reduce((total, file) => total + file[of], 0);
    const unsealedRows = hot.reduce((total, table) => total + table.rows, 0);
    return { files: files.length, rows: sum('rows'), bytes: sum('bytes'), unsealedRows };
  }

  /** What queries wait for at most, about ten milliseconds of work. */
  batchBytes(): number {
    return 256 * 1024;
  }

  async append(batches: readonly ReadingsBatch[]): Promise<void> {
    for (const batch of batches) await this.take(batch);
  }

  maintain(now: number, keepFrom: number): Promise<void> {
    this.maintaining ??= this.housekeep(now, keepFrom).finally(() => {
      this.maintaining = null;
    });
    return this.maintaining;
  }

  async flush(): Promise<void> {
    while (this.frozen !== null || this.appliedSeq > this.manifest.sealedSeq) await this.seal();
  }

  async close(): Promise<void> {
    await this.sealing?.catch(() => undefined);
    this.engine.endWork();
    await this.maintaining?.catch(() => undefined);
    await this.views.swept();
    this.engine.close();
    await this.series.close();
  }

  async *raw(query: RawQuery): AsyncGenerator<RawChunk, void, undefined> {
    this.hot.flush();
    const { view, release } = this.views.pin();
    try {
      yield* rawChunks({ engine: this.engine, folder: this.folder, series: this.series, view }, query);
    } finally {
      release();
    }
  }

  async *windows(query: WindowQuery): AsyncGenerator<WindowChunk, void, undefined> {
    this.hot.flush();
    const { view, release } = this.views.pin();
    try {
      yield* windowChunks({ engine: this.engine, folder: this.folder, series: this.series, view }, query);
    } finally {
      release();
    }
  }

  async latest(query: LatestQuery): Promise<LatestValue[]> {
    return findLatest(this.latestValues, this.series, query);
  }

  private async openEngine(): Promise<void> {
    const { latest, files, series, sealedSeq, keptFrom } = this.manifest;
    if (this.series.size < series) {
      throw new LakeDamaged(`the lake's dictionary has ${this.series.size} series, its files use ${series}`);
    }
    this.engine = await Engine.open({
      spillFolder: join(this.folder, TEMPORARY, 'spill'),
      memoryMb: this.options.memoryMb ?? 256,
      threads: this.options.threads ?? 2,
    });
    this.latestValues =
      (latest === null ? undefined : await LatestValues.load(join(this.folder, latest))) ??
      (await rebuildLatest(this.engine, this.folder, files));
    this.latestValues.dropBefore(keptFrom);
    this.appliedSeq = sealedSeq;
    this.hot = await this.newTable();
    this.views = new Views({ files, hot: [this.hot] }, (error) => this.options.onBackgroundError?.(error));
  }

  private async housekeep(now: number, keepFrom: number): Promise<void> {
    this.now = now;
    if (this.appliedSeq > this.manifest.sealedSeq) {
      this.unsealedSince ??= now;
      const due = this.hot.rows >= this.sealRows || now - this.unsealedSince >= this.sealAgeMs;
      if (due || this.frozen !== null) await this.seal();
    }
    await this.dropDays(keepFrom);
    await this.compact(now);
  }

  private async take(batch: ReadingsBatch): Promise<void> {
    if (batch.seq <= this.appliedSeq) return;
    if (this.hot.rows >= this.sealRows) await this.makeRoom();
    for (const message of batch.messages) {
      const { device, park, domain, receivedAt } = message;
      const numbers = this.series.device(device, park, domain);
      for (const { metric, ts, value, flag, quality } of message.readings) {
        const id = numbers.get(metric) ?? this.series.number(device, metric);
        const [flagIndex, qualityIndex] = [FLAG_INDEX[flag]!, QUALITY_INDEX[quality]!];
        this.hot.push(id, ts, value, flagIndex, qualityIndex, receivedAt);
        this.latestValues.offer(id, ts, value, flagIndex, qualityIndex, receivedAt);
      }
    }
    this.appliedSeq = batch.seq;
  }

  /** Seals what is frozen, else freezes and seals the hot table. A failed seal leaves it frozen, for the next try. */
  private seal(): Promise<void> {
    this.sealing ??= this.sealOnce().finally(() => {
      this.sealing = null;
    });
    return this.sealing;
  }

  /** Seals beside the writer; waits where an earlier seal still holds its rows, so at most twice `sealRows` are held. */
  private async makeRoom(): Promise<void> {
    if (this.sealing !== null || this.frozen !== null || this.hot.rows >= 2 * this.sealRows) await this.seal();
    if (this.hot.rows >= this.sealRows) this.seal().catch((error) => this.options.onBackgroundError?.(error));
  }

  private async freeze(): Promise<void> {
    const next = await this.newTable();
    const table = this.hot;
    table.flush();
    this.frozen = { table, seqTo: this.appliedSeq, latest: this.latestValues.toBytes() };
    this.hot = next;
    this.unsealedSince = null;
    this.views.replace({ hot: [table, next] });
  }

  private async sealOnce(): Promise<void> {
    if (this.frozen === null) await this.freeze();
    const { table, seqTo, latest } = this.frozen!;
    await this.series.sync();
    const name = this.ledger.fileName(seqTo);
    const range = { seqFrom: this.manifest.sealedSeq + 1, seqTo, sealedAt: this.now };
    const files = await sealTable(this.engine, this.folder, table, name, range);
    const latestName = `latest-${name}.bin`;
    await LatestValues.save(this.folder, latestName, latest);
    const before = this.manifest.latest;
    await this.commit({ added: files, sealedSeq: seqTo, latest: latestName });
    this.frozen = null;
    this.views.replace({ files: this.manifest.files, hot: [this.hot] }, () => table.drop());
    if (before !== null && before !== latestName) await rm(join(this.folder, before), { force: true });
  }

  private async dropDays(keepFrom: number): Promise<void> {
    const gone = this.manifest.files.filter((file) => file.day + DAY_MS <= keepFrom);
    if (gone.length === 0) return;
    const keptFrom = dayOf(keepFrom);
    await this.commit({ removed: gone, keptFrom });
    this.latestValues.dropBefore(keptFrom);
    this.views.replace({ files: this.manifest.files }, () => removeFiles(this.folder, gone));
  }

  private async compact(now: number): Promise<void> {
    const plan = planCompaction(this.manifest.files, now, this.rules);
    if (plan === null) return;
    const name = this.ledger.fileName(this.manifest.sealedSeq);
    const made = await mergeFiles(this.engine, this.folder, plan, name, this.rules.maxRows, now);
    await this.commit({ added: made, removed: plan.inputs });
    this.views.replace({ files: this.manifest.files }, () => removeFiles(this.folder, plan.inputs));
  }

  private commit(change: Change): Promise<void> {
    return this.ledger.commit({ ...change, series: this.series.durableSize });
  }

  private newTable(): Promise<HotTable> {
    this.tables += 1;
    return HotTable.create(this.engine, `hot_${this.tables}`);
  }
}
