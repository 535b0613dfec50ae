import type { Metric } from '../../model/catalogue/index.js';
import { withMaxRate } from '../../model/counter/max-rates.js';
import type { DeviceKey } from '../../model/ids.js';
import type { SeriesKey } from '../port/queries.js';
import { seriesName, seriesNamed } from './port.js';
import type { ProgressFile } from './progress/progress-file.js';

/** Where the rates of devices' counters are registered; see `MaxRates`. */
export interface RateSource {
  /** What changed since change number `change`, in that order; from 0 on, all there is. A null rate: none is known. */
  after(change: number): Iterable<{
    readonly device: DeviceKey;
    readonly metric: string;
    readonly rate: number | null;
    readonly change: number;
  }>;
}

/** Rates that differ from those in force. */
interface NewRates {
  readonly series: readonly SeriesKey[];
  readonly rates: readonly (number | null)[];
  /** Number of the last change among them. */
  readonly change: number;
}

/** The rates by which counters are counted: those that the progress file names, for it names what is out of date by them too. */
export class MeterRates {
  private readonly inForce: Map<string, number>;
  private seen: number | null = null;

  constructor(
    private readonly progressFile: ProgressFile,
    private readonly source: RateSource | undefined,
  ) {
    this.inForce = new Map(progressFile.rates().map((row) => [seriesName(row), row.rate]));
  }

  /** The metric as it is on this device. */
  apply(series: SeriesKey, metric: Metric | undefined): Metric | undefined {
    if (metric?.kind !== 'counter' || this.inForce.size === 0) return metric;
    const rate = this.inForce.get(seriesName(series));
    return rate === undefined ? metric : withMaxRate(metric, rate);
  }

  /** What the registry says otherwise by now; null where nothing. */
  news(): NewRates | null {
    const changes = [...(this.source?.after(this.seen ?? 0) ?? [])];
    const said = new Map(changes.map((change) => [seriesName(change), change.rate]));
    // A state file that was put back may not know of any.
    if (this.seen === null) for (const name of this.inForce.keys()) if (!said.has(name)) said.set(name, null);
    const change = changes.at(-1)?.change ?? this.seen ?? 0;
    const differ = [...said].filter(([name, rate]) => (this.inForce.get(name) ?? null) !== rate);
    if (differ.length === 0) {
      this.seen = change;
      return null;
    }
    return { series: differ.map(([name]) => seriesNamed(name)), rates: differ.map(([, rate]) => rate), change };
  }

  /** Puts them in force together with what `note` makes durable: what is out of date by them. */
  putInForce({ series, rates, change }: NewRates, note: () => void): void {
    this.progressFile.atomically(() => {
      series.forEach((one, i) => {
        this.progressFile.setRate(one, rates[i] ?? null);
      });
      note();
    });
    series.forEach((one, i) => {
      const rate = rates[i] ?? null;
      if (rate === null) this.inForce.delete(seriesName(one));
      else this.inForce.set(seriesName(one), rate);
    });
    this.seen = change;
  }
}
