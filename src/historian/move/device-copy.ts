import { DAY_MS } from '../../model/time/duration.js';
import { ResultTooLargeError } from '../port/errors.js';
import type { HistorianQueries, RawChunk, SeriesKey } from '../port/queries.js';
import type { TimeSpan } from '../port/stats.js';
import { type MovedDevice, missingRows, rowsOf, toMessages } from './messages.js';
import type { MovableStore } from './port.js';
import type { BatchSender } from './sender.js';

export interface DeviceCopyParts {
  readonly from: Pick<MovableStore, 'raw' | 'counts'>;
  readonly to: Pick<MovableStore, 'raw'>;
  /** Span in which the target may have readings already; null if it had none. */
  readonly shared: TimeSpan | null;
  readonly sender: BatchSender;
  /** Most readings in memory, of either store. */
  readonly rowsAtOnce: number;
}

/** Copies one device, stretch by stretch, times rising. */
export class DeviceCopy {
  private readonly series: readonly SeriesKey[];
  /** The source has no reading of the device between the last stretch and this time. */
  private emptyTo = Number.NEGATIVE_INFINITY;
  /** Length of a stretch that fits in memory. */
  private length = Number.POSITIVE_INFINITY;

  constructor(
    private readonly parts: DeviceCopyParts,
    private readonly device: MovedDevice,
  ) {
    this.series = device.metrics.map((metric) => ({ device: device.device, metric }));
  }

  /** Copies missing readings; returns the number of readings in the source's stretch. */
  async copy({ from, to }: TimeSpan): Promise<number> {
    const end = Math.min(to, this.device.newest + 1);
    let readings = 0;
    for (let at = Math.max(from, this.emptyTo); at < end; ) {
      const stretch = { from: at, to: Math.min(end, at + this.length) };
      const copied = await this.copyStretch(stretch);
      if (copied === null) {
        this.length = Math.ceil((stretch.to - at) / 2);
        continue;
      }
      readings += copied;
      at = stretch.to;
      if (copied < this.parts.rowsAtOnce / 4) this.length *= 2;
    }
    if (readings === 0 && from >= this.emptyTo && end === to) await this.lookAhead(to);
    return readings;
  }

  /** Null if there are too many for memory. */
  private async copyStretch(stretch: TimeSpan): Promise<number | null> {
    const { from, to, shared, sender, rowsAtOnce } = this.parts;
    // A single instant cannot be halved.
    const limit = stretch.to - stretch.from <= 1 ? Number.MAX_SAFE_INTEGER : rowsAtOnce;
    try {
      const rows = rowsOf(await this.read(from, stretch, limit));
      const there = rows.length > 0 && meet(stretch, shared) ? await this.read(to, stretch, limit) : [];
      await sender.send(toMessages(this.device, missingRows(rows, there)));
      return rows.length;
    } catch (error) {
      if (error instanceof ResultTooLargeError) return null;
      throw error;
    }
  }

  private async read(store: Pick<HistorianQueries, 'raw'>, stretch: TimeSpan, limit: number): Promise<RawChunk[]> {
    const chunks: RawChunk[] = [];
    for await (const chunk of store.raw({ series: this.series, ...stretch, limit })) chunks.push(chunk);
    return chunks;
  }

  /** After a silence: finds its end, so that not every silent day is queried. */
  private async lookAhead(at: number): Promise<void> {
    this.emptyTo = at;
    for (let span = 2 * DAY_MS; this.emptyTo <= this.device.newest; span *= 2) {
      const to = Math.min(this.emptyTo + span, this.device.newest + 1);
      const counts = await this.parts.from.counts(this.series, this.emptyTo, to);
      if (counts.some((count) => count > 0)) return;
      this.emptyTo = to;
    }
  }
}

/** Whether the target may have readings of that time. */
export const meet = (stretch: TimeSpan, shared: TimeSpan | null): boolean =>
  shared !== null && stretch.from < shared.to && stretch.to > shared.from;
