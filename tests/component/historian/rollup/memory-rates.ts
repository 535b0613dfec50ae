import type { SeriesKey } from '../../../../src/historian/port/queries.js';
import type { RateSource } from '../../../../src/historian/rollup/meter-rates.js';
import { seriesName } from '../../../../src/historian/rollup/port.js';
import type { DeviceKey } from '../../../../src/model/ids.js';

/** A registry's maximum rates of devices' counters. */
export class MemoryRates implements RateSource {
  private changes: { device: DeviceKey; metric: string; rate: number | null; change: number }[] = [];

  set(series: SeriesKey, rate: number | null): void {
    const others = this.changes.filter((one) => seriesName(one) !== seriesName(series));
    this.changes = [...others, { ...series, rate, change: (this.changes.at(-1)?.change ?? 0) + 1 }];
  }

  /** The registry is restored from a backup without rates. */
  clear(): void {
    this.changes = [];
  }

  after(change: number) {
    return this.changes.filter((one) => one.change > change);
  }
}
