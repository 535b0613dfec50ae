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
/** A ledger of the state file. */
export type LedgerName = (typeof LEDGERS)[number];

/** The most items that one revision, and one ledger over all its revisions, may hold: all of it is in memory. */
export const LEDGER_BOUNDS = { revision: 50_000, ledger: 1_000_000 } as const;

/** A revision that is whole in a transaction. */
interface Sealed {
  /** Adds it to the memory, once the transaction is durable. */
  adopt(): void;
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

/**
 * One ledger in the state file, and all of it in memory, or of large values what is asked for often. Values are kept as
 * JSON: plain data, every number finite.
 */
export class LedgerStore<T, InMemory = T> {
  private revisions: Ledger<InMemory>;
  private items = 0;
  private newest: Beliefs<InMemory> | undefined;
  private older: Beliefs<InMemory> | undefined;

  /** @param toMemory what of a value stays in memory; `wholeOf` gives all of it */
  constructor(
    private readonly state: State,
    private readonly name: LedgerName,
    private readonly clock: () => number,
    log: LedgerLog,
    private readonly toMemory: (value: T) => InMemory,
  ) {
    this.revisions = read(state.db, name, toMemory, log);
    // While nobody waits for an answer.
    this.forgetUnfinished(state.db);
    for (const { items } of this.revisions) this.items += items.size;
  }

  get ledger(): Ledger<InMemory> {
    return this.revisions;
  }

  /** The newest version; 0 when nothing was ever recorded. */
  get version(): number {
    return this.revisions.at(-1)?.version ?? 0;
  }

  /** As `believed` answers; the store keeps the newest version and the older one that was asked for last. */
  believed(asOf: AsOf = 'latest'): Beliefs<InMemory> {
    const version = versionAt(this.revisions, asOf);
    if (version < this.version) {
      if (this.older?.version !== version) this.older = believed(this.revisions, { version });
      return this.older;
    }
    if (this.newest?.version !== version) this.newest = believed(this.revisions, 'latest', this.newest);
    return this.newest;
  }

  /** What a version said of a key, from the state file; null where it said nothing or withdrew it. */
  wholeOf(version: number, key: string): T | null {
    const value = this.state.db
      .prepare('SELECT value FROM intensity_items WHERE ledger = ? AND version = ? AND key = ?')
      .pluck()
      .get(this.name, version, key) as string | null | undefined;
    return value == null ? null : (JSON.parse(value) as T);
  }

  /**
   * Records one revision, all of it or nothing; durable when this returns.
   * @param beside writes into the same transaction, the audit for one
   * @param texts values as JSON, of those that were made before: making many takes long
   * @throws IntensityRefusedError when the ledger is full
   * @throws StorageUnavailableError when the disk is full or fails; nothing was recorded
   */
  append(
    items: Items<T>,
    origin: Origin,
    beside: (db: Database) => void = () => undefined,
    texts?: ReadonlyMap<string, string>,
  ): Revision<InMemory> {
    const values = new Map(items);
    const inMemory = Array.from(values, ([key, value]) => [key, value === null ? null : this.toMemory(value)] as const);
    const next = record(this.revisions, inMemory, origin, this.clock());
    const revision = next[next.length - 1]!;
    this.requireRoom(values.size);
    writeNow(this.state, (db) => {
      this.insert(db, revision, values, texts);
      beside(db);
    });
    this.adopt(next, values.size);
    return revision;
  }

  /**
   * Into a transaction: rows of the next revision, which count once `seal` made it whole. Those of an attempt that was
   * given up go when `isFirst`.
   */
  writeAhead(db: Database, rows: readonly (readonly [key: string, text: string | null])[], isFirst: boolean): void {
    const version = this.version + 1;
    if (isFirst) {
      this.forgetUnfinished(db);
      db.prepare(
        `INSERT INTO intensity_revisions (ledger, version, recorded_at, by, source, whole) VALUES (?, ?, 0, '', '', 0)`,
      ).run(this.name, version);
    }
    const insert = db.prepare('INSERT INTO intensity_items VALUES (?, ?, ?, ?)');
    for (const [key, text] of rows) insert.run(this.name, version, key, text);
  }

