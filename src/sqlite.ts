import { createRequire } from 'node:module';
import type BetterSqlite3 from 'better-sqlite3';

export type { Database, Statement } from 'better-sqlite3';

const NODE_API_SINCE = 22;
const DRIVERS = {
  /** Uses Node-API: one binary, included in the package, for every Node from 22. It crashes Node 20. */
  nodeApi: 'better-sqlite3',
  /** Version 12, compiled for one Node. From Node 24.19 its objects abort the process during garbage collection. */
  node20: 'better-sqlite3-node20',
} as const;

/** Neither package of the SQLite driver loads on this machine. */
export class SqliteUnavailableError extends Error {
  override readonly name = 'SqliteUnavailableError';
}

/** The package that serves the Node of that version (`process.versions.node`). */
export function driverFor(version: string): string {
  return Number.parseInt(version, 10) >= NODE_API_SINCE ? DRIVERS.nodeApi : DRIVERS.node20;
}

/**
 * Loads the driver for this Node version and opens a database in memory with it, because npm may have installed the
 * package without its binary.
 * @throws SqliteUnavailableError with the remedy
 */
export function loadDriver(version: string, load: (name: string) => unknown): typeof BetterSqlite3 {
  const name = driverFor(version);
  try {
    const driver = load(name) as typeof BetterSqlite3;
    new driver(':memory:').close();
    return driver;
  } catch (error) {
    const remedy =
      name === DRIVERS.nodeApi
        ? 'run "npm ci" again on this machine and with this Node'
        : 'it is compiled at installation: install a C++ compiler, make and Python 3, then run "npm ci" again, or use Node.js 24, which needs none of them';
    throw new SqliteUnavailableError(
      `Node.js ${version}: the SQLite driver ${name} cannot be loaded; ${remedy} (${(error as Error).message})`,
      { cause: error },
    );
  }
}

/** The SQLite driver for this Node. Both drivers use the same file format. */
const Sqlite = loadDriver(process.versions.node, createRequire(import.meta.url));
export default Sqlite;

/** A read-only connection: any thread may have one, and it sees durable data. */
export function openReadOnly(path: string): BetterSqlite3.Database {
  const db = new Sqlite(path, { readonly: true, fileMustExist: true });
  db.pragma('busy_timeout = 2000');
  return db;
}
