import type { SeriesKey, WindowChunk, WindowFunction } from '../../port/queries.js';
import { addBucket, type Bucket, emptyBucket, statisticOf } from '../model/bucket.js';
import type { RollupCalendar } from '../model/calendar.js';
import { SeriesSums } from './series-sums.js';

/** Most windows of one chunk. */
const CHUNK_WINDOWS = 8192;

interface WindowPlan {
  readonly edges: Float64Array;
  readonly fn: WindowFunction;
  /** Calendar, if windows consist of days and days of hours; null if windows consist of smaller buckets directly. */
  readonly days: RollupCalendar | null;
}

/**
 * Gathers the buckets of one series, starts rising, into windows. It adds sums in a fixed order, bucket to day to
 * window, so that no digit depends on which buckets were read and which computed.
 */
export class SeriesWindows extends SeriesSums {
  private readonly starts: number[] = [];
  private readonly values: number[] = [];
  private window = 0;
  private inWindow = emptyBucket(0);

  constructor(
    series: SeriesKey,
    private readonly plan: WindowPlan,
  ) {
    super(series, plan.edges[0]!, plan.days);
  }

  *chunks(): Generator<WindowChunk, void, undefined> {
    this.finishDay();
    this.finishWindow();
    for (let i = 0; i < this.starts.length; i += CHUNK_WINDOWS) {
      const to = i + CHUNK_WINDOWS;
      const [start, value] = [this.starts.slice(i, to), this.values.slice(i, to)];
      yield { series: this.series, start: Float64Array.from(start), value: Float64Array.from(value) };
    }
  }

  protected accept(bucket: Bucket): void {
    const { edges } = this.plan;
    if (bucket.start >= edges[this.window + 1]!) {
      this.finishWindow();
      while (bucket.start >= edges[this.window + 1]!) this.window += 1;
    }
    addBucket(this.inWindow, bucket);
  }

  private finishWindow(): void {
    const value = statisticOf(this.inWindow, this.plan.fn);
    this.inWindow = emptyBucket(0);
    if (value === null) return;
    this.starts.push(this.plan.edges[this.window]!);
    this.values.push(value);
  }
}
