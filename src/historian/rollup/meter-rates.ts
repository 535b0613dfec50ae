import type { Metric } from '../../model/catalogue/index.js';
import { withMaxRate } from '../../model/counter/max-rates.js';
import { lineAlone } from '../../model/counter/state.js';
import type { DeviceKey } from '../../model/ids.js';
import type { SeriesKey } from '../port/queries.js';
import { apart } from './make/apart.js';
import { RollupWriter } from './make/rollup-writer.js';
import { type RollupStore, type SeriesRollups, seriesName, seriesNamed } from './port.js';
import type { ProgressFile } from './progress/progress-file.js';

/** Registered maximum rates of devices' counters; see `MaxRates`. */
export interface RateSource {
  /** Changes after number `change`, in order; from 0 on, all. A null rate: none is known. */
  after(change: number): Iterable<{
    readonly device: DeviceKey;
    readonly metric: string;
    readonly rate: number | null;
    readonly change: number;
  }>;
}

/** Rates that differ from the rates in force. */
interface NewRates {
  /** By `seriesName`. */
  readonly rates: ReadonlyMap<string, number | null>;
  /** Number of the last of these changes. */
  readonly change: number;
}

/** The maximum rates in force: those in the progress file, which also lists the hours that they made out of date. */
export class MeterRates {
  private readonly inForce: Map<string, number>;
  private seen: number | null = null;

  constructor(
    private readonly progressFile: ProgressFile,
    private readonly source: RateSource | undefined,
  ) {
    this.inForce = new Map(progressFile.rates().map((row) => [seriesName(row), row.rate]));
  }

  /** The device's metric, with its own maximum rate if it has one. */
  apply(series: SeriesKey, metric: Metric | undefined): Metric | undefined {
    if (metric?.kind !== 'counter' || this.inForce.size === 0) return metric;
    const rate = this.inForce.get(seriesName(series));
    return rate === undefined ? metric : withMaxRate(metric, rate);
  }

  /** Changes that the registry has since; null without any. */
  news(): NewRates | null {
    const changes = [...(this.source?.after(this.seen ?? 0) ?? [])];
    const said = new Map(changes.map((change) => [seriesName(change), change.rate]));
    // A state file restored from a backup may lack rates that are in force.
    if (this.seen === null) for (const name of this.inForce.keys()) if (!said.has(name)) said.set(name, null);
    const change = changes.at(-1)?.change ?? this.seen ?? 0;
    const differ = [...said].filter(([name, rate]) => (this.inForce.get(name) ?? null) !== rate);
    if (differ.length === 0) {
      this.seen = change;
      return null;
    }
    return { rates: new Map(differ), change };
  }

  /** Puts the rates in force in one transaction with `note`, which stores the hours that they make out of date. */
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
 * The series with hours between `from` and `rolledTo`, which another rate has to count again. The hour before hands on
 * only its line: its glitches and other lines came from the old rate.
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
      rows.push({ series: one, rollups: [{ ...row, carry }] });
    }
  };
  // A series whose hours cannot be read may have some: the correction finds out.
  for (const { item } of await apart(series, look)) found.push(item);
  const writer = new RollupWriter(store, 'hour', (one) => found.push(one));
  for (const one of rows) await writer.add(one.series, one.rollups);
  await writer.flush();
  return found;
}
