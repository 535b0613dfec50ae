import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DATA_FLAGS, QUALITIES } from '../../../model/reading.js';
import { DAY_MS } from '../../../model/time/duration.js';
import type { ReadingsBatch } from '../../port/store.js';
import type { KeepBound } from '../../rollup/progress/keep-bound.js';
import type { RollupMaker } from '../../rollup/rollup-maker.js';
import type { LakeFiles } from '../catalog/file-checks.js';
import { replaceFile } from '../catalog/files.js';
import type { SeriesDictionary } from '../catalog/series-dictionary.js';
import { type Engine, EngineInvalidatedError } from '../engine.js';
import type { LakeLatestValues } from '../read/latest-values.js';
import type { HotTable } from './hot-table.js';
import { type FileRange, writeFiles } from './write-file.js';

interface LakeWriterOptions {
  /** Rows after which the hot table is sealed; it holds at most twice as many. */
  readonly sealRows: number;
  /** Age of the first unsealed row, by the clock of `sealIfDue`, after which the hot table is sealed. */
  readonly sealAgeMs: number;
  readonly onBackgroundError: (error: unknown) => void;
}

interface LakeWriterParts {
  readonly files: LakeFiles;
  readonly series: SeriesDictionary;
  readonly latestValues: LakeLatestValues;
  readonly rollupMaker: RollupMaker;
  readonly hot: HotTable;
  readonly bound: KeepBound;
  readonly newTable: () => Promise<HotTable>;
}

interface Frozen {
  readonly table: HotTable;
  readonly seqTo: number;
  readonly latest: Uint8Array;
}

const FLAG_INDEX = Object.fromEntries(DATA_FLAGS.map((flag, i) => [flag, i])) as Record<string, number>;
const QUALITY_INDEX = Object.fromEntries(QUALITIES.map((quality, i) => [quality, i])) as Record<string, number>;

/** Keeps appended readings in the hot table and seals it into files. */
export class LakeWriter {
  /** Readings since the start that arrived after retention dropped their day; the lake ignores them. */
  ignored = 0;
  /** Newest event time that differs from its receipt. */
  newestOwn = Number.NEGATIVE_INFINITY;
  private hot: HotTable;
  private appliedSeq: number;
  private frozen: Frozen | null = null;
  private unsealedSince: number | null = null;
  private now = 0;
  private sealing: Promise<void> | null = null;
  private appending: Promise<void> = Promise.resolve();

  constructor(
    private readonly parts: LakeWriterParts,
    private readonly options: LakeWriterOptions,
  ) {
    this.hot = parts.hot;
    this.appliedSeq = this.sealedSeq;
  }

  /** Appends in order of the calls; a call that waits for another fails with it. */
  append(batches: readonly ReadingsBatch[]): Promise<void> {
    const done = this.appending.then(async () => {
      for (const batch of batches) await this.appendBatch(batch);
    });
    this.appending = done;
    done.catch(() => {
      if (this.appending === done) this.appending = Promise.resolve();
    });
    return done;
  }

  /** Makes every row visible to queries. */
  async show(): Promise<void> {
    await this.hot.settle();
    this.hot.flush();
  }

  /** Seals a hot table that is old or large, or whose last seal failed. */
  async sealIfDue(now: number): Promise<void> {
    this.now = now;
    if (this.appliedSeq <= this.sealedSeq) return;
    this.unsealedSince ??= now;
    const due = this.hot.rows >= this.options.sealRows || now - this.unsealedSince >= this.options.sealAgeMs;
    if (due || this.frozen !== null) await this.seal();
  }

  async sealAll(): Promise<void> {
    while (this.frozen !== null || this.appliedSeq > this.sealedSeq) await this.seal();
  }

  /** Resolves once no seal is running, whether the last one succeeded or not. */
  async rest(): Promise<void> {
    await this.sealing?.catch(() => undefined);
  }

  private get sealedSeq(): number {
    return this.parts.files.committed.manifest.sealedSeq;
  }

