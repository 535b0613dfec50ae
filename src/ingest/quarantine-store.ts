import type { State } from '../state/port.js';
import type { InboundMessage, QuarantinedMessage, QuarantineFilter, Rejection } from './port.js';
import { QuarantinePages } from './quarantine-pages.js';
import { countCodes, type Items, MAX_REJECTIONS, openItems, readItems, writeItems } from './rejections.js';
import { Shares } from './shares.js';

/**
 * Beyond either bound the store evicts, and counts, the oldest messages of the gateway that holds most. Guarded
 * readings, which the broker acknowledged, stay until replayed; the store refuses more beyond half of either bound.
 */
export interface QuarantineBounds {
  readonly messages: number;
  /** Bytes of the state file, with texts and overhead of each row. */
  readonly bytes: number;
}

const DEFAULT_BOUNDS: QuarantineBounds = { messages: 100_000, bytes: 256 * 1024 * 1024 };
/** Most rows evicted in one commit; an older file, whose bound counted less, may be far too full. */
const PUSH_OUT = 1_000;

/** The quarantine can keep no more guarded readings: an operator has to look at those that wait. */
export class QuarantineFullError extends Error {
  override readonly name = 'QuarantineFullError';
}

/** A message with the fields that a replay needs. */
interface KeptMessage extends QuarantinedMessage {
  readonly payload: Uint8Array;
  /** The items that wait; null means the whole message. */
  readonly open: Items | null;
}

interface Held {
  kept: number;
  pushedOut: number;
  bytes: number;
  guarded: number;
  guardedBytes: number;
}

interface Size {
  readonly id: number;
  readonly park: string;
  readonly gateway: string;
  readonly guarded: number;
  readonly bytes: number;
}

const SIZE = 'id, park, gateway, guarded, bytes';

/** Keeps rejected messages, byte for byte, within bounds. */
export class QuarantineStore {
  private readonly held: Held;
  private readonly shares = new Shares();
  private readonly pages: QuarantinePages;
  private readonly insert;
  private readonly size;
  private readonly oldest;
  private readonly remove;
  private readonly removeSame;

  constructor(
    private readonly state: State,
    private readonly bounds: QuarantineBounds = DEFAULT_BOUNDS,
  ) {
    const { db } = state;
    this.pages = new QuarantinePages(db);
    this.insert = db.prepare<unknown[], Size>(
      `INSERT INTO quarantine (received_at, gateway, park, topic, payload, code, rejections, guarded, codes, open)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING ${SIZE}`,
    );
    this.size = db.prepare<[number], Size>(`SELECT ${SIZE} FROM quarantine WHERE id = ?`);
    this.oldest = db.prepare<[string, string], Size>(
      `SELECT ${SIZE} FROM quarantine WHERE guarded = 0 AND park = ? AND gateway = ? ORDER BY id LIMIT 1`,
    );
    this.remove = db.prepare('DELETE FROM quarantine WHERE id = ?');
    this.removeSame = db.prepare<[number, string, Uint8Array], Size>(
      `DELETE FROM quarantine WHERE guarded = 1 AND received_at = ? AND topic = ? AND payload = ? RETURNING ${SIZE}`,
    );
    this.held = { kept: 0, pushedOut: 0, bytes: 0, guarded: 0, guardedBytes: 0 };
    const holders = db.prepare<[], { park: string; gateway: string; guarded: number; kept: number; bytes: number }>(
      'SELECT park, gateway, guarded, count(*) AS kept, sum(bytes) AS bytes FROM quarantine GROUP BY 1, 2, 3',
    );
    for (const { kept, bytes, ...whose } of holders.all()) this.grow(whose, kept, bytes);
  }

  get stats(): Pick<Held, 'kept' | 'pushedOut' | 'guarded'> {
    const { kept, pushedOut, guarded } = this.held;
    return { kept, pushedOut, guarded };
  }

  /** Bytes of the state file that the messages take. */
  get heldBytes(): number {
    return this.held.bytes;
  }

  /** Durable when it resolves. Joins the next group commit, or the commit that `commit` runs its work in. */
  keep(
    message: InboundMessage,
    receivedAt: number,
    rejections: readonly Rejection[],
    commit?: (work: () => void) => Promise<void>,
  ): Promise<void> {
    return this.change((undo) => this.add(message, receivedAt, rejections, false, undo), commit);
  }

