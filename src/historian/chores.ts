import type { Chore, ChoreTime } from './port/store.js';

/** The parts of a store's housekeeping, which fail one by one. */
export class Chores {
  readonly list: readonly Chore[];
  private readonly working = new Set<Promise<unknown>>();
  private round: Promise<void> | null = null;

  constructor(chores: readonly Chore[]) {
    this.list = chores.map((chore) => ({ ...chore, work: (time) => this.watched(chore.work(time)) }));
  }

  /** Joins the round that is at work. @throws what the first that failed fails with, once all had their turn */
  all(time: ChoreTime): Promise<void> {
    this.round ??= this.eachOnce(time).finally(() => {
      this.round = null;
    });
    return this.round;
  }

  /** Resolves when none of them is at work. */
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
