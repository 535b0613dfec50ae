import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import Sqlite from '../../../src/sqlite.js';
import { tempDir } from '../../helpers/temp.js';

/** Binaries of other Nodes, separated by colons: the file written with the driver of one is read with that of the other. */
const NODES = (process.env.TEST_NODES ?? '').split(':').filter((path) => path !== '');
const driver = pathToFileURL(resolve('dist/src/sqlite.js')).href;

/** Runs the statements on the file with the driver of that Node; the last one's rows. */
function runOn(node: string, path: string, ...statements: string[]): unknown {
  const code = `import Sqlite from ${JSON.stringify(driver)};
    const db = new Sqlite(${JSON.stringify(path)});
    let rows = [];
    for (const sql of ${JSON.stringify(statements)}) {
      const statement = db.prepare(sql);
      rows = statement.reader ? statement.all() : (statement.run(), []);
    }
    console.log(JSON.stringify(rows));
    db.close();`;
  return JSON.parse(execFileSync(node, ['--input-type=module', '-e', code], { encoding: 'utf8' }));
}

/** A file as a crash leaves it: what was committed is in the log alone. */
function crashed(path: string): string {
  const db = new Sqlite(path);
  db.pragma('journal_mode = WAL');
  db.exec('CREATE TABLE kept (id INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT');
  db.prepare('INSERT INTO kept VALUES (1, ?)').run(Buffer.from('from this Node'));
  const copy = `${path}.crashed`;
  for (const end of ['', '-wal']) copyFileSync(`${path}${end}`, `${copy}${end}`);
  db.close();
  return copy;
}

const WRITTEN = 'SELECT id, CAST(body AS TEXT) AS text FROM kept ORDER BY id';

describe.skipIf(NODES.length === 0)('a file of SQLite (other Nodes: TEST_NODES)', () => {
  it.each(NODES)('is read and written on by the driver of another Node, and back: %s', (node) => {
    expect(existsSync(node)).toBe(true);
    const path = crashed(join(tempDir(), 'file.sqlite'));
    const there = runOn(node, path, "INSERT INTO kept VALUES (2, CAST('from that Node' AS BLOB))", WRITTEN);
    const both = [
      { id: 1, text: 'from this Node' },
      { id: 2, text: 'from that Node' },
    ];
    expect(there).toEqual(both);
    const db = new Sqlite(path);
    expect(db.prepare(WRITTEN).all()).toEqual(both);
    expect(db.pragma('integrity_check')).toEqual([{ integrity_check: 'ok' }]);
    db.close();
  });

  it.each(NODES)('has the same defaults on every connection: %s', (node) => {
    const pragmas = ['synchronous', 'foreign_keys', 'page_size', 'auto_vacuum', 'recursive_triggers', 'secure_delete'];
    const db = new Sqlite(':memory:');
    const path = join(tempDir(), 'defaults.sqlite');
    for (const name of pragmas) expect([name, runOn(node, path, `PRAGMA ${name}`)]).toEqual([name, db.pragma(name)]);
    db.close();
  });
});
