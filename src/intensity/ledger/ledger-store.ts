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
   * @param texts see `stage`
   * @throws IntensityRefusedError when the ledger is full
   * @throws StorageUnavailableError when the disk is full or fails; nothing was recorded
   */
  append(
    items: Items<T>,
    origin: Origin,
    beside: (db: Database) => void = () => undefined,
    texts?: ReadonlyMap<string, string>,
  ): Revision<InMemory> {
    const staged = this.stage(items, origin, texts);
    appendTogether(this.state, [staged], beside);
    return staged.revision;
  }

  /**
   * The next revision, for `appendTogether`; it has to be written before another one is staged.
   * @param texts values as JSON, of those that were made before: making many takes long
   * @throws IntensityRefusedError when the ledger is full
   */
  stage(items: Items<T>, origin: Origin, texts?: ReadonlyMap<string, string>): Staged<InMemory> {
    const values = new Map(items);
    const inMemory = Array.from(values, ([key, value]) => [key, value === null ? null : this.toMemory(value)] as const);
    const next = record(this.revisions, inMemory, origin, this.clock());
    const revision = next[next.length - 1]!;
    const { size } = values;
    if (size > LEDGER_BOUNDS.revision || this.items + size > LEDGER_BOUNDS.ledger) {
      const message = `${size} items: at most ${LEDGER_BOUNDS.revision} are recorded at once, and ${LEDGER_BOUNDS.ledger} in all`;
      throw new IntensityRefusedError('conflict', 'ledger_full', message);
    }
    return {
      revision,
      write: (db) => this.insert(db, revision, values, texts),
      adopt: () => {
        this.revisions = next;
        this.items += size;
      },
    };
  }

  private insert(
    db: Database,
    { version, recordedAt, by, source, reason }: Revision<InMemory>,
    items: ReadonlyMap<string, T | null>,
    texts?: ReadonlyMap<string, string>,
  ): void {
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
       FROM intensity_revisions JOIN intensity_items USING (ledger, version) WHERE ledger = ? ORDER BY version, key`,
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
