import type { SeriesKey } from '../../port/queries.js';
import { addBucket, type Bucket, emptyBucket } from '../model/bucket.js';
import type { RollupCalendar } from '../model/calendar.js';

/** Takes the buckets of one series, starts rising, adds hours up to days where days are asked for, and passes them on. */
export abstract class SeriesSums {
  private inDay = emptyBucket(0);
  private dayBegun = false;
  private dayEnd = Number.NEGATIVE_INFINITY;

  /**
   * @param from what starts before is left out, epoch ms
   * @param days null where buckets are passed on as they come
   */
  constructor(
    readonly series: SeriesKey,
    private readonly from: number,
    private readonly days: RollupCalendar | null,
  ) {}

  add(bucket: Bucket): void {
    if (bucket.start < this.from) return;
    if (this.days === null) {
      this.accept(bucket);
      return;
    }
    if (bucket.start >= this.dayEnd) {
      this.finishDay();
      const { start, end } = this.days.dayOf(bucket.start);
      this.dayEnd = end;
      this.inDay = emptyBucket(start);
      this.dayBegun = true;
    }
    addBucket(this.inDay, bucket);
  }

  /** A whole day, if its start is one: a day of another zone is none. */
  addDay(bucket: Bucket): void {
    if (this.days?.isDayStart(bucket.start)) this.accept(bucket);
  }

  protected abstract accept(bucket: Bucket): void;

  protected finishDay(): void {
    if (this.dayBegun) this.accept(this.inDay);
    this.dayBegun = false;
  }
}
