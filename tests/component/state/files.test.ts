import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { StateLockedError } from '../../../src/state/lock.js';
import { openState } from '../../../src/state/open.js';
import { type State, StorageUnavailableError } from '../../../src/state/port.js';
import { writeNow } from '../../../src/state/write-now.js';
import { tempDir } from '../../helpers/temp.js';

const ROOMS = { notes: [{ name: 'notes', sql: 'CREATE TABLE note (text TEXT NOT NULL) STRICT' }] };

function open(dir: string, histories: readonly string[] = []): State {
  const state = openState(join(dir, 'park.sqlite'), ROOMS, histories);
  onTestFinished(() => state.close());
  return state;
}

const note = (state: State, text: string) =>
  state.commit((db) => void db.prepare('INSERT INTO note (text) VALUES (?)').run(text));
const notes = (state: State) => state.db.prepare('SELECT text FROM note ORDER BY rowid').pluck().all();

/** A folder below one that is removed with the test, to be moved and taken away. */
function folder(): string {
  const dir = join(tempDir(), 'data');
  mkdirSync(dir);
  return dir;
}

describe('a state file that is taken away while it is open', () => {
  it.each<[string, (dir: string) => void]>([
    ['with its folder', (dir) => rmSync(dir, { recursive: true })],
    ['alone', (dir) => rmSync(join(dir, 'park.sqlite'))],
    ['by its log', (dir) => rmSync(join(dir, 'park.sqlite-wal'))],
    [
      'and replaced by a copy',
      (dir) => {
        cpSync(join(dir, 'park.sqlite'), join(dir, 'copy'));
        renameSync(join(dir, 'copy'), join(dir, 'park.sqlite'));
      },
    ],
    ['by being emptied', (dir) => truncateSync(join(dir, 'park.sqlite'), 0)],
  ])('%s stores nothing from then on: nothing is acknowledged, and it says so', async (_how, take) => {
    const dir = folder();
    const state = open(dir);
    await note(state, 'before');
    state.db.pragma('wal_checkpoint(PASSIVE)');
    await note(state, 'in the log');
    take(dir);
    await expect(note(state, 'after')).rejects.toThrow(StorageUnavailableError);
    expect(() => writeNow(state, () => undefined)).toThrow(StorageUnavailableError);
    expect(state.stats.failing).toMatch(/removed, replaced or cut/);
  });

  it('goes on once its folder is back where it was', async () => {
    const dir = folder();
    const state = open(dir);
    await note(state, 'before');
    renameSync(dir, `${dir}-moved`);
    await expect(note(state, 'meanwhile')).rejects.toThrow(StorageUnavailableError);
    renameSync(`${dir}-moved`, dir);
    await note(state, 'after');
    expect(state.stats.failing).toBeNull();
    expect(notes(state)).toEqual(['before', 'after']);
  });
});

describe('a state file whose lock was deleted', () => {
  it('is refused to a second service all the same, each time it is tried', async () => {
    const dir = folder();
    const state = open(dir);
    for (let i = 0; i < 3; i += 1) {
      rmSync(join(dir, 'park.sqlite.lock'));
      expect(() => open(dir)).toThrow(StateLockedError);
      expect(() => open(dir)).toThrow(StateLockedError);
    }
    await note(state, 'still here');
    state.close();
    expect(notes(open(dir))).toEqual(['still here']);
  });
});

describe('a state file restored in part', () => {
  const closed = async (dir: string) => {
    const state = openState(join(dir, 'park.sqlite'), ROOMS);
    await note(state, 'kept');
    state.close();
  };

  it('that is empty beside a history is refused: the registry is lost', async () => {
    const dir = folder();
    await closed(dir);
    truncateSync(join(dir, 'park.sqlite'), 0);
    const lake = join(dir, 'lake');
    mkdirSync(join(lake, 'readings'), { recursive: true });
    expect(() => openState(join(dir, 'park.sqlite'), ROOMS, [lake]).close()).not.toThrow();
    truncateSync(join(dir, 'park.sqlite'), 0);
    writeFileSync(join(lake, 'readings', 'one.parquet'), 'PAR1');
    expect(() => open(dir, [lake])).toThrow(/park\.sqlite is empty, but .*lake holds history.*Restore/);
    expect(readFileSync(join(dir, 'park.sqlite'))).toHaveLength(0);
  });

  it.each<[string, (path: string) => void, RegExp]>([
    [
      'missing or empty, with a log left',
      (path) => {
        rmSync(path);
        writeFileSync(`${path}-wal`, 'acknowledged');
      },
      /is missing, but its log/,
    ],
    ['cut', (path) => truncateSync(path, 4_096 * 2), /has 8192 bytes instead of/],
    ['something else', (path) => writeFileSync(path, 'x'.repeat(20_000)), /is no SQLite database/],
  ])('that is %s is refused with words, and left as it is', async (_what, damage, words) => {
    const dir = folder();
    await closed(dir);
    damage(join(dir, 'park.sqlite'));
    const left = ['', '-wal']
      .map((end) => `${join(dir, 'park.sqlite')}${end}`)
      .flatMap((path) => {
        try {
          return [readFileSync(path)];
        } catch {
          return [];
        }
      });
    expect(() => open(dir)).toThrow(words);
    expect(() => open(dir)).toThrow(expect.objectContaining({ name: 'StateDamagedError' }));
    expect(readFileSync(_what.startsWith('missing') ? join(dir, 'park.sqlite-wal') : join(dir, 'park.sqlite'))).toEqual(
      left[0],
    );
  });
});
