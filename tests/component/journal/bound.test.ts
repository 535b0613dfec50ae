import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { diskBytes } from '../../../src/journal/disk.js';
import { openJournal } from '../../../src/journal/open.js';
import { BEGINNING, type JournalEntry, JournalFullError, positionFrom } from '../../../src/journal/port.js';
import type { JournalOptions } from '../../../src/journal/rows.js';
import { migrations } from '../../../src/journal/schema.js';
import { openState } from '../../../src/state/open.js';
import { StorageUnavailableError } from '../../../src/state/port.js';
import { stateSize } from '../../../src/state/size.js';
import { tempDir } from '../../helpers/temp.js';

const PAGE = 4096;
const NAMES = { park: 'p', topic: 'parks/p/energy/d/readings', gateway: 'g', receivedAt: 1 };
/** Bytes of a body with one entry beside its payload. */
const AROUND = 1 + 15 + NAMES.topic.length + NAMES.gateway.length;

const entry = (payload: string | number): JournalEntry => ({
  ...NAMES,
  payload: Buffer.from(typeof payload === 'number' ? 'x'.repeat(payload) : payload),
});
const alone = (payloadBytes: number) => diskBytes(AROUND + payloadBytes, PAGE);
/** The largest payload that takes no more of the disk than one of 6,000 bytes. */
let largest = 6_000;
while (alone(largest + 1) === alone(6_000)) largest += 1;

function open(options: JournalOptions = {}, path = join(tempDir(), 'park.sqlite')) {
  const state = openState(path, { journal: migrations });
  onTestFinished(() => state.close());
  const journal = openJournal(
    state,
    (error) => {
      throw error;
    },
    options,
  );
  const stored = () => {
    const reader = journal.reader();
    const texts = reader.read(BEGINNING, 1e9).flatMap(({ entries }) => entries.map((one) => String(one.payload)));
    reader.close();
    return texts;
  };
  return { path, state, journal, stored };
}

