import { statSync } from 'node:fs';
import { join } from 'node:path';
import { metric } from '../../../model/catalogue/index.js';
import { TimeZone } from '../../../model/time/zone.js';
import { isDamage } from '../../durable-file.js';
import type { BucketChunk, BucketQuery, WindowChunk, WindowQuery } from '../../port/queries.js';
import { plannedBuckets, plannedWindows } from '../../rollup/make/planner.js';
import type { RateSource } from '../../rollup/meter-rates.js';
import { KeepBound } from '../../rollup/progress/keep-bound.js';
import { ProgressFile } from '../../rollup/progress/progress-file.js';
import { RollupMaker } from '../../rollup/rollup-maker.js';
import type { Manifest } from '../catalog/manifest.js';
import type { SeriesDictionary } from '../catalog/series-dictionary.js';
import { LakeDamagedError } from '../errors.js';
import type { Pinned } from '../read/answering.js';
import { lakeGoodReadings } from '../read/good-readings.js';
import type { Source } from '../read/scan.js';
import { windowChunks } from '../read/windows.js';
import { RollupTable } from './rollup-table.js';

/** Roll-ups and their progress are in one file: neither is of use without the other. */
const NAME = 'rollup.sqlite';
const BELIEVED = 'believedTime';

interface LakeRollupsParts {
  readonly folder: string;
  readonly timeZone: string;
  readonly series: SeriesDictionary;
  /** Retention in days, as the store is configured. */
  readonly rawDays: number;
  readonly rates?: RateSource | undefined;
  /** Whether no file with readings in that span is lost. */
  whole(from: number, to: number): boolean;
  /** The view for long queries. */
  pin(): Promise<Pinned>;
}

/** The lake's roll-ups: stored beside its files, made during housekeeping, and read before the files. */
export class LakeRollups {
  readonly rollupMaker: RollupMaker;
  readonly bound: KeepBound;
  private readonly stopping = new AbortController();

  private constructor(
    private readonly progressFile: ProgressFile,
    readonly table: RollupTable,
    parts: LakeRollupsParts,
  ) {
    const { series, pin } = parts;
    this.bound = new KeepBound(progressFile, parts.rawDays);
    this.rollupMaker = new RollupMaker({
      progressFile,
      store: table,
      source: {
        async *goodReadings(keys, from, to) {
          const { source, release } = await pin();
          try {
            yield* lakeGoodReadings(source).goodReadings(keys, from, to);
          } finally {
            release();
          }
        },
        async oldest() {
          const { source, release } = await pin();
          release();
          return lakeGoodReadings(source).oldest();
        },
        whole: parts.whole,
      },
      metricOf: (key) => {
        const id = series.find(key);
        return id === undefined ? undefined : metric(series.entry(id)!.domain, key.metric);
      },
      rates: parts.rates,
      zone: new TimeZone(parts.timeZone),
    });
  }

  /**
   * Roll-ups of dropped days exist nowhere else. @throws LakeDamagedError when days were dropped and no roll-ups exist
   */
  static check(folder: string, { keptFrom }: Pick<Manifest, 'keptFrom'>): void {
    if (keptFrom === Number.MIN_SAFE_INTEGER) return;
    const size = statSync(join(folder, NAME), { throwIfNoEntry: false })?.size ?? 0;
    if (size > 0) return;
    throw new LakeDamagedError(
      `${NAME} of the lake is missing: only it has the hourly and daily figures of deleted readings. Put it back`,
      {},
      'rollups',
    );
  }

  /** @throws LakeDamagedError when the file cannot be read: its roll-ups of dropped days exist nowhere else */
  static open(parts: LakeRollupsParts): LakeRollups {
    const path = join(parts.folder, NAME);
    const opened: { close(): void }[] = [];
    try {
      const progressFile = ProgressFile.open(path);
      opened.push(progressFile);
      progressFile.keyDevices((id) => parts.series.keyOf(id));
      const table = RollupTable.open(path, parts.series);
      opened.push(table);
      return new LakeRollups(progressFile, table, parts);
    } catch (error) {
      for (const one of opened) one.close();
      if (!isDamage(error)) throw error;
      throw new LakeDamagedError(`${NAME} of the lake cannot be read: ${error.message}`, { cause: error }, 'rollups');
    }
  }

  /** The time last believed, stored in the progress file. Epoch milliseconds. */
  get believed(): number | null {
    return this.progressFile.getNumber(BELIEVED);
  }

  set believed(time: number) {
    this.progressFile.setNumber(BELIEVED, time);
  }

  windows(source: Source, query: WindowQuery): AsyncGenerator<WindowChunk, void, undefined> {
    return plannedWindows(this.planned(source), query, (plain) => windowChunks(source, plain));
  }

  buckets(source: Source, query: BucketQuery): AsyncGenerator<BucketChunk, void, undefined> {
    return plannedBuckets(this.planned(source), query);
  }

  private planned(source: Source) {
    return { rollupMaker: this.rollupMaker, store: this.table, source: lakeGoodReadings(source) };
  }

  /** Makes and corrects roll-ups that are due, for some time; the next call continues. */
  work(settledTo: number): Promise<void> {
    return this.rollupMaker.catchUp(settledTo, this.stopping.signal);
  }

  /** Stops `work` at its next step. */
  stop(): void {
    this.stopping.abort();
  }

  /** Call it after the last `work` and `saveProgress`. */
  close(): void {
    this.table.close();
    this.progressFile.close();
  }
}
