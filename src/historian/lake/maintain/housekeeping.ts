import { HOUR_MS } from '../../../model/time/duration.js';
import { Chores } from '../../chores.js';
import type { StoreTimes } from '../../port/store.js';
import { Retries } from '../../rollup/trouble/retries.js';
import type { LatestValues } from '../read/latest-values.js';
import type { LakeRollups } from '../rollups/lake-rollups.js';
import type { LakeWriter } from '../write/lake-writer.js';
import type { CompactionRules } from './compaction.js';
import { compact, describeUnmerged, dropDays, type LakeFiles } from './drop-and-compact.js';

interface LakeHousekeepingParts {
  readonly files: LakeFiles;
  readonly writer: LakeWriter;
  readonly rollups: LakeRollups;
  readonly latestValues: LatestValues;
  readonly rules: CompactionRules;
  /** Milliseconds of a clock that does not jump. */
  readonly clock?: () => number;
}

/** Roll-ups that have failed for so long are not waited for any more: the disk is not to fill up because of them. */
const PATIENCE_MS = 48 * HOUR_MS;

/** The lake's housekeeping, in parts that fail one by one. */
export class LakeHousekeeping {
  readonly chores: Chores;
  private readonly clock: () => number;
  private rollupsFailedAt: number | null = null;
  /** Newest time of what was there when it was opened. */
  private readonly stored: number;

  constructor(private readonly parts: LakeHousekeepingParts) {
    const { files, writer, rollups, rules, clock = () => performance.now() } = parts;
    this.clock = clock;
    this.stored = parts.latestValues.newest();
    const unmerged = new Retries(clock);
    this.chores = new Chores([
      { name: 'seal', vital: true, work: ({ now }) => writer.sealIfDue(now) },
      { name: 'retention', work: ({ keepFrom }) => this.drop(keepFrom) },
      { name: 'scrub', work: () => files.watch.scrub() },
      {
        name: 'compaction',
        work: ({ now }) => compact(files, now, rules, unmerged),
        problem: () => describeUnmerged(unmerged),
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
      this.rollupsFailedAt = null;
    } catch (error) {
      this.rollupsFailedAt ??= this.clock();
      throw error;
    }
  }

  private async drop(keepFrom: number): Promise<void> {
    const { files, rollups, latestValues } = this.parts;
    const { rollupMaker } = rollups;
    rollups.bound.keepFrom(keepFrom);
    const failedFor = this.rollupsFailedAt === null ? 0 : this.clock() - this.rollupsFailedAt;
    const before = failedFor < PATIENCE_MS ? Math.min(keepFrom, rollupMaker.droppable) : keepFrom;
    const dropped = await dropDays(files, before, (keptFrom) => rollupMaker.keepFrom(keptFrom));
    if (dropped !== null) latestValues.dropBefore(dropped);
  }
}