describe('the journal at its bound', () => {
  it('takes what just fits and refuses one byte more, naming the bound', async () => {
    // What is not urgent may use 95 of 100 parts.
    const maxBytes = Math.ceil((3 * alone(6_000)) / 0.95);
    const { journal, stored } = open({ maxBytes });
    await journal.append(entry(largest));
    await journal.append(entry(largest));
    await expect(journal.append(entry(largest + 1))).rejects.toThrow(JournalFullError);
    expect(journal.stats).toMatchObject({ refused: 1, refusing: 'all_but_urgent', maxBytes });
    await expect(journal.append(entry(1))).rejects.toThrow(/holds what it may, \d+ bytes/);
    expect(stored()).toHaveLength(2);

    const exact = open({ maxBytes });
    for (let n = 0; n < 3; n += 1) await exact.journal.append(entry(largest));
    expect(exact.journal.stats).toMatchObject({ refused: 0, heldBytes: 3 * alone(6_000) });
    await expect(exact.journal.append(entry(1))).rejects.toThrow(StorageUnavailableError);
  });

  it('counts what waits for its commit, so that a burst in one turn does not pass it', async () => {
    const { journal, stored } = open({ maxBytes: 100_000 });
    const results = await Promise.allSettled(Array.from({ length: 200 }, () => journal.append(entry(1_000))));
    const taken = results.filter(({ status }) => status === 'fulfilled').length;
    expect(taken).toBeGreaterThan(80);
    expect(stored()).toHaveLength(taken);
    expect(journal.stats.refused).toBe(200 - taken);
    expect(journal.stats.keptBytes).toBeLessThanOrEqual(95_000);
  });

  it('keeps its last part for what is urgent, and at the very end refuses that too', async () => {
    const { journal } = open({ maxBytes: 1_000_000 });
    while (journal.stats.refused === 0) await journal.append(entry(3_000)).catch(() => undefined);
    expect(journal.stats.refusing).toBe('all_but_urgent');
    expect(journal.stats.heldBytes).toBeLessThanOrEqual(950_000);
    let urgent = 0;
    while (journal.stats.refusing !== 'everything') {
      await journal.append(entry(3_000), true).then(
        () => {
          urgent += 1;
        },
        () => undefined,
      );
    }
    expect(urgent).toBeGreaterThanOrEqual(10);
    expect(journal.stats.heldBytes).toBeGreaterThan(950_000);
    expect(journal.stats.heldBytes).toBeLessThanOrEqual(1_000_000);
  });

  it('takes entries again by itself once enough is released, not before', async () => {
    const { journal } = open({ maxBytes: 1_000_000 });
    const follower = journal.follow('historian', BEGINNING);
    while (journal.stats.refused === 0) await journal.append(entry(3_000)).catch(() => undefined);
    const held = journal.stats.heldBytes;

    follower.release(positionFrom(1));
    await vi.waitFor(() => expect(journal.stats.trimmedTo).toBe(1));
    await expect(journal.append(entry(1))).rejects.toThrow(JournalFullError);
    follower.release(positionFrom(4));
    await vi.waitFor(() => expect(journal.stats.refusing).toBe('nothing'));
    expect(journal.stats.heldBytes).toBe(held - 4 * alone(3_000));
    await journal.append(entry(1));
  });

  it('is never held full by its newest row alone, which stays for its number', async () => {
    const { journal } = open({ maxBytes: 1_000_000 });
    const follower = journal.follow('historian', BEGINNING);
    await journal.append(entry(900_000));
    await expect(journal.append(entry(100_000))).rejects.toThrow(JournalFullError);
    follower.release(positionFrom(1));
    await journal.append(entry(100_000));
    expect(journal.stats.refusing).toBe('nothing');
  });

  it('does not count a released newest row again when another takes its place, and stays within its bound', async () => {
    const maxBytes = 120_000;
    const { journal } = open({ maxBytes });
    const follower = journal.follow('historian', BEGINNING);
    await journal.append(entry(60_000));
    follower.release(journal.head());
    expect(journal.stats.heldBytes).toBe(0);
    // As much as the bound takes, in one commit.
    await journal.append(entry(108_000));
    expect(journal.stats.heldBytes).toBe(alone(108_000));
    expect(journal.stats.heldBytes).toBeLessThanOrEqual(0.95 * maxBytes);
    await vi.waitFor(() => expect(journal.stats.trimmedTo).toBe(1));
    expect(journal.stats.keptBytes).toBe(alone(108_000));
  });

  it('knows after a restart what it holds, is at the bound at once, and goes on by itself', async () => {
    const maxBytes = 1_000_000;
    const first = open({ maxBytes });
    first.journal.follow('historian', BEGINNING);
    while (first.journal.stats.refused === 0) await first.journal.append(entry(3_000)).catch(() => undefined);
    const { heldBytes } = first.journal.stats;
    const before = first.stored();
    first.state.close();

    const second = open({ maxBytes, followers: ['historian', 'alarms'] }, first.path);
    expect(second.journal.stats.heldBytes).toBe(heldBytes);
    // All released, but for one who has yet to come: nothing may go.
    second.journal.follow('historian', positionFrom(before.length));
    await expect(second.journal.append(entry(9_000))).rejects.toThrow(JournalFullError);
    expect(second.stored()).toEqual(before);
    second.journal.follow('alarms', positionFrom(before.length - 1));
    await vi.waitFor(() => expect(second.journal.stats.refusing).toBe('nothing'));
    await second.journal.append(entry(9_000));
    await vi.waitFor(() => expect(second.journal.stats.trimmedTo).toBe(before.length - 1));
  });

  it('counts rows from before there was a running total', async () => {
    const path = join(tempDir(), 'park.sqlite');
    const old = openState(path, { journal: migrations.slice(0, 1) });
    const insert = old.db.prepare('INSERT INTO journal (seq, bytes, body) VALUES (?, ?, zeroblob(?))');
    for (const seq of [1, 2, 3]) insert.run(seq, 5_000, 5_000);
    old.close();

    const { journal } = open({}, path);
    expect(journal.stats.keptBytes).toBe(3 * diskBytes(5_000, PAGE));
    const follower = journal.follow('historian', BEGINNING);
    await journal.append(entry(2_000));
    follower.release(positionFrom(2));
    await vi.waitFor(() => expect(journal.stats.trimmedTo).toBe(2));
    const kept = diskBytes(5_000, PAGE) + alone(2_000);
    expect(journal.stats.keptBytes).toBe(kept);
  });

  it('tries again to trim when a full disk kept it from it, though nothing more is released', async () => {
    const { state, journal } = open({ maxBytes: 1_000_000 });
    const follower = journal.follow('historian', BEGINNING);
    while (journal.stats.refused === 0) await journal.append(entry(3_000)).catch(() => undefined);
    state.db.exec("CREATE TRIGGER broken BEFORE DELETE ON journal BEGIN SELECT RAISE(FAIL, 'no'); END");
    follower.release(journal.head());
    await vi.waitFor(async () => expect(state.stats.commits).toBeGreaterThan(journal.head()));
    expect(journal.stats.trimmedTo).toBe(0);
    state.db.exec('DROP TRIGGER broken');
    await expect(journal.append(entry(1))).rejects.toThrow(JournalFullError);
    await vi.waitFor(() => expect(journal.stats.refusing).toBe('nothing'));
    await journal.append(entry(1));
  });

  it('uses the pages of what it trimmed again: the file does not grow', async () => {
    const { state, journal } = open({ maxBytes: 3_000_000 });
    const follower = journal.follow('historian', BEGINNING);
    const sizes: number[] = [];
    for (let round = 0; round < 4; round += 1) {
      const { refused } = journal.stats;
      for (let n = 0; journal.stats.refused === refused; n += 1)
        await journal.append(entry(500 + ((n * 7_919) % 9_000))).catch(() => undefined);
      sizes.push(stateSize(state).bytes);
      follower.release(journal.head());
      await vi.waitFor(() => expect(journal.stats.trimmedTo).toBe(journal.head() - 1));
      expect(stateSize(state).freeBytes).toBeGreaterThan(0.9 * sizes[0]!);
    }
    expect(Math.max(...sizes)).toBeLessThan(1.05 * sizes[0]!);
    expect(sizes[0]).toBeLessThan(1.05 * 3_000_000);
  });

  it('holds what it acknowledged and nothing else, within the bound, whatever comes and goes and wherever it restarts', async () => {
    const step = fc.oneof(
      { weight: 8, arbitrary: fc.array(fc.integer({ min: 1, max: 12_000 }), { minLength: 1, maxLength: 6 }) },
      { weight: 2, arbitrary: fc.constant('release' as const) },
      { weight: 1, arbitrary: fc.constant('restart' as const) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
        const maxBytes = 120_000;
        let { path, state, journal, stored } = open({ maxBytes });
        let released = 0;
        let follower = journal.follow('historian', positionFrom(released));
        const kept: { readonly seq: number; readonly text: string }[] = [];
        let number = 0;
        for (const one of steps) {
          if (one === 'restart') {
            state.close();
            ({ path, state, journal, stored } = open({ maxBytes }, path));
            follower = journal.follow('historian', positionFrom(released));
            const rows = state.db.prepare<[], { bytes: number }>('SELECT bytes FROM journal').all();
            expect(journal.stats.keptBytes).toBe(rows.reduce((sum, { bytes }) => sum + diskBytes(bytes, PAGE), 0));
          } else if (one === 'release') {
            released = journal.head();
            follower.release(positionFrom(released));
          } else {
            const sent = one.map((bytes) => {
              number += 1;
              const text = `${number} ${'x'.repeat(bytes)}`;
              return journal.append(entry(text)).then(
                () => kept.push({ seq: journal.head(), text }),
                (error) => expect(error).toBeInstanceOf(JournalFullError),
              );
            });
            await Promise.all(sent);
          }
          expect(journal.stats.heldBytes).toBeLessThanOrEqual(0.95 * maxBytes);
        }
        const found = stored();
        const due = kept.filter(({ seq }) => seq > released).map(({ text }) => text);
        expect(found.slice(found.length - due.length)).toEqual(due);
        for (const text of found) expect(kept.some((one) => one.text === text)).toBe(true);
        state.close();
      }),
      // Each run takes its time: what fails is told rather than made smaller.
      { numRuns: 25, endOnFailure: true },
    );
  });
});

