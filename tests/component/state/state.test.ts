import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { StateLockedError } from '../../../src/state/lock.js';
import { openState } from '../../../src/state/open.js';
import { type Migration, type State, StorageUnavailableError } from '../../../src/state/port.js';
import { tempDir } from '../../helpers/temp.js';

const first: Migration = {
  name: 'notes',
  sql: 'CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT',
};
const second: Migration = {
  name: 'authors',
  sql: "ALTER TABLE note ADD COLUMN author TEXT NOT NULL DEFAULT 'unknown'",
};

function open(path: string, migrations: readonly Migration[] = [first]): State {
  const state = openState(path, { notes: migrations });
  onTestFinished(() => state.close());
  return state;
}

const insert = (text: string) => (db: Database.Database) => {
  db.prepare('INSERT INTO note (text) VALUES (?)').run(text);
};
const texts = (state: State) => state.db.prepare('SELECT text FROM note ORDER BY id').pluck().all();

describe('opening the state file', () => {
  it('keeps it and its log from others, whatever an older version left', async () => {
    const path = join(tempDir(), 'park.sqlite');
    writeFileSync(path, '', { mode: 0o644 });
    const state = open(path);
    await state.commit(insert('secret'));
    for (const file of [path, `${path}-wal`, `${path}-shm`])
      expect([file, statSync(file).mode & 0o077]).toEqual([file, 0]);
  });

  it('upgrades a file of an older version and keeps what it holds', async () => {
    const path = join(tempDir(), 'park.sqlite');
    const older = openState(path, { notes: [first] });
    await older.commit(insert('kept'));
    older.close();

    const newer = open(path, [first, second]);

    expect(newer.db.prepare('SELECT text, author FROM note').all()).toEqual([{ text: 'kept', author: 'unknown' }]);
  });

  it('refuses a file of a newer version, naming the file, the room and both versions', () => {
    const path = join(tempDir(), 'park.sqlite');
    openState(path, { notes: [first, second] }).close();

    expect(() => open(path, [first])).toThrow(/park\.sqlite: notes is at version 2, this service knows 1/);
  });

  it('undoes every migration when one of them fails', () => {
    const path = join(tempDir(), 'park.sqlite');
    const broken: Migration = { name: 'broken', sql: 'CREATE TABLE other (id INTEGER); SELECT nonsense FROM nowhere' };

    expect(() => open(path, [first, broken])).toThrow(/nowhere/);
    expect(() => open(path, [first, second])).not.toThrow();
  });

  it('is refused while another service has the same folder', () => {
    const path = join(tempDir(), 'park.sqlite');
    open(path);
    expect(() => openState(path, { notes: [first] })).toThrow(StateLockedError);
  });
});

describe('group commit', () => {
  it('puts everything asked for in one turn of the loop on disk with one commit', async () => {
    const state = open(join(tempDir(), 'park.sqlite'));
    const before = state.stats.commits;

    await Promise.all(['a', 'b', 'c'].map((text) => state.commit(insert(text))));

    expect(state.stats.commits).toBe(before + 1);
    expect(texts(state)).toEqual(['a', 'b', 'c']);
  });

  it('undoes and rejects alone the work that throws', async () => {
    const state = open(join(tempDir(), 'park.sqlite'));

    const results = await Promise.allSettled([
      state.commit(insert('a')),
      state.commit((db) => {
        insert('half')(db);
        insert('a')(db);
      }),
      state.commit(insert('b')),
    ]);

    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(texts(state)).toEqual(['a', 'b']);
  });

  it('rejects the whole group when the disk is full, says so, and goes on by itself once there is room', async () => {
    const state = open(join(tempDir(), 'park.sqlite'));
    await state.commit(insert('before'));
    const pages = Number(state.db.pragma('page_count', { simple: true }));
    state.db.pragma(`max_page_count = ${pages}`);

    const large = state.commit((db) => insert('x'.repeat(100_000))(db));
    const small = state.commit(insert('beside it'));
    await expect(large).rejects.toThrow(StorageUnavailableError);
    await expect(small).rejects.toThrow(StorageUnavailableError);
    expect(state.stats.failing).toMatch(/full/);
    expect(state.stats.failedCommits).toBe(1);
    expect(texts(state)).toEqual(['before']);

    state.db.pragma('max_page_count = 1000000');
    await vi.waitFor(() => expect(state.stats.failing).toBeNull(), { timeout: 10_000 });
    await state.commit(insert('after'));
    expect(texts(state)).toEqual(['before', 'after']);
  });

  it('writes what is waiting when it closes, and refuses what comes later', async () => {
    const path = join(tempDir(), 'park.sqlite');
    const state = openState(path, { notes: [first] });
    const waiting = state.commit(insert('last'));
    state.close();

    await waiting;
    await expect(state.commit(insert('too late'))).rejects.toThrow(StorageUnavailableError);
    expect(texts(open(path))).toEqual(['last']);
  });

  it('syncs every commit: WAL with synchronous FULL', () => {
    const state = open(join(tempDir(), 'park.sqlite'));
    expect(state.db.pragma('journal_mode', { simple: true })).toBe('wal');
    expect(state.db.pragma('synchronous', { simple: true })).toBe(2);
  });
});
