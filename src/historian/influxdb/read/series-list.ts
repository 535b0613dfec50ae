import type { Database, Statement } from '../../../sqlite.js';
import { type KeyOf, keyDevices, openDurable } from '../../durable-file.js';
import type { SeriesKey } from '../../port/queries.js';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS series (scope TEXT, device TEXT, metric TEXT, PRIMARY KEY (scope, device, metric))
    STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS complete (scope TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;`;

/**
 * The series of a bucket, in a SQLite file of its own: the server only tells the fields that any device has, and
 * searching each of them in every device and month takes minutes. Without the file that search runs once.
 */
export class SeriesList {
  private readonly insert: Statement<[string, string, string]>;
  private readonly select: Statement<[string], SeriesKey>;

  private constructor(
    private readonly db: Database,
    private readonly scope: string,
  ) {
    this.insert = db.prepare('INSERT OR IGNORE INTO series (scope, device, metric) VALUES (?, ?, ?)');
    this.select = db.prepare('SELECT device, metric FROM series WHERE scope = ? ORDER BY device, metric');
  }

  /** @param scope owner of the list, such as a server's address and bucket */
  static open(path: string, scope: string): SeriesList {
    return openDurable(path, SCHEMA, (db) => new SeriesList(db, scope));
  }

  /** Call it once, before any read. */
  keyDevices(keyOf: KeyOf): void {
    keyDevices(this.db, 'series', keyOf);
  }

  /** Whether the list has every series; otherwise only those written since it was begun. */
  get complete(): boolean {
    return this.db.prepare('SELECT 1 FROM complete WHERE scope = ?').get(this.scope) !== undefined;
  }

  /** Adds series; durable when it returns. @throws when the disk fails */
  add(series: readonly SeriesKey[]): void {
    if (series.length === 0) return;
    this.db.transaction(() => {
      for (const { device, metric } of series) this.insert.run(this.scope, device, metric);
    })();
  }

  /** Adds the remaining series and marks the list as complete. */
  completeWith(series: readonly SeriesKey[]): void {
    this.db.transaction(() => {
      this.add(series);
      this.db.prepare('INSERT OR IGNORE INTO complete (scope) VALUES (?)').run(this.scope);
    })();
  }

  all(): SeriesKey[] {
    return this.select.all(this.scope);
  }

  close(): void {
    this.db.close();
  }
}
