import { parkOf } from '../../model/ids.js';
import type { LedgerStore } from '../ledger/ledger-store.js';
import { type MeterVersion, meterKey, withoutMeter, withVersion } from '../model/boundary/tree.js';
import { type AsOf, type Ledger, type Revision, versionAt } from '../model/statistics/ledger.js';
import type { MeterEdit } from './kept.js';
import type { RecordedVersion } from './port.js';

/** Trees of the past that are kept, beside the latest. */
const KEPT = 8;

/** The trees of all parks, from every edit in the order in which they were recorded. */
export class Trees {
  private readonly latest = new TreesOf();
  private readonly past = new Map<number, TreesOf>();

  constructor(private readonly store: LedgerStore<MeterEdit>) {}

  /** The last version of the ledger that was known; 0 when nothing was. */
  version(asOf: AsOf): number {
    return versionAt(this.store.ledger, asOf);
  }

  /** By device, register and time. */
  of(park: string, asOf: AsOf): readonly RecordedVersion[] {
    const { ledger } = this.store;
    const version = versionAt(ledger, asOf);
    if (version === ledger.length) return this.latest.upTo(ledger, version).of(park);
    let trees = this.past.get(version);
    if (trees === undefined) {
      trees = new TreesOf().upTo(ledger, version);
      const [oldest] = this.past.keys();
      if (this.past.size >= KEPT && oldest !== undefined) this.past.delete(oldest);
      this.past.set(version, trees);
    }
    return trees.of(park);
  }
}

/** The trees as of one version; versions only rise. */
class TreesOf {
  private known = 0;
  /** Versions by park and meter. */
  private readonly parks = new Map<string, Map<string, readonly RecordedVersion[]>>();

  /** Revisions are numbered from 1 without gaps. */
  upTo(ledger: Ledger<MeterEdit>, version: number): this {
    for (const revision of ledger.slice(this.known, version)) this.add(revision);
    this.known = version;
    return this;
  }

  of(park: string): readonly RecordedVersion[] {
    return [...(this.parks.get(park)?.entries() ?? [])]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([, versions]) => versions);
  }

  private add({ items, ...told }: Revision<MeterEdit>): void {
    for (const edit of items.values()) {
      if (edit === null) continue;
      const park = parkOf(edit.device);
      const meters = this.parks.get(park) ?? new Map<string, readonly RecordedVersion[]>();
      this.parks.set(park, meters);
      const key = meterKey(edit);
      meters.set(key, edited(meters.get(key) ?? [], edit, told));
    }
  }
}

/** What is known after an edit, by time. */
function edited(
  versions: readonly RecordedVersion[],
  { device, register, from, to, place }: MeterEdit,
  told: Omit<RecordedVersion, keyof MeterVersion>,
): readonly RecordedVersion[] {
  const period = { from, to: to ?? Number.POSITIVE_INFINITY };
  const meter = { device, register };
  const after =
    place === null
      ? withoutMeter(versions, meter, period)
      : withVersion(versions, { ...meter, ...period, ...place, ...told });
  return [...after].sort((a, b) => a.from - b.from);
}
