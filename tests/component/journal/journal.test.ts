import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { BodyWriter, decodeBody, JournalCorruptError } from '../../../src/journal/codec.js';
import { openJournal } from '../../../src/journal/open.js';
import { BEGINNING, type JournalEntry, positionFrom } from '../../../src/journal/port.js';
import { migrations } from '../../../src/journal/schema.js';
import { openState } from '../../../src/state/open.js';
import { type State, StorageUnavailableError } from '../../../src/state/port.js';
import { tempDir } from '../../helpers/temp.js';

const entry = (payload: string, receivedAt = 1): JournalEntry => ({
  park: 'p',
  topic: 'parks/p/energy/d/readings',
  gateway: 'g',
  receivedAt,
  payload: Buffer.from(payload),
});

function open(path = join(tempDir(), 'park.sqlite')) {
  const state = openState(path, { journal: migrations });
  onTestFinished(() => state.close());
  const failures: unknown[] = [];
  const journal = openJournal(state, (error) => failures.push(error));
  const reader = journal.reader();
  onTestFinished(() => reader.close());
  return { state, journal, reader, failures };
}

const payloads = (batches: readonly { entries: readonly JournalEntry[] }[]) =>
  batches.map((batch) => batch.entries.map((one) => Buffer.from(one.payload).toString()));

describe('the journal', () => {
  it('keeps the messages of one commit together, byte for byte and in order', async () => {
    const { journal, reader } = open();
    await Promise.all(['a', 'b', 'ü\u0000'].map((text) => journal.append(entry(text, 1_700_000_000_123))));
    await journal.append(entry('c'));

    expect(payloads(reader.read(BEGINNING, 1e6))).toEqual([['a', 'b', 'ü\u0000'], ['c']]);
    expect(reader.read(BEGINNING, 1e6)[0]?.entries[0]).toMatchObject({
      topic: 'parks/p/energy/d/readings',
      gateway: 'g',
      receivedAt: 1_700_000_000_123,
    });
    expect(journal.head()).toBe(2);
    expect(reader.head()).toBe(2);
  });

  it('is durable when append resolves: another connection sees it at once', async () => {
    const { journal, reader } = open();
    await journal.append(entry('seen'));
    expect(payloads(reader.read(BEGINNING, 1e6))).toEqual([['seen']]);
  });

  it('writes what comes beside an entry in the commit of the entry, or not at all', async () => {
    const { state, journal } = open();
    state.db.exec('CREATE TABLE beside (text TEXT)');
    const write = (text: string) => () => void state.db.prepare('INSERT INTO beside VALUES (?)').run(text);
    const there = () => state.db.prepare('SELECT text FROM beside').pluck().all();
    await Promise.all([journal.append(entry('a')), journal.append(entry('b'), false, write('b'))]);
    expect([journal.head(), there(), state.stats.commits]).toEqual([1, ['b'], 1]);

    journal.join({
      writing: () => {
        throw new Error('a fault of who takes part');
      },
      undone: () => undefined,
    });
    await expect(journal.append(entry('c'), false, write('c'))).rejects.toThrow('a fault');
    expect([journal.head(), there()]).toEqual([1, ['b']]);
  });

  it('reads on from where a follower stands, in steps bounded by bytes', async () => {
    const { journal, reader } = open();
    for (const text of ['a', 'b', 'c']) await journal.append(entry(text.repeat(1000)));
    expect(reader.read(positionFrom(1), 1).map((batch) => batch.position)).toEqual([2]);
    expect(reader.read(positionFrom(1), 1500).map((batch) => batch.position)).toEqual([2, 3]);
    expect(reader.read(positionFrom(3), 1e6)).toEqual([]);
  });

  it('tells its listeners of each commit after it is durable, and survives one that throws', async () => {
    const { journal, reader, failures } = open();
    const heard: number[] = [];
    journal.onCommitted(() => {
      throw new Error('a broken listener');
    });
    journal.onCommitted((batch) => heard.push(batch.position, reader.head()));
    await journal.append(entry('a'));
    expect(heard).toEqual([1, 1]);
    expect(failures).toHaveLength(1);
  });

  it('keeps a batch until every follower has released it, and never the last row so that seq goes on after a restart', async () => {
    const path = join(tempDir(), 'park.sqlite');
    const first = open(path);
    for (const text of ['a', 'b', 'c', 'd']) await first.journal.append(entry(text));
    const slow = first.journal.follow('slow', BEGINNING);
    const fast = first.journal.follow('fast', BEGINNING);
    fast.release(positionFrom(4));
    expect(payloads(first.reader.read(BEGINNING, 1e6))).toHaveLength(4);

    slow.release(positionFrom(2));
    await vi.waitFor(() => expect(first.journal.stats.trimmedTo).toBe(2));
    expect(first.reader.read(BEGINNING, 1e6).map((batch) => batch.position)).toEqual([3, 4]);

    slow.release(positionFrom(4));
    await vi.waitFor(() => expect(first.journal.stats.trimmedTo).toBe(3));
    first.state.close();
    const again = open(path);
    expect(again.journal.head()).toBe(4);
    await again.journal.append(entry('e'));
    expect(again.reader.read(BEGINNING, 1e6).map((batch) => batch.position)).toEqual([4, 5]);
  });

  it('never gives a number again that a follower has seen, though its file was restored from an older backup', async () => {
    const { journal, reader } = open();
    await journal.append(entry('a'));
    journal.follow('ahead', positionFrom(500));
    await journal.append(entry('b'));
    expect(journal.head()).toBe(501);
    expect(reader.read(positionFrom(500), 1e6).map((batch) => batch.position)).toEqual([501]);
  });

  it('counts the bytes it keeps, down to the last row, and again after a restart', async () => {
    const path = join(tempDir(), 'park.sqlite');
    const { journal, state } = open(path);
    const follower = journal.follow('only', BEGINNING);
    for (let i = 0; i < 600; i += 1) await journal.append(entry('x'.repeat(100)));
    const each = journal.stats.keptBytes / 600;
    follower.release(positionFrom(600));
    await vi.waitFor(() => expect(journal.stats.keptBytes).toBe(each));
    state.close();
    expect(open(path).journal.stats.keptBytes).toBe(each);
  });

  it('rejects what a full disk could not take and keeps its order afterwards', async () => {
    const { state, journal, reader } = open();
    await journal.append(entry('a'));
    limitPages(state, 0);
    const lost = [journal.append(entry('x'.repeat(100_000))), journal.append(entry('y'))];
    for (const one of lost) await expect(one).rejects.toThrow(StorageUnavailableError);
    limitPages(state, 1_000_000);
    await journal.append(entry('b'));
    expect(payloads(reader.read(BEGINNING, 1e6))).toEqual([['a'], ['b']]);
    expect(journal.head()).toBe(2);
  });
});

