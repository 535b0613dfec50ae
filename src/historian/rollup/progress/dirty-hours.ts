import { HOUR_MS } from '../../../model/time/duration.js';
import type { SeriesKey } from '../../port/queries.js';
import type { TimeSpan } from '../../port/stats.js';
import { hourOf } from '../model/calendar.js';
import { seriesName } from '../port.js';
import { addRange, rangesFrom, rangesWithout } from './hour-ranges.js';
import type { ProgressFile } from './progress-file.js';

/** Most separate ranges of hours, per series and in all; beyond, one range of a series spans all of them. */
export interface DirtyBounds {
  readonly perSeries: number;
  readonly inAll: number;
}
export const DIRTY_BOUNDS: DirtyBounds = { perSeries: 32, inAll: 100_000 };

/** The hours of one series that are out of date. */
interface DirtySeries {
  readonly series: SeriesKey;
  /** Disjoint and rising, at least one. */
  readonly ranges: readonly TimeSpan[];
  /** Rises with each note. */
  readonly notes: number;
}

type Entry = { -readonly [Field in keyof DirtySeries]: DirtySeries[Field] };

/** Hours of each series that are out of date: in memory at once, in the progress file after `save`. */
export class DirtyHoursOfSeries {
  private readonly entries = new Map<string, Entry>();
  /** Series whose ranges in memory differ from the file, by name. */
  private readonly unsaved = new Map<string, SeriesKey>();
  private rangeCount = 0;

  constructor(
    private readonly progressFile: ProgressFile,
    private readonly bounds: DirtyBounds,
  ) {
    for (const { device, metric, from, to } of progressFile.dirtyHours()) {
      const entry = this.entryOf({ device, metric });
      this.setRanges(entry, [...entry.ranges, { from, to }]);
    }
  }

  get size(): number {
    return this.entries.size;
  }

  get(series: SeriesKey): DirtySeries | undefined {
    return this.entries.get(seriesName(series));
  }

  /** The series that has waited longest first. */
  all(): Iterable<DirtySeries> {
    return this.entries.values();
  }

  /** Marks the hour of a reading as out of date. */
  note(series: SeriesKey, ts: number): void {
    const entry = this.entryOf(series);
    entry.notes += 1;
    for (const known of entry.ranges) if (ts >= known.from && ts < known.to) return;
    const from = hourOf(ts);
    this.add(entry, { from, to: from + HOUR_MS });
  }

  /** Marks these hours of the series as out of date. */
  noteHours(series: SeriesKey, hours: TimeSpan): void {
    const entry = this.entryOf(series);
    entry.notes += 1;
    this.add(entry, hours);
  }

  /** Continues the correction of the series at `hour`. */
  goOn(series: SeriesKey, hour: number): void {
    this.add(this.entryOf(series), { from: hour, to: hour + HOUR_MS });
  }

  /** Clears hours before `before`, unless more was noted since `asOf`; moves the series to the end of the queue. */
  clear(asOf: { readonly series: SeriesKey; readonly notes: number }, before: number): void {
    const name = seriesName(asOf.series);
    const entry = this.entries.get(name);
    if (entry === undefined) return;
    this.entries.delete(name);
    const ranges = entry.notes === asOf.notes ? rangesFrom(entry.ranges, before) : entry.ranges;
    this.entries.set(name, entry);
    this.leave(name, entry, ranges);
  }

  /** Clears these hours for all series: they are final, or made anew by other means. */
  forget(hours: TimeSpan): void {
    for (const [name, entry] of this.entries) {
      if (!entry.ranges.some(({ from, to }) => from < hours.to && to > hours.from)) continue;
      this.leave(name, entry, rangesWithout(entry.ranges, hours));
    }
  }

  /** Writes all changes; durable when it returns. */
  save(): void {
    if (this.unsaved.size === 0) return;
    this.progressFile.atomically(() => {
      for (const [name, series] of this.unsaved)
        this.progressFile.replaceDirty(series, this.entries.get(name)?.ranges ?? []);
    });
    this.unsaved.clear();
  }

  private entryOf(series: SeriesKey): Entry {
    const name = seriesName(series);
    let entry = this.entries.get(name);
    if (entry === undefined) {
      entry = { series: { device: series.device, metric: series.metric }, ranges: [], notes: 0 };
      this.entries.set(name, entry);
    }
    return entry;
  }

  private add(entry: Entry, range: TimeSpan): void {
    const ranges = addRange(entry.ranges, range);
    const full = ranges.length > this.bounds.perSeries || this.rangeCount >= this.bounds.inAll;
    this.setRanges(entry, full ? [{ from: ranges[0]!.from, to: ranges.at(-1)!.to }] : ranges);
    this.unsaved.set(seriesName(entry.series), entry.series);
  }

  /** Leaves only `ranges` out of date. */
  private leave(name: string, entry: Entry, ranges: readonly TimeSpan[]): void {
    this.setRanges(entry, ranges);
    this.unsaved.set(name, entry.series);
    if (ranges.length === 0) this.entries.delete(name);
  }

  private setRanges(entry: Entry, ranges: readonly TimeSpan[]): void {
    this.rangeCount += ranges.length - entry.ranges.length;
    entry.ranges = ranges;
  }
}
