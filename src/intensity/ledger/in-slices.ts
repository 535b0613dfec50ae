import type { Database } from '../../sqlite.js';
import { type State, writeNow } from '../../state/port.js';
import { breath } from '../breath.js';
import type { Origin } from '../model/statistics/ledger.js';
import type { InSteps } from '../model/steps.js';
import { IntensityRefusedError } from '../port.js';
import type { LedgerStore } from './ledger-store.js';

/** Rows of one transaction, which is one turn of the event loop. */
export const ROWS_AT_ONCE = 500;
/** Uploads that wait for their turn; each is in memory as a whole. */
const MOST_WAITING = 32;

/** One ledger's part of an upload, rows by key. */
export interface LedgerPart<T> {
  readonly ledger: LedgerStore<T>;
  readonly items: ReadonlyMap<string, T | null>;
}

type Row = readonly [key: string, text: string | null];
/** As `LedgerPart`, whatever its values are. */
interface Part {
  readonly ledger: Pick<LedgerStore<never>, 'writeAhead' | 'seal' | 'requireRoom'>;
  readonly items: ReadonlyMap<string, unknown>;
}

/**
 * Records one revision of each ledger, all of them or none: their rows in several transactions with turns of the event
 * loop between them, and in the last one that they count, with what `beside` writes. Durable when it resolves. Nothing
 * else may write these ledgers meanwhile: see `InTurn`.
 * @throws IntensityRefusedError when a ledger is full
 * @throws StorageUnavailableError when the disk is full or fails; nothing was recorded
 */
export async function appendInSlices(
  state: State,
  parts: readonly Part[],
  origin: Origin,
  beside: (db: Database) => void,
): Promise<void> {
  const all = parts.filter(({ items }) => items.size > 0);
  for (const { ledger, items } of all) ledger.requireRoom(items.size);
  let ahead: ((db: Database) => void)[] = [];
  for (const { ledger, items } of all) {
    let isFirst = true;
    for (const rows of batches(items)) {
      const first = isFirst;
      // The last one of an upload goes with what makes it whole.
      for (const write of ahead.splice(0)) {
        writeNow(state, write);
        await breath.take();
      }
      ahead = [(db) => ledger.writeAhead(db, rows, first)];
      isFirst = false;
    }
  }
  const sealed = writeNow(state, (db) => {
    for (const write of ahead) write(db);
    const adopted = all.map(({ ledger, items }) => ledger.seal(db, items as ReadonlyMap<string, never>, origin));
    beside(db);
    return adopted;
  });
  for (const { adopt } of sealed) adopt();
}

function* batches(items: Part['items']): Generator<readonly Row[]> {
  let rows: Row[] = [];
  for (const [key, value] of items) {
    rows.push([key, value === null ? null : JSON.stringify(value)]);
    if (rows.length < ROWS_AT_ONCE) continue;
    yield rows;
    rows = [];
  }
  if (rows.length > 0) yield rows;
}

/** The upload's rows by key; of several with one key the last. */
export function* byKey<T>(all: Iterable<T>, keyOf: (one: T) => string): InSteps<Map<string, T>> {
  const found = new Map<string, T>();
  for (const one of all) {
    found.set(keyOf(one), one);
    yield;
  }
  return found;
}

/** Throws where somebody recorded or withdrew one of the keys after the version that the client read. */
export function* requireNotSince(
  { ledger }: Pick<LedgerStore<unknown>, 'ledger'>,
  basedOn: number | undefined,
  keys: Pick<ReadonlySet<string>, 'has'>,
): InSteps<void> {
  if (basedOn === undefined) return;
  for (const { version, items } of ledger.slice(basedOn)) {
    for (const key of items.keys()) {
      yield;
      if (!keys.has(key)) continue;
      const message = `somebody recorded ${key} anew in version ${version}, after version ${basedOn}: read it again`;
      throw new IntensityRefusedError('conflict', 'statistics_changed', message);
    }
  }
}

/** Lets one upload after the other check and write, so that none meets the half of another. */
export class InTurn {
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** @throws IntensityRefusedError when too many wait already */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#waiting >= MOST_WAITING) {
      const message = `${MOST_WAITING} others are being recorded: send it again in a while`;
      throw new IntensityRefusedError('conflict', 'uploads_waiting', message);
    }
    this.#waiting += 1;
    const mine = this.#last.then(work);
    this.#last = mine.catch(() => undefined);
    try {
      return await mine;
    } finally {
      this.#waiting -= 1;
    }
  }
}