function limitPages(state: State, more: number): void {
  state.db.pragma(`max_page_count = ${Number(state.db.pragma('page_count', { simple: true })) + more}`);
}

describe('the body of a journal row', () => {
  it('gives back whatever was put in, over many bodies from one writer', () => {
    const entries = fc.array(
      fc.record({
        park: fc.constant(''),
        topic: fc.string({ unit: 'grapheme', maxLength: 200 }),
        gateway: fc.string({ unit: 'grapheme-ascii', maxLength: 63 }),
        receivedAt: fc.integer({ min: 0, max: 8.64e15 }),
        payload: fc.uint8Array({ maxLength: 70_000 }),
      }),
      { minLength: 1, maxLength: 20 },
    );
    const writer = new BodyWriter();
    fc.assert(
      fc.property(entries, (given) => {
        writer.reset();
        for (const one of given) writer.add(one);
        const read = decodeBody(Buffer.from(writer.body()));
        expect(read.map((one) => ({ ...one, payload: Uint8Array.from(one.payload) }))).toEqual(given);
      }),
      { numRuns: 50 },
    );
  });

  it('refuses a body that is cut, or of another version', () => {
    const writer = new BodyWriter();
    writer.add(entry('abc'));
    const body = Buffer.from(writer.body());
    expect(() => decodeBody(body.subarray(0, body.length - 1))).toThrow(JournalCorruptError);
    expect(() => decodeBody(Buffer.concat([Buffer.from([9]), body.subarray(1)]))).toThrow(/version 9/);
  });
});
