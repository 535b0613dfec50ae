import Sqlite, { type Database } from '../sqlite.js';

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
