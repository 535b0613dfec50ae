import { describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  BEGINNING,
  comesNext,
  type Journal,
  type JournalBatch,
  type JournalEntry,
  type Position,
  positionFrom,
} from '../../../src/journal/port.js';

/** Where one journal is kept; empty when it is made. */
export interface Place {
  /** A journal on it, waiting for `followers` before it trims; the one before it was closed. */
  open(options: { readonly followers: readonly string[]; readonly onListenerError: (error: unknown) => void }): {
    readonly journal: Journal;
    close(): void;
  };
}

const MANY_BYTES = 1e9;

const entry = (text: string, park = 'park-a'): JournalEntry => ({
  park,
  topic: `parks/${park}/energy/meter-1/readings`,
  gateway: 'gw-1',
  receivedAt: 1_700_000_000_123,
  payload: Buffer.from(text),
});
const texts = (batches: readonly JournalBatch[]) =>
  batches.map(({ entries }) => entries.map(({ payload }) => Buffer.from(payload).toString()));

/** What every journal keeps to, whatever log stands behind it. */
export function journalConformance(name: string, makePlace: () => Place): void {
  const setUp = (followers: readonly string[] = [], place = makePlace()) => {
    const failures: unknown[] = [];
    const { journal, close } = place.open({ followers, onListenerError: (error) => failures.push(error) });
    const reader = journal.reader();
    const end = vi.fn(() => {
      reader.close();
      close();
    });
    onTestFinished(() => {
      if (end.mock.calls.length === 0) end();
    });
    const all = () => reader.read(BEGINNING, MANY_BYTES);
    return { place, journal, reader, all, failures, close: end };
  };

  describe(`${name} as a journal`, () => {
    it('begins empty', () => {
      const { journal, reader, all } = setUp();
      expect([journal.head(), reader.head(), all()]).toEqual([BEGINNING, BEGINNING, []]);
    });

    it('resolves an append with the position from which a reader has it at once', async () => {
      const { journal, reader, all } = setUp();
      const position = await journal.append(entry('a'));
      expect(position).toBeGreaterThan(BEGINNING);
      expect([journal.head(), reader.head(), all()[0]!.position]).toEqual([position, position, position]);
    });

    it('gives entries that became durable together one position, and later ones higher ones', async () => {
      const { journal, all } = setUp();
      const together = await Promise.all(['a', 'b', 'ü\u0000'].map((text) => journal.append(entry(text))));
      const later = await journal.append(entry('c'));
      expect(new Set(together).size).toBe(1);
      expect(later).toBeGreaterThan(together[0]!);
      expect(comesNext(later, later) || comesNext(later, together[0]!)).toBe(false);
      expect(texts(all())).toEqual([['a', 'b', 'ü\u0000'], ['c']]);
    });

    it('keeps an entry byte for byte, with its times and its park', async () => {
      const { journal, all } = setUp();
      const replayed = { ...entry('\u0000{', 'park-b'), replayedAt: 1_700_000_009_000 };
      await Promise.all([entry('a'), replayed, entry('b', 'park')].map((one) => journal.append(one)));
      const [first, second, third] = all()[0]!.entries;
      expect(first).toEqual(entry('a'));
      expect(second).toEqual(replayed);
      expect(third!.park).toBe('park');
    });

    it('reads on from a position that was kept as a number, in steps bounded by bytes', async () => {
      const { journal, reader } = setUp();
      const positions: Position[] = [];
      for (const text of ['a', 'b', 'c']) positions.push(await journal.append(entry(text.repeat(1_000))));
      const kept = positionFrom(Number(String(positions[0])));
      expect(reader.read(kept, 1).map(({ position }) => position)).toEqual(positions.slice(1, 2));
      expect(reader.read(kept, MANY_BYTES).map(({ position }) => position)).toEqual(positions.slice(1));
      expect(reader.read(positions[2]!, MANY_BYTES)).toEqual([]);
    });

    it('tells listeners of each batch in order once it is durable, also when one of them throws', async () => {
      const { journal, reader, failures } = setUp();
      const told: JournalBatch[] = [];
      journal.onCommitted(() => {
        throw new Error('a broken listener');
      });
      journal.onCommitted((batch) => {
        expect(reader.head()).toBe(batch.position);
        told.push(batch);
      });
      const appended = [entry('a'), entry('b')];
      for (const one of appended) await journal.append(one);
      expect(told.map(({ entries }) => entries[0])).toEqual(appended);
      expect(told.flatMap(({ entries }) => entries).every((one, i) => one === appended[i])).toBe(true);
      expect(failures).toHaveLength(2);
    });

    it('trims up to what every follower has released, and nothing before all expected ones are there', async () => {
      const { journal, all } = setUp(['slow', 'fast']);
      const positions: Position[] = [];
      for (const text of ['a', 'b', 'c', 'd']) positions.push(await journal.append(entry(text)));
      const fast = journal.follow('fast', BEGINNING);
      fast.release(positions[3]!);
      fast.release(positions[0]!);
      expect(fast.released).toBe(positions[3]);
      expect(texts(all())).toHaveLength(4);
      const slow = journal.follow('slow', positions[0]!);
      await vi.waitFor(() => expect(journal.stats.trimmedTo).toBe(positions[0]));
      slow.release(positions[1]!);
      await vi.waitFor(() => expect(journal.stats.trimmedTo).toBe(positions[1]));
      expect(texts(all())).toEqual([['c'], ['d']]);
    });

    it('goes on after a restart with what it held, and gives no position twice', async () => {
      const first = setUp();
      const position = await first.journal.append(entry('a'));
      first.journal.follow('all', position);
      first.close();
      const second = setUp([], first.place);
      expect(second.journal.head()).toBe(position);
      expect(await second.journal.append(entry('b'))).toBeGreaterThan(position);
      expect(texts(second.all()).at(-1)).toEqual(['b']);
    });

    it('gives no position that a follower has seen, nor one that is left out', async () => {
      const { journal } = setUp();
      const seen = positionFrom((await journal.append(entry('a'))) + 500);
      journal.follow('ahead', seen);
      const next = await journal.append(entry('b'));
      expect(next).toBeGreaterThan(seen);
      await journal.skip(100);
      expect(await journal.append(entry('c'))).toBeGreaterThan(next + 100);
    });

    it('lets a participant know the position while the batch is written, and undoes a batch that it fails', async () => {
      const { journal, all } = setUp();
      const writing = vi.fn();
      const undone = vi.fn();
      journal.join({ writing, undone });
      expect(() => journal.join({ writing, undone })).toThrow();
      const position = await journal.append(entry('a'));
      expect(writing).toHaveBeenCalledWith(expect.objectContaining({ position }));
      writing.mockImplementationOnce(() => {
        throw new Error('a fault of who takes part');
      });
      await expect(journal.append(entry('b'))).rejects.toThrow('a fault');
      expect(undone).toHaveBeenCalledOnce();
      await journal.append(entry('c'));
      expect(texts(all())).toEqual([['a'], ['c']]);
    });

    it('stores nothing of a batch when what is written beside an entry fails', async () => {
      const { journal, all } = setUp();
      const beside = () => {
        throw new Error('a fault beside');
      };
      await expect(
        Promise.all([journal.append(entry('a')), journal.append(entry('b'), false, beside)]),
      ).rejects.toThrow('a fault beside');
      await journal.append(entry('c'));
      expect(texts(all())).toEqual([['c']]);
    });
  });
}
