import type { Database } from '../../sqlite.js';
import { type State, writeNow } from '../../state/port.js';
import {
  type AsOf,
  type Beliefs,
  believed,
  type Ledger,
  type Origin,
  type Revision,
  record,
  versionAt,
} from '../model/statistics/ledger.js';
import { IntensityRefusedError } from '../port.js';

/** The ledgers there are; each has versions of its own. */
const LEDGERS = [
  ...(['statistics', 'counted_sets', 'coefficients', 'measured_heat', 'green_power', 'co2_factors'] as const),
  ...(['policy', 'meters', 'meter_swaps', 'voids', 'gap_rules', 'bills', 'publications', 'loss_limits'] as const),
] as const;
type LedgerName = (typeof LEDGERS)[number];

/** The most items that one revision, and one ledger over all its revisions, may hold: all of it is in memory. */
export const LEDGER_BOUNDS = { revision: 50_000, ledger: 1_000_000 } as const;

/** A revision that is checked and not yet written. */
interface Staged<T> {
  readonly revision: Revision<T>;
  /** Its rows, into a transaction. */
  write(db: Database): void;
  /** Adds it to the memory, once the transaction is durable. */
  adopt(): void;
}

/**
 * Writes revisions of different ledgers in one transaction, all of them or none; durable when this returns.
 * @param beside writes into the same transaction, the audit for one
 * @throws StorageUnavailableError when the disk is full or fails; nothing was recorded
 */
export function appendTogether(
  state: State,
  staged: readonly Pick<Staged<never>, 'write' | 'adopt'>[],
  beside: (db: Database) => void = () => undefined,
): void {
  writeNow(state, (db) => {
    for (const one of staged) one.write(db);
    beside(db);
  });
  for (const one of staged) one.adopt();
}

/** Where damaged entries are named. */
export interface LedgerLog {
  error(fields: object, message: string): void;
}

type Items<T> = Iterable<readonly [key: string, value: T | null]>;

interface Row {
  readonly version: number;
  readonly recordedAt: number;
  readonly by: string;
  readonly source: string;
  readonly reason: string | null;
  readonly key: string;
  readonly value: string | null;
}

/** One ledger in the state file, and all of it in memory. Values are kept as JSON: plain data, every number finite. */
export class LedgerStore<T> {
  private revisions: Ledger<T>;
  private items = 0;
  private newest: Beliefs<T> | undefined;
  private older: Beliefs<T> | undefined;

  constructor(
    private readonly state: State,
    private readonly name: LedgerName,
    private readonly clock: () => number,
    log: LedgerLog,
  ) {
    this.revisions = read<T>(state.db, name, log);
    for (const { items } of this.revisions) this.items += items.size;
  }

  get ledger(): Ledger<T> {
    return this.revisions;
  }

  /** The newest version; 0 when nothing was ever recorded. */
  get version(): number {
    return this.revisions.at(-1)?.version ?? 0;
  }

  /** As `believed` answers; the store keeps the newest version and the older one that was asked for last. */
  believed(asOf: AsOf = 'latest'): Beliefs<T> {
    const version = versionAt(this.revisions, asOf);
    if (version < this.version) {
      if (this.older?.version !== version) this.older = believed(this.revisions, { version });
      return this.older;
    }
    if (this.newest?.version !== version) this.newest = believed(this.revisions, 'latest', this.newest);
    return this.newest;
  }

  /**
   * Records one revision, all of it or nothing; durable when this returns.
   * @param beside writes into the same transaction, the audit for one
   * @throws IntensityRefusedError when the ledger is full
   * @throws StorageUnavailableError when the disk is full or fails; nothing was recorded
   */
  append(items: Items<T>, origin: Origin, beside: (db: Database) => void = () => undefined): Revision<T> {
    const staged = this.stage(items, origin);
    appendTogether(this.state, [staged], beside);
    return staged.revision;
  }

  /**
   * The next revision, for `appendTogether`; it has to be written before another one is staged.
   * @throws IntensityRefusedError when the ledger is full
   */
  stage(items: Items<T>, origin: Origin): Staged<T> {
    const next = record(this.revisions, items, origin, this.clock());
    const revision = next[next.length - 1]!;
    const { size } = revision.items;
    if (size > LEDGER_BOUNDS.revision || this.items + size > LEDGER_BOUNDS.ledger) {
      const message = `${size} items: at most ${LEDGER_BOUNDS.revision} are recorded at once, and ${LEDGER_BOUNDS.ledger} in all`;
      throw new IntensityRefusedError('conflict', 'ledger_full', message);
    }
    return {
      revision,
      write: (db) => this.insert(db, revision),
      adopt: () => {
        this.revisions = next;
        this.items += size;
      },
    };
  }

  private insert(db: Database, { version, recordedAt, by, source, reason, items }: Revision<T>): void {
    db.prepare(
      `INSERT INTO intensity_revisions (ledger, version, recorded_at, by, source, reason) VALUES (?, ?, ?, ?, ?, ?)`,
    ).run(this.name, version, recordedAt, by, source, reason ?? null);
    const insert = db.prepare('INSERT INTO intensity_items VALUES (?, ?, ?, ?)');
    for (const [key, value] of items) {
      insert.run(this.name, version, key, value === null ? null : JSON.stringify(value));
    }
  }
}

/**
 * All revisions. A value that is no JSON any more is left out, so that what was believed before it counts, and named: it
 * must not keep the service from its start.
 */
function read<T>(db: Database, name: LedgerName, log: LedgerLog): Ledger<T> {
  const rows = db
    .prepare<[string], Row>(
      `SELECT version, recorded_at AS recordedAt, by, source, reason, key, value
       FROM intensity_revisions JOIN intensity_items USING (ledger, version) WHERE ledger = ? ORDER BY version, key`,
    )
    .iterate(name);
  const revisions: (Revision<T> & { readonly items: Map<string, T | null> })[] = [];
  for (const { version, recordedAt, by, source, reason, key, value } of rows) {
    let last = revisions[revisions.length - 1];
    if (last?.version !== version) {
      last = { version, recordedAt, by, source, ...(reason !== null && { reason }), items: new Map() };
      revisions.push(last);
    }
    try {
      last.items.set(key, value === null ? null : (JSON.parse(value) as T));
    } catch (error) {
      log.error({ err: error, ledger: name, version, key }, 'a damaged entry of a ledger is left out');
    }
  }
  return revisions;
}
