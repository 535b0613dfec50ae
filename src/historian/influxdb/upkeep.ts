import { DAY_MS } from '../../domain/duration.js';
import type { Chore, ChoreTime } from '../port.js';
import type { RollupKeeper } from '../rollup/keeper.js';
import type { Contact } from './contact.js';
import type { CurrentValues } from './current-values.js';
import type { Cursor } from './cursor.js';
import type { Rewriting } from './rewriting.js';

/** How long one piece of work on roll-ups takes at most, more or less. */
const WORK_MS = 1_500;
/** The set-up is looked at again after this long. */
const CHECK_MS = 600_000;
/** Roll-ups that were written so long before what is kept of the journal may be gone all the same. */
const ROLL_AGAIN_MS = DAY_MS;

export interface UpkeepParts {
  readonly cursor: Cursor;
  readonly contact: Contact;
  readonly current: CurrentValues;
  readonly rewriting: Rewriting;
  readonly keeper: RollupKeeper;
  /** Ends what is under way. */
  readonly stopping: AbortSignal;
}

/** Housekeeping on a server: what the journal's end waits for, and roll-ups, which only read and can fail alone. */
export class Upkeep {
  readonly chores: readonly Chore[];
  private readonly working = new Set<Promise<unknown>>();
  private maintaining: Promise<void> | null = null;
  private checkedAt: number | null = null;
  /** Roll-ups from here on are to be made again. */
  private rollAgainFrom = Number.POSITIVE_INFINITY;

  constructor(private readonly parts: UpkeepParts) {
    this.chores = [
      this.chore('upkeep', (time) => this.keepUp(time), true),
      this.chore('rollups', ({ settledTo }) => this.rollUp(settledTo)),
    ];
  }

  /** All of it, unless that is going on. @throws what the first that failed fails with, once all had their turn */
  all(time: ChoreTime): Promise<void> {
    this.maintaining ??= this.inTurn(time).finally(() => {
      this.maintaining = null;
    });
    return this.maintaining;
  }

  /** What is written again may change roll-ups, or have taken some with it. */
  rollAgain(): void {
    this.rollAgainFrom = Math.min(this.rollAgainFrom, this.parts.cursor.durableRolledTo - ROLL_AGAIN_MS);
  }

  /** Resolves when none of it is at work. */
  async rest(): Promise<void> {
    await this.maintaining?.catch(() => undefined);
    await Promise.allSettled(this.working);
  }

  private chore(name: string, work: (time: ChoreTime) => Promise<void>, vital = false): Chore {
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

  private async inTurn(time: ChoreTime): Promise<void> {
    const failed: unknown[] = [];
    for (const { work } of this.chores) await work(time).catch((error: unknown) => failed.push(error));
    if (failed.length > 0) throw failed[0];
  }

  private async keepUp({ now, keepFrom }: ChoreTime): Promise<void> {
    const { cursor, contact, current, rewriting, keeper } = this.parts;
    cursor.save();
    await contact.made();
    await rewriting.check();
    this.checkedAt ??= now;
    if (contact.blind === null && Math.abs(now - this.checkedAt) >= CHECK_MS) {
      await contact.check();
      this.checkedAt = now;
    }
    cursor.keepFrom(keepFrom);
    if (cursor.dropBefore(Math.min(keepFrom, keeper.droppable))) current.dropBefore(cursor.keptFrom);
    if (Number.isFinite(cursor.keptFrom)) keeper.keepFrom(cursor.keptFrom);
  }

  private async rollUp(settledTo: number): Promise<void> {
    const { cursor, contact, keeper, stopping } = this.parts;
    await contact.made();
    // What is being written again changes hours that are rolled up; they are, once, when it is there.
    if (contact.blind !== null || cursor.seq < cursor.reached) return;
    if (this.rollAgainFrom < Number.POSITIVE_INFINITY) keeper.rollAgain(this.rollAgainFrom);
    this.rollAgainFrom = Number.POSITIVE_INFINITY;
    keeper.settled(settledTo);
    const until = performance.now() + WORK_MS;
    try {
      while (!stopping.aborted && (await keeper.work(stopping)) && performance.now() < until);
    } catch (error) {
      contact.failed(error);
      throw error;
    }
  }
}
