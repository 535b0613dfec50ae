import type { Database, Statement } from '../../../sqlite.js';
import { openDurable } from '../../durable-file.js';
import type { SeriesKey } from '../../port/queries.js';
import type { TimeSpan } from '../../port/stats.js';
import { type KeyOf, keyDevices } from '../keyed-devices.js';

/** Hours of one series that have to be computed again, `from <= start < to`. */
type DirtyHours = SeriesKey & TimeSpan;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS mark (scope TEXT, name TEXT, value TEXT NOT NULL, PRIMARY KEY (scope, name)) STRICT;
  CREATE TABLE IF NOT EXISTS dirty_hours (
    scope TEXT, device TEXT, metric TEXT, from_ms INTEGER NOT NULL, to_ms INTEGER NOT NULL,
    PRIMARY KEY (scope, device, metric, from_ms)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS meter_rates (
    scope TEXT, device TEXT, metric TEXT, rate REAL NOT NULL, PRIMARY KEY (scope, device, metric)
  ) STRICT, WITHOUT ROWID;`;

/**
 * How far an adapter's roll-ups are and which of their hours are out of date, in a SQLite file of its own; an adapter
 * keeps its cursor here as well. All of it belongs to one `scope`: another database, other progress. What was
 * changed is durable when the call returns. Without the file the roll-ups are made anew from the raw readings.
 */
export class ProgressFile {
  private readonly getOne: Statement<[string, string], { value: string }>;
  private readonly setOne: Statement;
  private readonly insertDirty: Statement;
  private readonly deleteDirty: Statement;

  private constructor(
    private readonly db: Database,
    private readonly scope: string,
  ) {
    this.getOne = db.prepare('SELECT value FROM mark WHERE scope = ? AND name = ?');
    this.setOne = db.prepare('INSERT OR REPLACE INTO mark (scope, name, value) VALUES (?, ?, ?)');
    this.insertDirty = db.prepare(
      'INSERT INTO dirty_hours (scope, device, metric, from_ms, to_ms) VALUES (?, ?, ?, ?, ?)',
    );
    this.deleteDirty = db.prepare('DELETE FROM dirty_hours WHERE scope = ? AND device = ? AND metric = ?');
  }

  /** @param scope what the progress belongs to, such as a server's address and bucket */
  static open(path: string, scope = ''): ProgressFile {
    return openDurable(path, SCHEMA, (db) => new ProgressFile(db, scope));
  }

  get(name: string): string | null {
    return this.getOne.get(this.scope, name)?.value ?? null;
  }

  set(name: string, value: string): void {
    this.setOne.run(this.scope, name, value);
  }

  getNumber(name: string): number | null {
    const text = this.get(name);
    return text === null ? null : Number(text);
  }

  setNumber(name: string, value: number): void {
    this.set(name, String(value));
  }

  /** All the changes of `work`, or none when it throws; one sync for them together. */
  atomically<T>(work: () => T): T {
    return this.db.transaction(work)();
  }

  /** To be called once, before dirty hours are asked for. */
  keyDevices(keyOf: KeyOf): void {
    keyDevices(this.db, 'dirty_hours', keyOf);
  }

  /** By series, `from` rising. */
  dirtyHours(): DirtyHours[] {
    const columns = 'device, metric, from_ms AS "from", to_ms AS "to"';
    const sql = `SELECT ${columns} FROM dirty_hours WHERE scope = ? ORDER BY device, metric, from_ms`;
    return this.db.prepare<[string], DirtyHours>(sql).all(this.scope);
  }

  /** Puts these in place of all dirty hours of the series. */
  replaceDirty({ device, metric }: SeriesKey, hours: readonly TimeSpan[]): void {
    this.deleteDirty.run(this.scope, device, metric);
    for (const { from, to } of hours) this.insertDirty.run(this.scope, device, metric, from, to);
  }

  /** Rates by which counters are counted, units per hour. */
  rates(): (SeriesKey & { readonly rate: number })[] {
    const sql = 'SELECT device, metric, rate FROM meter_rates WHERE scope = ?';
    return this.db.prepare<[string], SeriesKey & { readonly rate: number }>(sql).all(this.scope);
  }

  setRate({ device, metric }: SeriesKey, rate: number | null): void {
    const { db, scope } = this;
    if (rate === null) {
      db.prepare('DELETE FROM meter_rates WHERE scope = ? AND device = ? AND metric = ?').run(scope, device, metric);
    } else db.prepare('INSERT OR REPLACE INTO meter_rates VALUES (?, ?, ?, ?)').run(scope, device, metric, rate);
  }

  close(): void {
    this.db.close();
  }
}