describe('the size of a row on disk', () => {
  it('is what the file grows by, whatever the mix of sizes', () => {
    const sizes = fc.oneof(
      fc.array(fc.integer({ min: 20, max: 600 }), { minLength: 800, maxLength: 1_200 }),
      fc.array(fc.integer({ min: 20, max: 20_000 }), { minLength: 300, maxLength: 500 }),
      // Not right at half a page, where a byte decides whether a row has its page alone.
      fc
        .constantFrom(1_900, 1_960, 2_100, 2_900, 4_000, 4_100, 4_700)
        .map((size) => Array.from({ length: 400 }, () => size)),
    );
    fc.assert(
      fc.property(sizes, (bodies) => {
        const { state } = open();
        const before = stateSize(state).bytes;
        const insert = state.db.prepare('INSERT INTO journal (seq, bytes, body, total) VALUES (?, ?, zeroblob(?), ?)');
        let total = 0;
        for (const [index, bytes] of bodies.entries()) {
          total += diskBytes(bytes, PAGE);
          insert.run(index + 1, bytes, bytes, total);
        }
        const grown = stateSize(state).bytes - before;
        expect(total / grown).toBeGreaterThan(0.9);
        expect(total / grown).toBeLessThan(1.1);
        state.close();
      }),
      { numRuns: 20 },
    );
  });
});
