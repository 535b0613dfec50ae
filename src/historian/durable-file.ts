import Sqlite, { type Database } from '../sqlite.js';

/** Whether SQLite says that its file is not what it wrote. */
export const isDamage = (error: unknown): error is Error =>
  error instanceof Sqlite.SqliteError && /^SQLITE_(CORRUPT|NOTADB)/.test(error.code);

/** Opens a SQLite file whose commits are durable when they return, with the tables of `schema`; closed where `use` throws. */
export function openDurable<T>(path: string, schema: string, use: (db: Database) => T): T {
  const db = new Sqlite(path);
  try {
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.exec(schema);
    return use(db);
  } catch (error) {
    db.close();
    throw error;
  }
}
