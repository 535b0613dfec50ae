import { DAY_MS } from '../../../model/time/duration.js';
import { Chores } from '../../chores.js';
import type { StoreTimes } from '../../port/store.js';
import { Retries } from '../../rollup/trouble/retries.js';
import type { LakeFiles } from '../catalog/file-checks.js';
import { dayOf } from '../catalog/manifest.js';
import type { LakeLatestValues } from '../read/latest-values.js';
import type { LakeRollups } from '../rollups/lake-rollups.js';
import type { LakeWriter } from '../write/lake-writer.js';
import { mergeFiles } from '../write/merge.js';
import { type CompactionRules, planCompaction } from './compaction.js';

interface LakeHousekeepingParts {
  readonly files: LakeFiles;
  readonly writer: LakeWriter;
  readonly rollups: LakeRollups;
  readonly latestValues: LakeLatestValues;
  readonly rules: CompactionRules;
  /** Monotonic milliseconds. */
  readonly clock?: () => number;
}

/** The lake's housekeeping jobs; one that fails does not stop the others. */
export class LakeHousekeeping {
  readonly chores: Chores;
  /** Failures of single days' merges, and of the roll-ups as a whole. */
  private readonly retries: Retries;
  /** Newest event time stored when the lake was opened. */
  private readonly stored: number;

  constructor(private readonly parts: LakeHousekeepingParts) {
    const { files, writer, rollups, rules, clock = () => performance.now() } = parts;
    this.retries = new Retries(clock);
    this.stored = parts.latestValues.newest();
    const { retries } = this;
    this.chores = new Chores([
      {
        name: 'seal',
        vital: true,
        work: ({ now }) => writer.sealIfDue(now),
        problem: () => files.days.problem,
      },
      { name: 'retention', work: ({ keepFrom }) => this.drop(keepFrom) },
      { name: 'scrub', work: () => files.checks.scrub() },
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
    // Roll-ups that have failed for days must not keep raw readings, or the disk would fill up.
    const isWaitedFor = this.retries.isWaitedFor('chore', 'rollups');
    const before = isWaitedFor ? Math.min(keepFrom, rollupMaker.droppable) : keepFrom;
    const dropped = await dropDays(files, before, (keptFrom) => rollupMaker.keepFrom(keptFrom));
    if (dropped !== null) latestValues.dropBefore(dropped);
  }
}

/** Drops days wholly before `before`; tells `final` the new start first. Returns the start, null without such a day. */
async function dropDays(
  { committed, views, commit }: LakeFiles,
  before: number,
  final: (keptFrom: number) => void,
): Promise<number | null> {
  const { files, lost = [] } = committed.manifest;
  const gone = files.filter((file) => file.day + DAY_MS <= before);
  const missed = lost.filter((file) => file.day + DAY_MS <= before);
  if (gone.length === 0 && missed.length === 0) return null;
  const keptFrom = dayOf(before);
  final(keptFrom);
  await commit({ removed: gone, forgotten: missed, keptFrom });
  views.replace({ files: committed.manifest.files }, () => committed.remove(gone));
  return keptFrom;
}

/** Merges the files of one day that is due, without damaged ones. A day that fails waits alone; the others continue. */
async function compact(lake: LakeFiles, now: number, rules: CompactionRules, retries: Retries): Promise<void> {
  const { committed, views, checks, commit } = lake;
  const files = committed.manifest.files.filter(({ day }) => retries.isDue('day', day));
  const plan = planCompaction(files, now, rules);
  if (plan === null || (await checks.examine(plan.inputs))) return;
  const name = committed.fileName(committed.manifest.sealedSeq);
  try {
    const made = await mergeFiles(lake, plan, name, rules.maxRows, now);
    await commit({ added: made, removed: plan.inputs });
    retries.succeeded('day', plan.day);
  } catch (error) {
    if (retries.failed('day', plan.day, error) < 2) throw error;
    return;
  }
  views.replace({ files: committed.manifest.files }, () => committed.remove(plan.inputs));
}

/** Days that cannot be merged, as text; null without any. */
function describeUnmerged(retries: Retries): string | null {
  const [first, ...more] = retries.setAside('day');
  if (first === undefined) return null;
  const name = new Date(Number(first)).toISOString().slice(0, 10);
  const others = more.length === 0 ? '' : ` and of ${more.length} other days`;
  return `files of ${name}${others} cannot be merged and are tried again: ${retries.reasonOf('day', first)}`;
}
