import { DAY_MS } from '../../../model/time/duration.js';
import { Chores } from '../../chores.js';
import type { StoreTimes } from '../../port/store.js';
import { Retries } from '../../rollup/trouble/retries.js';
import type { LakeFiles } from '../catalog/file-watch.js';
import { dayOf } from '../catalog/manifest.js';
import type { LatestValues } from '../read/latest-values.js';
import type { LakeRollups } from '../rollups/lake-rollups.js';
import type { LakeWriter } from '../write/lake-writer.js';
import { mergeFiles } from '../write/merge.js';
import { type CompactionRules, planCompaction } from './compaction.js';

interface LakeHousekeepingParts {
  readonly files: LakeFiles;
  readonly writer: LakeWriter;
  readonly rollups: LakeRollups;
  readonly latestValues: LatestValues;
  readonly rules: CompactionRules;
  /** Milliseconds of a clock that does not jump. */
  readonly clock?: () => number;
}

/** The lake's housekeeping, in parts that fail one by one. */
export class LakeHousekeeping {
  readonly chores: Chores;
  /** Days that cannot be merged, and the roll-ups as a whole. */
  private readonly retries: Retries;
  /** Newest time of what was there when it was opened. */
  private readonly stored: number;

  constructor(private readonly parts: LakeHousekeepingParts) {
    const { files, writer, rollups, rules, clock = () => performance.now() } = parts;
    this.retries = new Retries(clock);
    this.stored = parts.latestValues.newest();
    const { retries } = this;
    this.chores = new Chores([
      { name: 'seal', vital: true, work: ({ now }) => writer.sealIfDue(now) },
      { name: 'retention', work: ({ keepFrom }) => this.drop(keepFrom) },
      { name: 'scrub', work: () => files.watch.scrub() },
      {
        name: 'compaction',
        work: ({ now }) => compact(files, now, rules, retries),
        problem: () => describeUnmerged(retries),
      },
      {
        name: 'rollups',
        work: ({ settledTo }) => this.rollUp(settledTo),
        problem: () => rollups.rollupMaker.problem,
      },
    ]);
  }

  get times(): StoreTimes {
    const { writer, rollups, latestValues } = this.parts;
    const { stored } = this;
    const known = (time: number) => (Number.isFinite(time) ? time : null);
    return {
      own: known(writer.newestOwn),
      newest: known(latestValues.newest()),
      get believed() {
        return rollups.believed ?? known(stored);
      },
      set believed(time) {
        if (time !== null) rollups.believed = time;
      },
    };
  }

  private async rollUp(settledTo: number): Promise<void> {
    try {
      await this.parts.rollups.work(settledTo);
      this.retries.succeeded('chore', 'rollups');
    } catch (error) {
      this.retries.failed('chore', 'rollups', error);
      throw error;
    }
  }

  private async drop(keepFrom: number): Promise<void> {
    const { files, rollups, latestValues } = this.parts;
    const { rollupMaker } = rollups;
    rollups.bound.keepFrom(keepFrom);
    // The disk is not to fill up because of roll-ups that have failed for days.
    const isWaitedFor = this.retries.isWaitedFor('chore', 'rollups');
    const before = isWaitedFor ? Math.min(keepFrom, rollupMaker.droppable) : keepFrom;
    const dropped = await dropDays(files, before, (keptFrom) => rollupMaker.keepFrom(keptFrom));
    if (dropped !== null) latestValues.dropBefore(dropped);
  }
}

/**
 * Drops the days that are wholly before `before`; `final` is told from when on readings are kept before any is dropped.
 * Returns that time, or null when there was nothing to drop.
 */
async function dropDays(
  { ledger, views, commit }: LakeFiles,
  before: number,
  final: (keptFrom: number) => void,
): Promise<number | null> {
  const { files, lost = [] } = ledger.manifest;
  const gone = files.filter((file) => file.day + DAY_MS <= before);
  const missed = lost.filter((file) => file.day + DAY_MS <= before);
  if (gone.length === 0 && missed.length === 0) return null;
  const keptFrom = dayOf(before);
  final(keptFrom);
  await commit({ removed: gone, forgotten: missed, keptFrom });
  views.replace({ files: ledger.manifest.files }, () => ledger.remove(gone));
  return keptFrom;
}

/**
 * Merges files of one day, if that is due. A damaged one is found before, and left out. A day that cannot be merged waits
 * by itself, and the others have their turn.
 */
async function compact(
  { folder, engine, ledger, views, watch, commit }: LakeFiles,
  now: number,
  rules: CompactionRules,
  retries: Retries,
): Promise<void> {
  const files = ledger.manifest.files.filter(({ day }) => retries.isDue('day', day));
  const plan = planCompaction(files, now, rules);
  if (plan === null || (await watch.examine(plan.inputs))) return;
  const name = ledger.fileName(ledger.manifest.sealedSeq);
  try {
    const made = await mergeFiles(engine, folder, plan, name, rules.maxRows, now);
    await commit({ added: made, removed: plan.inputs });
    retries.succeeded('day', plan.day);
  } catch (error) {
    if (retries.failed('day', plan.day, error) < 2) throw error;
    return;
  }
  views.replace({ files: ledger.manifest.files }, () => ledger.remove(plan.inputs));
}

/** Days that cannot be merged, in words; null where there are none. */
function describeUnmerged(retries: Retries): string | null {
  const [first, ...more] = retries.setAside('day');
  if (first === undefined) return null;
  const name = new Date(Number(first)).toISOString().slice(0, 10);
  const others = more.length === 0 ? '' : ` and of ${more.length} other days`;
  return `files of ${name}${others} cannot be merged and are tried again: ${retries.reasonOf('day', first)}`;
}
