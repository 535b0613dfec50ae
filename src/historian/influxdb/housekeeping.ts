import { DAY_MS } from '../../model/time/duration.js';
import { Chores } from '../chores.js';
import type { RollupMaker } from '../rollup/rollup-maker.js';
import type { InfluxLatestValues } from './read/latest-values.js';
import type { Contact } from './setup/contact.js';
import type { Cursor } from './write/cursor.js';
import type { Rewriter } from './write/rewriter.js';

interface HousekeepingParts {
  readonly rollupMaker: RollupMaker;
  readonly cursor: Cursor;
  readonly latestValues: InfluxLatestValues;
  readonly contact: Contact;
  readonly rewriter: Rewriter;
  readonly stopping: AbortSignal;
}

/** Interval between two checks of the set-up. */
const CHECK_MS = 600_000;
/** Roll-ups written this long before the oldest kept batch may be lost too. */
const ROLL_AGAIN_MS = DAY_MS;

/** InfluxDB's housekeeping jobs; one that fails does not stop the others. */
export class InfluxHousekeeping {
  readonly chores: Chores;
  /** Roll-ups from this hour on have to be made again. */
  private rollAgainFrom = Number.POSITIVE_INFINITY;
  private checkedAt: number | null = null;

  constructor(private readonly parts: HousekeepingParts) {
    this.chores = new Chores([
      { name: 'upkeep', vital: true, work: ({ now }) => this.contact(now) },
      { name: 'retention', work: async ({ keepFrom }) => this.drop(keepFrom) },
      {
        name: 'rollups',
        work: ({ settledTo }) => this.rollUp(settledTo),
        problem: () => parts.rollupMaker.problem,
      },
    ]);
  }

  /** The server may have lost its last writes, and with them the roll-ups of that time. */
  rollAgain(): void {
    this.rollAgainFrom = Math.min(this.rollAgainFrom, this.parts.cursor.kept.rolledTo - ROLL_AGAIN_MS);
  }

  private async contact(now: number): Promise<void> {
    const { cursor, contact, rewriter } = this.parts;
    cursor.save();
    await contact.ensure();
    await rewriter.check();
    this.checkedAt ??= now;
    if (contact.blind !== null || Math.abs(now - this.checkedAt) < CHECK_MS) return;
    await contact.check();
    this.checkedAt = now;
  }

  private drop(keepFrom: number): void {
    const { rollupMaker, cursor, latestValues } = this.parts;
    cursor.keepFrom(keepFrom);
    if (cursor.dropBefore(Math.min(keepFrom, rollupMaker.droppable))) latestValues.dropBefore(cursor.keptFrom);
    if (Number.isFinite(cursor.keptFrom)) rollupMaker.keepFrom(cursor.keptFrom);
  }

  private async rollUp(settledTo: number): Promise<void> {
    const { cursor, contact, rollupMaker, stopping } = this.parts;
    await contact.ensure();
    // Batches in rewrite change rolled-up hours; the roll-ups wait until all of them are written.
    if (contact.blind !== null || cursor.seq < cursor.reached) return;
    if (this.rollAgainFrom < Number.POSITIVE_INFINITY) rollupMaker.rollUpAgain(this.rollAgainFrom);
    this.rollAgainFrom = Number.POSITIVE_INFINITY;
    try {
      await rollupMaker.catchUp(settledTo, stopping);
    } catch (error) {
      contact.failed(error);
      throw error;
    }
  }
}
