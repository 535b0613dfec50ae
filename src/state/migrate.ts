import type { Database } from '../sqlite.js';
import type { Migration } from './port.js';

/** A newer version of the service wrote the file. */
class SchemaTooNewError extends Error {
  override readonly name = 'SchemaTooNewError';
}

/** Migrates each room's tables to the newest version, all or nothing. */
export function migrate(db: Database, path: string, rooms: Readonly<Record<string, readonly Migration[]>>): void {
  db.transaction(() => {
    db.exec('CREATE TABLE IF NOT EXISTS schema_version (room TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT');
    const read = db.prepare<[string], { version: number }>('SELECT version FROM schema_version WHERE room = ?');
    const write = db.prepare('INSERT OR REPLACE INTO schema_version (room, version) VALUES (?, ?)');
    for (const [room, migrations] of Object.entries(rooms)) {
      const version = read.get(room)?.version ?? 0;
      if (version > migrations.length) {
        throw new SchemaTooNewError(
          `${path}: ${room} is at version ${version}, this service knows ${migrations.length}; start the newer service, or restore a backup`,
        );
      }
      for (const migration of migrations.slice(version)) db.exec(migration.sql);
      if (version < migrations.length) write.run(room, migrations.length);
    }
  }).immediate();
}