  /** Into a transaction: makes the revision whole whose rows were written ahead. @param items all of its rows */
  seal(db: Database, items: ReadonlyMap<string, InMemory | null>, origin: Origin): Sealed {
    const next = record(this.revisions, items, origin, this.clock());
    const { version, recordedAt, by, source, reason } = next[next.length - 1]!;
    db.prepare(
      `UPDATE intensity_revisions SET recorded_at = ?, by = ?, source = ?, reason = ?, whole = 1
       WHERE ledger = ? AND version = ?`,
    ).run(recordedAt, by, source, reason ?? null, this.name, version);
    return { adopt: () => this.adopt(next, items.size) };
  }

  /** @throws IntensityRefusedError when the ledger, or one revision, would have more items than it may */
  requireRoom(size: number): void {
    if (size <= LEDGER_BOUNDS.revision && this.items + size <= LEDGER_BOUNDS.ledger) return;
    const message = `${size} items: at most ${LEDGER_BOUNDS.revision} are recorded at once, and ${LEDGER_BOUNDS.ledger} in all`;
    throw new IntensityRefusedError('conflict', 'ledger_full', message);
  }

  private adopt(next: Ledger<InMemory>, size: number): void {
    this.revisions = next;
    this.items += size;
  }

  /** What was written ahead of a revision that never became whole. */
  private forgetUnfinished(db: Database): void {
    const of = [this.name, this.version + 1];
    const found = db
      .prepare('SELECT 1 FROM intensity_revisions WHERE ledger = ? AND version = ? AND whole = 0')
      .get(of);
    if (found === undefined) return;
    for (const table of ['intensity_items', 'intensity_revisions']) {
      db.prepare(`DELETE FROM ${table} WHERE ledger = ? AND version = ?`).run(of);
    }
  }

  private insert(
    db: Database,
    { version, recordedAt, by, source, reason }: Revision<InMemory>,
    items: ReadonlyMap<string, T | null>,
    texts?: ReadonlyMap<string, string>,
  ): void {
    this.forgetUnfinished(db);
    db.prepare(
      `INSERT INTO intensity_revisions (ledger, version, recorded_at, by, source, reason) VALUES (?, ?, ?, ?, ?, ?)`,
    ).run(this.name, version, recordedAt, by, source, reason ?? null);
    const insert = db.prepare('INSERT INTO intensity_items VALUES (?, ?, ?, ?)');
    for (const [key, value] of items) {
      insert.run(this.name, version, key, value === null ? null : (texts?.get(key) ?? JSON.stringify(value)));
    }
  }
}

/**
 * All revisions. A value that is no JSON any more is left out, so that what was believed before it counts, and named: it
 * must not keep the service from its start.
 */
function read<T, InMemory>(
  db: Database,
  name: LedgerName,
  toMemory: (value: T) => InMemory,
  log: LedgerLog,
): Ledger<InMemory> {
  const rows = db
    .prepare<[string], Row>(
      `SELECT version, recorded_at AS recordedAt, by, source, reason, key, value
       FROM intensity_revisions JOIN intensity_items USING (ledger, version) WHERE ledger = ? AND whole = 1
       ORDER BY version, key`,
    )
    .iterate(name);
  const revisions: (Revision<InMemory> & { readonly items: Map<string, InMemory | null> })[] = [];
  for (const { version, recordedAt, by, source, reason, key, value } of rows) {
    let last = revisions[revisions.length - 1];
    if (last?.version !== version) {
      last = { version, recordedAt, by, source, ...(reason !== null && { reason }), items: new Map() };
      revisions.push(last);
    }
    try {
      last.items.set(key, value === null ? null : toMemory(JSON.parse(value) as T));
    } catch (error) {
      log.error({ err: error, ledger: name, version, key }, 'a damaged entry of a ledger is left out');
    }
  }
  return revisions;
}
