import { revisionTime } from '../../model/time/revision-time.js';
import type { Database } from '../../sqlite.js';
import { type State, writeNow } from '../../state/port.js';
import { type EmissionEntries, type EmissionLedger, LEDGERS_OF_ONE_OUTLET } from '../model/outlets/entries.js';
import {
  type BeliefOptions,
  EMISSION_BOUNDS,
  type EmissionBelief,
  EmissionsRefusedError,
  type EmissionsTold,
} from '../port.js';

/** One item to record; null withdraws. */
export interface EmissionItem {
  readonly key: string;
  /** '' where it is of no outlet. */
  readonly outlet: string;
  readonly value: object | null;
}

/** As `BeliefOptions`; `key` for one alone. */
interface BeliefFilter extends Omit<BeliefOptions, 'outlet'> {
  readonly outlet?: string | undefined;
  readonly key?: string | undefined;
}

interface Row extends Omit<EmissionBelief<never>, 'value'> {
  readonly value: string;
}

/** The ledgers of the room in the state file: appended to, never changed; each read is one query over an index. */
export class EmissionLedgers {
  private last: { version: number; recordedAt: number };
  /** Items of each ledger, old versions included. */
  private readonly items: Map<string, number>;

  constructor(
    private readonly state: State,
    private readonly clock: () => number,
    private readonly log: { error(fields: object, message: string): void },
  ) {
    const newest = state.db
      .prepare('SELECT version, recorded_at AS recordedAt FROM emission_revisions ORDER BY version DESC LIMIT 1')
      .get() as { version: number; recordedAt: number } | undefined;
    this.last = newest ?? { version: 0, recordedAt: Number.NEGATIVE_INFINITY };
    const counts = state.db.prepare('SELECT ledger, count(*) FROM emission_items GROUP BY ledger').raw().all();
    this.items = new Map(counts as [string, number][]);
  }

  get version(): number {
    return this.last.version;
  }

  /**
   * Records one revision, all of it or nothing; durable when this returns.
   * @param beside writes into the same transaction
   * @throws EmissionsRefusedError when the ledgers are full
   * @throws StorageUnavailableError when the disk is full or fails; nothing was recorded
   */
  append(
    ledger: EmissionLedger,
    items: readonly EmissionItem[],
    by: string,
    { source, reason }: EmissionsTold,
    beside: (db: Database) => void,
  ): number {
    this.requireRoom(ledger, items.length);
    const next = { version: this.last.version + 1, recordedAt: revisionTime(this.last.recordedAt, this.clock()) };
    writeNow(this.state, (db) => {
      db.prepare('INSERT INTO emission_revisions VALUES (?, ?, ?, ?, ?)').run(
        ...[next.version, next.recordedAt, by, source, reason],
      );
      const insert = db.prepare(
        'INSERT INTO emission_items (ledger, outlet, key, version, value) VALUES (?, ?, ?, ?, ?)',
      );
      for (const { key, outlet, value } of items) {
        insert.run(ledger, outlet, key, next.version, value === null ? null : JSON.stringify(value));
      }
      beside(db);
    });
    this.last = next;
    this.items.set(ledger, (this.items.get(ledger) ?? 0) + items.length);
    return next.version;
  }

  /** The newest version of each key that was known at a time (epoch ms), by key; withdrawn ones are left out. */
  beliefs<Name extends EmissionLedger>(
    ledger: Name,
    { asOf, limit, ...filter }: BeliefFilter = {},
  ): EmissionBelief<EmissionEntries[Name]>[] {
    const version = asOf === undefined ? this.version : this.versionAt(asOf);
    const wanted = (['outlet', 'key', 'after'] as const).filter((name) => filter[name] !== undefined);
    const where = wanted.map((name) => (name === 'after' ? ' AND key > ?' : ` AND ${name} = ?`)).join('');
    // SQLite takes the other columns from the row with the largest version.
    const rows = this.state.db
      .prepare(
        `SELECT * FROM (
           SELECT key, value, max(version) AS version, recorded_at AS recordedAt, by, source, reason
           FROM emission_items JOIN emission_revisions USING (version)
           WHERE ledger = ? AND version <= ?${where} GROUP BY outlet, key)
         WHERE value IS NOT NULL ORDER BY key LIMIT ?`,
      )
      .all(ledger, version, ...wanted.map((name) => filter[name]), limit ?? -1) as Row[];
    return rows.flatMap(({ value, ...row }) => {
      const entry = this.parsed<EmissionEntries[Name]>(value, ledger, row);
      return entry === null ? [] : [{ ...row, value: entry }];
    });
  }

  /** @throws EmissionsRefusedError */
  private requireRoom(ledger: EmissionLedger, more: number): void {
    const { revision, items, listed } = EMISSION_BOUNDS;
    const all = [...this.items.values()].reduce((sum, count) => sum + count, more);
    const own = (this.items.get(ledger) ?? 0) + more;
    const isListed = !LEDGERS_OF_ONE_OUTLET.has(ledger);
    if (more <= revision && all <= items && !(isListed && own > listed)) return;
    const most = isListed ? `${listed} in ${ledger}` : `${items} in all`;
    const message = `${more} items: at most ${revision} are recorded at once, and ${most}`;
    throw new EmissionsRefusedError('conflict', 'ledger_full', message);
  }

  /** The version that was the newest at a time; of two revisions of one time the later. */
  private versionAt(time: number): number {
    const found = this.state.db
      .prepare('SELECT max(version) FROM emission_revisions WHERE recorded_at <= ?')
      .pluck()
      .get(time) as number | null;
    return found ?? 0;
  }

  /** Null for what is no JSON any more, which is named: it must not keep others from an answer. */
  private parsed<T>(value: string, ledger: string, row: { key: string; version: number }): T | null {
    try {
      return JSON.parse(value) as T;
    } catch (error) {
      this.log.error({ err: error, ledger, ...row }, 'a damaged entry of a ledger is left out');
      return null;
    }
  }
}
