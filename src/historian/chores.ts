import type { Chore, ChoreTime } from './port/store.js';

/** A store's housekeeping jobs; one that fails does not stop the others. */
export class Chores {
  readonly list: readonly Chore[];
  private readonly working = new Set<Promise<unknown>>();
  private round: Promise<void> | null = null;

  constructor(chores: readonly Chore[]) {
    this.list = chores.map((chore) => ({ ...chore, work: (time) => this.watched(chore.work(time)) }));
  }

  /** Runs every job once, or joins the round in progress. @throws the first job's error, after all jobs have run */
  all(time: ChoreTime): Promise<void> {
    this.round ??= this.eachOnce(time).finally(() => {
      this.round = null;
    });
    return this.round;
  }

  /** Resolves when no job is running. */
  async rest(): Promise<void> {
    await Promise.allSettled([this.round, ...this.working]);
  }

  private async eachOnce(time: ChoreTime): Promise<void> {
    const failed: unknown[] = [];
    for (const { work } of this.list) await work(time).catch((error: unknown) => failed.push(error));
    if (failed.length > 0) throw failed[0];
  }

  private watched<T>(done: Promise<T>): Promise<T> {
    this.working.add(done);
    const over = () => void this.working.delete(done);
    done.then(over, over);
    return done;
  }
}