  /**
   * Keeps a message that the broker acknowledged until it is replayed; no other message evicts it. Replaces an equal
   * message, because it is newer than any replay of that one.
   * @throws QuarantineFullError when too many guarded messages wait
   */
  keepGuarded(message: InboundMessage, receivedAt: number, rejections: readonly Rejection[]): Promise<void> {
    return this.change((undo) => {
      const { topic, payload } = message;
      for (const same of this.removeSame.all(receivedAt, topic, payload)) this.grow(same, -1, -same.bytes, undo);
      this.add(message, receivedAt, rejections, true, undo);
      const { guarded, guardedBytes } = this.held;
      const { messages, bytes } = this.bounds;
      if (guarded > messages / 2 || guardedBytes > bytes / 2) {
        throw new QuarantineFullError(
          `quarantine holds ${guarded - 1} messages that the store refused, and takes no more`,
        );
      }
    });
  }

  /** Newest first. */
  list(filter: QuarantineFilter): QuarantinedMessage[] {
    return this.pages.list(filter);
  }

  get(id: number): KeptMessage | undefined {
    const found = this.pages.get(id);
    if (found === undefined) return undefined;
    const { open, ...message } = found;
    return { ...message, open: open === null ? openItems(message.rejections) : readItems(open) };
  }

  markReplayed(id: number, by: string, at: number): Promise<void> {
    return this.update(id, () => {
      const sql = 'UPDATE quarantine SET replayed_at = ?, replayed_by = ?, guarded = 0 WHERE id = ?';
      this.state.db.prepare(sql).run(at, by, id);
    });
  }

  /** A replay accepted a part of the message: the rest waits, with its new reasons. */
  keepRest(id: number, rejections: readonly Rejection[], open: Items): Promise<void> {
    return this.update(id, () => {
      const sql = 'UPDATE quarantine SET code = ?, rejections = ?, codes = ?, open = ? WHERE id = ?';
      this.state.db.prepare(sql).run(...reasons(rejections), writeItems(open), id);
    });
  }

  private update(id: number, work: () => void): Promise<void> {
    return this.change((undo) => {
      const before = this.size.get(id);
      if (before === undefined) return;
      work();
      this.grow(before, -1, -before.bytes, undo);
      const after = this.size.get(id)!;
      this.grow(after, 1, after.bytes, undo);
    });
  }

  /** Runs in the next group commit; restores the counts when that commit fails. */
  private async change(
    work: (undo: (() => void)[]) => void,
    commit = (all: () => void) => this.state.commit(all),
  ): Promise<void> {
    const undo: (() => void)[] = [];
    try {
      await commit(() => work(undo));
    } catch (error) {
      for (const back of undo) back();
      throw error;
    }
  }

  private add(
    message: InboundMessage,
    receivedAt: number,
    rejections: readonly Rejection[],
    guarded: boolean,
    undo: (() => void)[],
  ): void {
    const { gateway, park, topic, payload } = message;
    const [code, kept, codes] = reasons(rejections);
    const open = openItems(rejections);
    const values = [receivedAt, gateway, park, topic, payload, code, kept, Number(guarded), codes];
    const row = this.insert.get(...values, open === null ? null : writeItems(open))!;
    this.grow(row, 1, row.bytes, undo);
    this.pushOut(undo);
  }

  private grow(
    whose: Pick<Size, 'park' | 'gateway' | 'guarded'>,
    messages: number,
    bytes: number,
    undo?: (() => void)[],
  ): void {
    const { park, gateway, guarded } = whose;
    this.held.kept += messages;
    this.held.bytes += bytes;
    if (guarded === 0) this.shares.add(park, gateway, messages, bytes);
    else {
      this.held.guarded += messages;
      this.held.guardedBytes += bytes;
    }
    undo?.push(() => this.grow(whose, -messages, -bytes));
  }

  private pushOut(undo: (() => void)[]): void {
    const { messages, bytes } = this.bounds;
    for (let n = 0; n < PUSH_OUT && (this.held.kept > messages || this.held.bytes > bytes); n += 1) {
      const holder = this.shares.largest(this.held.kept > messages ? 'messages' : 'bytes');
      const row = holder === null ? undefined : this.oldest.get(holder.park, holder.gateway);
      if (row === undefined) return;
      this.remove.run(row.id);
      this.grow(row, -1, -row.bytes, undo);
      this.held.pushedOut += 1;
      undo.push(() => {
        this.held.pushedOut -= 1;
      });
    }
  }
}

/** The columns for rejections: the first one's code, the first of them, and the count of each code. */
function reasons(rejections: readonly Rejection[]): [code: string, kept: string, codes: string | null] {
  const code = rejections[0]?.code ?? 'invalid_item';
  const all = rejections.length <= MAX_REJECTIONS;
  const kept = JSON.stringify(all ? rejections : rejections.slice(0, MAX_REJECTIONS));
  return [code, kept, all ? null : JSON.stringify(countCodes(rejections))];
}
