import type { Metric } from '../../model/catalogue/index.js';
import { withMaxRate } from '../../model/counter/max-rates.js';
import { lineAlone } from '../../model/counter/state.js';
import type { DeviceKey } from '../../model/ids.js';
import type { SeriesKey } from '../port/queries.js';
import { apart } from './make/apart.js';
import { RollupWriter } from './make/rollup-writer.js';
import { type RollupStore, type SeriesRollups, seriesName, seriesNamed } from './port.js';
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
  /** By `seriesName`. */
  readonly rates: ReadonlyMap<string, number | null>;
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
    return { rates: new Map(differ), change };
  }

  /** Puts them in force together with what `note` makes durable: what is out of date by them. */
  putInForce({ rates, change }: NewRates, note: () => void): void {
    this.progressFile.atomically(() => {
      for (const [name, rate] of rates) this.progressFile.setRate(seriesNamed(name), rate);
      note();
    });
    for (const [name, rate] of rates) {
      if (rate === null) this.inForce.delete(name);
      else this.inForce.set(name, rate);
    }
    this.seen = change;
  }
}

/**
 * Those of the series whose hours from `from` on are to be counted by another bound: those with hours before `rolledTo`.
 * The hour before hands on its line alone: by what another bound took for glitches and other lines, they would be again.
 */
export async function seriesSince(
  store: RollupStore,
  series: readonly SeriesKey[],
  from: number,
  rolledTo: number,
): Promise<readonly SeriesKey[]> {
  const found: SeriesKey[] = [];
  const rows: SeriesRollups[] = [];
  const look = async (some: readonly SeriesKey[]) => {
    const newest = await store.lastBefore(some, rolledTo);
    const since = some.filter((one) => (newest.get(seriesName(one))?.start ?? Number.NEGATIVE_INFINITY) >= from);
    const before = await store.lastBefore(since, from);
    found.push(...since);
    for (const one of since) {
      const row = before.get(seriesName(one));
      if (row?.carry.counter == null) continue;
      const carry = { ...row.carry, counter: lineAlone(row.carry.counter) };
      rows.push({ series: one, rows: [{ ...row, carry }] });
    }
  };
  // One whose hours cannot be read may have some: it is found out when they are corrected.
  for (const { item } of await apart(series, look)) found.push(item);
  const writer = new RollupWriter(store, 'hour', (one) => found.push(one));
  for (const one of rows) await writer.add(one.series, one.rows);
  await writer.flush();
  return found;
}
