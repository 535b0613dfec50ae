import type { SeriesKey } from '../../port/queries.js';
import {
  type Bucket,
  type Carry,
  emptyBucket,
  mergeBuckets,
  NO_CARRY,
  sameBucket,
  sameCarry,
} from '../model/bucket.js';
import { cutHours } from '../model/calendar.js';
import { BucketFold, type FoldedMetric, type FoldStart } from '../model/fold.js';
import { type GoodReadings, type Rollup, type SeriesRollups, seriesName } from '../port.js';
import type { SharedParts } from './shared-parts.js';

/** Folds the readings of one series into hourly rows. */
export class HourRollups {
  readonly rows: Rollup[] = [];
  private readonly fold: BucketFold;

  private constructor(
    metric: FoldedMetric | undefined,
    private readonly start: FoldStart,
  ) {
    this.fold = new BucketFold(metric, cutHours, start, (bucket, carry) => this.rows.push({ ...bucket, carry }));
  }

  /** One per series, by name, which continues from its last hour before `from`. */
  static async begin(
    { store, metricOf }: Pick<SharedParts, 'store' | 'metricOf'>,
    keys: readonly SeriesKey[],
    from: number,
  ) {
    const last = await store.lastBefore(keys, from);
    const begun = (name: string, key: SeriesKey) =>
      new HourRollups(metricOf(key), { from, carry: last.get(name)?.carry ?? NO_CARRY });
    return new Map(keys.map((key) => [seriesName(key), begun(seriesName(key), key)]));
  }

  /** Ignores readings before the start. */
  append({ ts, value }: GoodReadings): void {
    for (let i = 0; i < ts.length; i += 1) if (ts[i]! >= this.start.from) this.fold.push(ts[i]!, value[i]!);
  }

  /** Returns the carry for the hours after `to`. */
  finish(to: number): Carry {
    return this.fold.finish(to);
  }

  /** The rows to write in place of `old`, of the same hours. A row that no longer exists becomes an empty one. */
  changed(old: readonly Rollup[]): Rollup[] {
    if (old.length === 0) return [...this.rows];
    const oldAt = new Map(old.map((row) => [row.start, row]));
    const madeAt = new Map(this.rows.map((row) => [row.start, row]));
    const starts = [...new Set([...oldAt.keys(), ...madeAt.keys()])].sort((a, b) => a - b);
    const changed: Rollup[] = [];
    let handedOn = this.start.carry;
    for (const start of starts) {
      const row = madeAt.get(start) ?? { ...emptyBucket(start), carry: handedOn };
      const before = oldAt.get(start);
      if (before === undefined || !sameRollup(before, row)) changed.push(row);
      handedOn = row.carry;
    }
    return changed;
  }
}

/** The row of a day that starts at `start`; null without hours. */
export function dayRollup(start: number, hours: readonly Bucket[]): Rollup | null {
  return hours.length === 0 ? null : { ...mergeBuckets(start, hours), carry: NO_CARRY };
}

export const sameRollup = (a: Rollup, b: Rollup): boolean => sameBucket(a, b) && sameCarry(a.carry, b.carry);

/** Rows by series name. */
export async function collectRollups(parts: AsyncIterable<SeriesRollups>): Promise<Map<string, Rollup[]>> {
  const found = new Map<string, Rollup[]>();
  for await (const { series, rollups: rows } of parts) {
    const name = seriesName(series);
    const known = found.get(name);
    if (known === undefined) found.set(name, [...rows]);
    else for (const row of rows) known.push(row);
  }
  return found;
}