  private async appendBatch(batch: ReadingsBatch): Promise<void> {
    if (batch.seq <= this.appliedSeq) return;
    if (this.hot.rows >= this.options.sealRows) await this.makeRoom();
    await this.hot.settle();
    const { series, latestValues, rollupMaker } = this.parts;
    const keptFrom = Math.min(this.parts.files.committed.manifest.keptFrom, this.parts.bound.from);
    const { noteBefore } = rollupMaker;
    for (const { device, park, domain, receivedAt, replayedAt, readings } of batch.messages) {
      const numbers = series.device(device, park, domain);
      for (const { metric, ts, value, flag, quality } of readings) {
        if (ts < keptFrom) {
          this.ignored += 1;
          continue;
        }
        const id = numbers.get(metric) ?? series.number(device, metric);
        const [flagIndex, qualityIndex] = [FLAG_INDEX[flag]!, QUALITY_INDEX[quality]!];
        this.hot.push(id, ts, value, flagIndex, qualityIndex, receivedAt);
        latestValues.offer(id, ts, value, flagIndex, qualityIndex, receivedAt, replayedAt);
        if (ts < noteBefore) rollupMaker.note({ device, metric }, ts);
        if (ts > this.newestOwn && ts !== receivedAt) this.newestOwn = ts;
      }
    }
    this.appliedSeq = batch.seq;
  }

  /** Seals the frozen table, else freezes and seals the hot table. After a failed seal the table stays frozen. */
  private seal(): Promise<void> {
    this.sealing ??= this.sealOnce().finally(() => {
      this.sealing = null;
    });
    return this.sealing;
  }

  /** Seals in parallel with the writer, but waits for an earlier seal: memory holds at most twice `sealRows`. */
  private async makeRoom(): Promise<void> {
    const { sealRows, onBackgroundError } = this.options;
    if (this.sealing !== null || this.frozen !== null || this.hot.rows >= 2 * sealRows) await this.seal();
    if (this.hot.rows >= sealRows) this.seal().catch(onBackgroundError);
  }

  private async freeze(): Promise<Frozen> {
    const next = await this.parts.newTable();
    const table = this.hot;
    await table.settle();
    table.flush();
    const frozen = { table, seqTo: this.appliedSeq, latest: this.parts.latestValues.toBytes() };
    this.frozen = frozen;
    this.hot = next;
    this.unsealedSince = null;
    this.parts.files.views.replace({ hot: [table, next] });
    return frozen;
  }

  private async sealOnce(): Promise<void> {
    const { files } = this.parts;
    const { folder, engine, committed, views, commit } = files;
    const { table, seqTo, latest } = this.frozen ?? (await this.freeze());
    await this.parts.series.sync();
    const name = committed.fileName(seqTo);
    const range = { seqFrom: this.sealedSeq + 1, seqTo, sealedAt: this.now };
    const added = await writeFiles(files, await daysOf(engine, table, name, range), 'seal');
    const latestName = `latest-${name}.bin`;
    await replaceFile(join(folder, latestName), latest);
    const before = committed.manifest.latest;
    // The hours that these batches made out of date must be durable: the journal may trim the batches after the seal.
    this.parts.rollupMaker.saveProgress();
    const keptFrom = added.reduce((least, { day }) => Math.min(least, day), committed.manifest.keptFrom);
    await commit({ added, sealedSeq: seqTo, latest: latestName, keptFrom });
    this.frozen = null;
    views.replace({ files: committed.manifest.files, hot: [this.hot] }, () => table.drop());
    if (before !== null && before !== latestName) await rm(join(folder, before), { force: true });
  }
}

/** Writes a frozen table as one file per UTC day. @throws EngineInvalidatedError when the table lacks rows */
async function daysOf(
  engine: Engine,
  { name: from, rows, days }: HotTable,
  name: string,
  range: Omit<FileRange, 'day'>,
) {
  const [count] = await engine.first({ sql: `SELECT count(*) FROM ${from}` });
  if (count !== rows) {
    throw new EngineInvalidatedError(`${from} is invalidated: it has ${count} rows instead of ${rows}`);
  }
  return [...days.values()]
    .sort((a, b) => a.day - b.day)
    .map(({ day, repeats }) => ({
      name,
      range: { day, ...range },
      rows:
        `SELECT series, ts, value, flag, quality, receipt FROM ${from} WHERE ts >= ${day} AND ts < ${day + DAY_MS}` +
        (repeats ? ' QUALIFY row_number() OVER (PARTITION BY series, ts ORDER BY rowid DESC) = 1' : ''),
    }));
}
