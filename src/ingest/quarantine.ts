import type { IngestService } from './ingest.js';
import type { Quarantine, QuarantineFilter, ReplayResult } from './port.js';
import type { QuarantineStore } from './quarantine-store.js';

/** The quarantine as people see it: look, and try again. */
export class QuarantineService implements Quarantine {
  constructor(
    private readonly store: QuarantineStore,
    private readonly ingest: IngestService,
    private readonly clock: () => number,
  ) {}

  get stats() {
    return this.store.stats;
  }

  list(filter: QuarantineFilter) {
    return this.store.list(filter);
  }

  get(id: number) {
    return this.store.get(id);
  }

  async replay(id: number, by: string): Promise<ReplayResult | undefined> {
    const message = this.store.get(id);
    if (message === undefined) return undefined;
    const taken = this.ingest.take(message, message.receivedAt);
    await taken.stored;
    if (taken.rejections.length === 0) await this.store.markReplayed(id, by, this.clock());
    return { readings: taken.readings, rejections: taken.rejections };
  }
}
