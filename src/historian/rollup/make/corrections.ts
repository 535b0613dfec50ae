import { seriesName } from '../port.js';
import { apart } from './apart.js';
import { correctSome, firstOf, type Picked, pick } from './make-again.js';
import type { SharedParts } from './shared-parts.js';

/** Corrects hours that are out of date; a series that cannot be corrected waits by itself. */
export class Corrections {
  constructor(private readonly shared: SharedParts) {}

  get isDue(): boolean {
    const { progress, dirty, retries } = this.shared;
    for (const one of dirty.all()) {
      if (firstOf(one, progress, progress.rolledTo) === Number.POSITIVE_INFINITY) continue;
      if (retries.isDue('series', seriesName(one.series))) return true;
    }
    return false;
  }

  /** Corrects some series. @throws what that failed with, the first time; nothing is lost, and the next call goes on */
  async work(signal?: AbortSignal): Promise<void> {
    const { dirty, retries } = this.shared;
    const { rolledTo, daysTo } = this.shared.progress;
    const picked = pick(this.shared, rolledTo, (series) => retries.isDue('series', seriesName(series)));
    const work = async (some: readonly Picked[]) => {
      await correctSome(this.shared, some, { rolledTo, daysTo }, signal);
      for (const { series } of some) retries.succeeded('series', seriesName(series));
    };
    try {
      for (const { item, error } of await apart(picked, work, signal)) this.failed(item, error);
    } catch (error) {
      // Others have their turn before these are tried again.
      for (const one of picked) dirty.clear(one, Number.NEGATIVE_INFINITY);
      if (signal?.aborted || picked.length > 1 || this.failed(picked[0]!, error) < 2) throw error;
    }
  }

  private failed(one: Picked, error: unknown): number {
    this.shared.dirty.clear(one, Number.NEGATIVE_INFINITY);
    return this.shared.retries.failed('series', seriesName(one.series), error);
  }
}
