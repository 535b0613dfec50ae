import { join } from 'node:path';
import type { RateSource } from '../rollup/meter-rates.js';
import { CommittedManifest, type ManifestChange } from './catalog/committed-manifest.js';
import { isWhole } from './catalog/damage.js';
import { FileChecks, type LakeFiles } from './catalog/file-checks.js';
import { makeFolder } from './catalog/files.js';
import { type JournalBounds, type Opened, openWith, sweep } from './catalog/recovery.js';
import { SeriesDictionary } from './catalog/series-dictionary.js';
import { Views } from './catalog/view.js';
import { Engine } from './engine.js';
import type { CompactionRules } from './maintain/compaction.js';
import { LakeHousekeeping } from './maintain/housekeeping.js';
import { Answering } from './read/answering.js';
import { openLatest } from './read/latest-values.js';
import { ResultFile } from './results/result-file.js';
import { LakeRollups } from './rollups/lake-rollups.js';
import { DayFolders } from './write/day-folders.js';
import { HotTable } from './write/hot-table.js';
import { LakeWriter } from './write/lake-writer.js';
import { TEMPORARY } from './write/write-file.js';

export interface LakeOptions {
  readonly folder: string;
  /** Bounds of the journal that the historian follows; without them the lake is not checked against it. */
  readonly journal?: JournalBounds;
  /** Retention in days; when it is longer than in an earlier run, the lake accepts readings of dropped days again. */
  readonly rawDays?: number;
  /** IANA time zone of the daily roll-ups. */
  readonly timeZone: string;
  /** Maximum rates of the devices' counters. */
  readonly rates?: RateSource;
  /** Rows after which the hot table is sealed; it holds at most twice as many. */
  readonly sealRows?: number;
  /** Age of the first unsealed row, by the clock of `maintain`, after which the hot table is sealed. */
  readonly sealAgeMs?: number;
  readonly compaction?: Partial<CompactionRules>;
  readonly memoryMb?: number;
  readonly threads?: number;
  /** Receives background failures, which are tried again; the next `maintain` throws them too. */
  readonly onBackgroundError?: (error: unknown) => void;
  /** Receives each warning for the operator once. */
  readonly onWarning?: (message: string) => void;
  /** Epoch milliseconds. */
  readonly clock?: () => number;
}

const COMPACTION: CompactionRules = { maxFilesPerDay: 8, restMs: 600_000, quietMs: 3_600_000, maxRows: 2_000_000 };

/** The parts of an open lake. */
export type LakeParts = Awaited<ReturnType<typeof openParts>>;

/**
 * Opens the lake until `ending`, which ends its work in DuckDB with an error.
 * @throws LakeDamagedError when the lake is incomplete or another journal's; nothing is changed then
 */
export async function openLake(options: LakeOptions, ending: AbortSignal): Promise<LakeParts> {
  const { folder, journal = null } = options;
  await makeFolder(folder);
  return openWith(folder, journal, (opened) => openParts(options, opened, ending));
}

async function openParts(options: LakeOptions, { manifest, fresh, problem }: Opened, ending: AbortSignal) {
  const { folder, timeZone, rates, rawDays = 0, sealRows = 1_000_000, sealAgeMs = 600_000 } = options;
  const { onBackgroundError = () => undefined, onWarning: warn = () => undefined, clock = Date.now } = options;
  const { memoryMb = 256, threads = 2 } = options;
  const committed = new CommittedManifest(folder, manifest);
  const series = await SeriesDictionary.open(folder, manifest);
  let engine: Engine | undefined;
  let results: ResultFile | undefined;
  try {
    LakeRollups.check(folder, manifest);
    const swept = await sweep(folder, manifest);
    results = await ResultFile.open(folder, warn);
    const spillFolder = join(folder, TEMPORARY, 'spill');
    engine = await Engine.open({ spillFolder, memoryMb, threads, ending });
    const commit = async (change: ManifestChange) => {
      await series.stillThere();
      await committed.commit({ ...change, ...series.durable });
    };
    let views: Views | undefined;
    const onChange = () => views?.replace({ files: committed.manifest.files });
    const checks = new FileChecks({ folder, engine, committed, commit, warn, onChange });
    await checks.begin(swept, fresh || problem !== null);
    const latestValues = await openLatest({ folder, engine, committed, checks, now: clock() });
    let tables = 0;
    const newTable = () => HotTable.create(engine!, `hot_${++tables}`);
    const hot = await newTable();
    views = new Views({ files: committed.manifest.files, hot: [hot] }, onBackgroundError);
    const answering = new Answering({ engine, folder, series, checks, views, show: () => writer.show() });
    const rollups = LakeRollups.open({
      ...{ folder, timeZone, series, rawDays, rates },
      whole: (from, to) => isWhole(committed.manifest, from, to),
      pin: () => answering.pinSlowly(),
    });
    const files: LakeFiles = { folder, engine, committed, views, checks, days: new DayFolders(folder), commit };
    const { rollupMaker, bound } = rollups;
    const writer = new LakeWriter(
      { files, series, latestValues, rollupMaker, bound, hot, newTable },
      { sealRows, sealAgeMs, onBackgroundError },
    );
    const rules = { ...COMPACTION, ...options.compaction };
    const housekeeping = new LakeHousekeeping({ files, writer, rollups, latestValues, rules });
    if (problem !== null) warn(problem);
    return { engine, series, results, files, rollups, writer, latestValues, answering, housekeeping };
  } catch (error) {
    await engine?.close();
    results?.close();
    await series.close();
    throw error;
  }
}
