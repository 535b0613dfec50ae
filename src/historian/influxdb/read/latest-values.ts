import type { DeviceReadings, Reading } from '../../../model/reading.js';
import type { LatestQuery, LatestValue, SeriesKey } from '../../port/queries.js';
import type { RefusedReadings } from '../../port/store.js';
import { LatestTable } from './latest-table.js';
import { type LatestParts, loadLatest } from './load-latest.js';

interface LatestValuesParts extends LatestParts {
  readonly clock: () => number;
  /** Ends what is being loaded. */
  readonly stopping: AbortSignal;
}

/** The newest value of every series: taken off the server once, when first asked for, and then kept by what is written. */
export class LatestValues {
  private readonly table = new LatestTable();
  private readonly refused = new WeakSet<Reading>();
  private unlisted: SeriesKey[] = [];
  private loaded: Promise<void> | null = null;

  constructor(private readonly parts: LatestValuesParts) {}

  /** @throws InfluxError while they cannot be loaded; the next call tries again */
  async find(query: LatestQuery): Promise<LatestValue[]> {
    const { parts, table } = this;
    this.loaded ??= loadLatest(parts, table, parts.clock(), parts.stopping).catch((error: unknown) => {
      this.loaded = null;
      throw error;
    });
    await this.loaded;
    return table.find(query);
  }

  /** The server has these, but for what it refused. @throws when the disk does not take what has to be known of them */
  accept(messages: readonly DeviceReadings[]): void {
    const keptFrom = this.parts.source.keptFrom();
    const isKept = (reading: Reading) => reading.ts >= keptFrom && !this.refused.has(reading);
    for (const message of messages) this.unlisted.push(...this.table.accept(message, isKept));
    this.parts.series.add(this.unlisted);
    this.unlisted = [];
  }

  /** These are not on the server, though what came with them is. */
  refuse(refused: readonly RefusedReadings[]): void {
    for (const { message } of refused) for (const reading of message.readings) this.refused.add(reading);
  }

  dropBefore(keptFrom: number): void {
    this.table.dropBefore(keptFrom);
  }
}
