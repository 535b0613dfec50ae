import type { IngestService } from './ingest.js';
import type { Quarantine, QuarantineFilter, ReplayResult } from './port.js';
import type { QuarantineStore } from './quarantine-store.js';
import { openItems } from './rejections.js';

/** The quarantine as the API uses it: list, get and replay. */
export class QuarantineService implements Quarantine {
  constructor(
    private readonly store: QuarantineStore,
    private readonly ingest: IngestService,
    private readonly clock: () => number,
  ) {}

  get stats() {
    return this.store.stats;
  }

  get heldBytes() {
    return this.store.heldBytes;
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
    const now = this.clock();
    const { readings, rejections, stored } = this.ingest.replay(message, message.receivedAt, now, message.open);
    await stored;
    const open = openItems(rejections) ?? message.open;
    if (rejections.length === 0) await this.store.markReplayed(id, by, now);
    else if (open !== null) await this.store.keepRest(id, rejections, open);
    return { readings, rejections };
  }
}
