import { HOUR_MS } from '../../domain/duration.js';
import type { Chore, ChoreTime, StoreTimes } from '../port.js';
import type { CompactionRules } from './compaction.js';
import { compact, dropDays, type LakeFiles } from './housekeeping.js';
import type { Intake } from './intake.js';
import type { LatestValues } from './latest.js';
import type { Rolling } from './rolling.js';

export interface UpkeepParts {
  readonly files: LakeFiles;
  readonly intake: Intake;
  readonly rolling: Rolling;
  readonly latestValues: LatestValues;
  readonly rules: CompactionRules;
  /** Milliseconds of a clock that does not jump. */
  readonly clock?: () => number;
}

/** Roll-ups that have failed for so long are not waited for any more: the disk is not to fill up because of them. */
const PATIENCE_MS = 48 * HOUR_MS;

/** The lake's housekeeping, in parts that fail one by one. */
export class Upkeep {
  readonly chores: readonly Chore[];
  private readonly clock: () => number;
  private rollupsFailedAt: number | null = null;
  private readonly working = new Set<Promise<unknown>>();
  /** Newest time of what was there when it was opened. */
  private readonly stored: number;

  constructor(private readonly parts: UpkeepParts) {
    const { files, intake, rules, clock = () => performance.now() } = parts;
    this.clock = clock;
    this.stored = parts.latestValues.newest();
    this.chores = [
      this.chore('seal', ({ now }) => intake.sealIfDue(now), true),
      this.chore('retention', ({ keepFrom }) => this.drop(keepFrom)),
      this.chore('scrub', () => files.watch.scrub()),
      this.chore('compaction', ({ now }) => compact(files, now, rules)),
      this.chore('rollups', ({ settledTo }) => this.rollUp(settledTo)),
    ];
  }

  /** @throws what the first that failed fails with, once all had their turn */
  async all(time: ChoreTime): Promise<void> {
    const failed: unknown[] = [];
    for (const { work } of this.chores) await work(time).catch((error: unknown) => failed.push(error));
    if (failed.length > 0) throw failed[0];
  }

  get times(): StoreTimes {
    const { intake, rolling, latestValues } = this.parts;
    const { stored } = this;
    const known = (time: number) => (Number.isFinite(time) ? time : null);
    return {
      own: known(intake.newestOwn),
      newest: known(latestValues.newest()),
      get believed() {
        return rolling.believed ?? known(stored);
      },
      set believed(time) {
        if (time !== null) rolling.believed = time;
      },
    };
  }

  /** Resolves when none of them is at work. */
  async rest(): Promise<void> {
    await Promise.allSettled(this.working);
  }

  private chore(name: string, work: (time: ChoreTime) => Promise<unknown>, vital = false): Chore {
    return {
      ...{ name, vital },
      work: (time) => {
        const done = work(time);
        this.working.add(done);
        const over = () => void this.working.delete(done);
        done.then(over, over);
        return done;
      },
    };
  }

  private async rollUp(settledTo: number): Promise<void> {
    try {
      await this.parts.rolling.work(settledTo);
      this.rollupsFailedAt = null;
    } catch (error) {
      this.rollupsFailedAt ??= this.clock();
      throw error;
    }
  }

  private async drop(keepFrom: number): Promise<void> {
    const { files, rolling, latestValues } = this.parts;
    const { keeper } = rolling;
    rolling.bound.keepFrom(keepFrom);
    const failedFor = this.rollupsFailedAt === null ? 0 : this.clock() - this.rollupsFailedAt;
    const before = failedFor < PATIENCE_MS ? Math.min(keepFrom, keeper.droppable) : keepFrom;
    const dropped = await dropDays(files, before, (keptFrom) => keeper.keepFrom(keptFrom));
    if (dropped !== null) latestValues.dropBefore(dropped);
  }
}
