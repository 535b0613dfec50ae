import type { State } from '../state/port.js';
import type { InboundMessage, QuarantinedMessage, QuarantineFilter, Rejection } from './port.js';

/**
 * Bounds of the quarantine: beyond either the oldest go, counted. Readings that were acknowledged are guarded: they stay
 * until they are replayed, and are turned away once they have half of either bound.
 */
export interface QuarantineBounds {
  readonly messages: number;
  readonly bytes: number;
}

const DEFAULT_BOUNDS: QuarantineBounds = { messages: 100_000, bytes: 256 * 1024 * 1024 };

interface Row {
  id: number;
  received_at: number;
  gateway: string;
  park: string;
  topic: string;
  payload_bytes: number;
  rejections: string;
  replayed_at: number | null;
  replayed_by: string | null;
}

const COLUMNS =
  'id, received_at, gateway, park, topic, length(payload) AS payload_bytes, rejections, replayed_at, replayed_by';

/** No more readings that must not be lost can be kept: somebody has to look at those that are. */
export class QuarantineFull extends Error {
  override readonly name = 'QuarantineFull';
}

interface Held {
  kept: number;
  pushedOut: number;
  bytes: number;
  guarded: number;
  guardedBytes: number;
}

/** The messages that were not taken, byte for byte, within bounds. */
export class QuarantineStore {
  private readonly held: Held;
  private readonly insert;
  private readonly oldest;
  private readonly remove;
  private readonly removeSame;

  constructor(
    private readonly state: State,
    private readonly bounds: QuarantineBounds = DEFAULT_BOUNDS,
  ) {
    const { db } = state;
    this.insert = db.prepare(
      `INSERT INTO quarantine (received_at, gateway, park, topic, payload, code, rejections, guarded)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.oldest = db.prepare<[], { id: number; bytes: number }>(
      'SELECT id, length(payload) AS bytes FROM quarantine WHERE guarded = 0 ORDER BY id',
    );
    this.remove = db.prepare('DELETE FROM quarantine WHERE id = ?');
    this.removeSame = db.prepare<[number, string, Uint8Array], { id: number }>(
      'DELETE FROM quarantine WHERE guarded = 1 AND received_at = ? AND topic = ? AND payload = ? RETURNING id',
    );
    const held = db
      .prepare<[], Omit<Held, 'pushedOut'>>(
        `SELECT count(*) AS kept, coalesce(sum(length(payload)), 0) AS bytes, coalesce(sum(guarded), 0) AS guarded,
           coalesce(sum(length(payload) * guarded), 0) AS guardedBytes
         FROM quarantine`,
      )
      .get()!;
    this.held = { ...held, pushedOut: 0 };
  }

  get stats(): Pick<Held, 'kept' | 'pushedOut' | 'guarded'> {
    const { kept, pushedOut, guarded } = this.held;
    return { kept, pushedOut, guarded };
  }

  /** Durable when it resolves; joins the group commit that is being gathered, or what `commit` has its work done in. */
  keep(
    message: InboundMessage,
    receivedAt: number,
    rejections: readonly Rejection[],
    commit?: (work: () => void) => Promise<void>,
  ): Promise<void> {
    return this.change(() => this.add(message, receivedAt, rejections, false), commit);
  }

  /**
   * Keeps what was acknowledged, whatever else comes, until it is replayed. The same once more takes the place of what is
   * there: it is newer than any replay of that.
   * @throws QuarantineFull when too much of the kind waits
   */
  keepGuarded(message: InboundMessage, receivedAt: number, rejections: readonly Rejection[]): Promise<void> {
    return this.change(() => {
      const { topic, payload } = message;
      const same = this.removeSame.all(receivedAt, topic, payload).length;
      this.grow(-same, -same * payload.length, true);
      const { guarded, guardedBytes } = this.held;
      const { messages, bytes } = this.bounds;
      if (guarded >= messages / 2 || guardedBytes + payload.length > bytes / 2) {
        throw new QuarantineFull(`quarantine holds ${guarded} messages that the store refused, and takes no more`);
      }
      this.add(message, receivedAt, rejections, true);
    });
  }

  /** Newest first. */
  list(filter: QuarantineFilter): QuarantinedMessage[] {
    const code = filter.code ?? null;
    return this.state.db
      .prepare<unknown[], Row>(
        `SELECT ${COLUMNS} FROM quarantine
         WHERE id < @before AND (@code IS NULL OR code = @code) AND (@waiting = 0 OR replayed_at IS NULL)
           AND (@parks IS NULL OR park IN (SELECT value FROM json_each(@parks)))
         ORDER BY id DESC LIMIT @limit`,
      )
      .all({
        before: filter.beforeId ?? Number.MAX_SAFE_INTEGER,
        code,
        waiting: filter.waitingOnly ? 1 : 0,
        parks: filter.parks ? JSON.stringify(filter.parks) : null,
        limit: filter.limit,
      })
      .map(toMessage);
  }

  get(id: number): (QuarantinedMessage & { readonly payload: Uint8Array }) | undefined {
    const row = this.state.db
      .prepare<[number], Row & { payload: Buffer }>(`SELECT ${COLUMNS}, payload FROM quarantine WHERE id = ?`)
      .get(id);
    return row && { ...toMessage(row), payload: row.payload };
  }

  async markReplayed(id: number, by: string, at: number): Promise<void> {
    await this.change(() => {
      const { db } = this.state;
      const row = db
        .prepare<[number], { guarded: number; bytes: number }>(
          'SELECT guarded, length(payload) AS bytes FROM quarantine WHERE id = ?',
        )
        .get(id);
      if (row === undefined) return;
      db.prepare('UPDATE quarantine SET replayed_at = ?, replayed_by = ?, guarded = 0 WHERE id = ?').run(at, by, id);
      this.held.guarded -= row.guarded;
      this.held.guardedBytes -= row.guarded * row.bytes;
    });
  }

  /** Runs in the next group commit; when that fails, what is held is as it was. */
  private async change(work: () => void, commit = (all: () => void) => this.state.commit(all)): Promise<void> {
    const change: Partial<Held> = {};
    const keys = Object.keys(this.held) as (keyof Held)[];
    try {
      await commit(() => {
        const before = { ...this.held };
        try {
          work();
        } finally {
          for (const key of keys) change[key] = this.held[key] - before[key];
        }
      });
    } catch (error) {
      for (const key of keys) this.held[key] -= change[key] ?? 0;
      throw error;
    }
  }

  private add(message: InboundMessage, receivedAt: number, rejections: readonly Rejection[], guarded: boolean): void {
    const { gateway, park, topic, payload } = message;
    const code = rejections[0]?.code ?? 'invalid_item';
    const values = [receivedAt, gateway, park, topic, payload, code, JSON.stringify(rejections), Number(guarded)];
    this.insert.run(...values);
    this.grow(1, payload.length, guarded);
    this.pushOut();
  }

  private grow(messages: number, bytes: number, guarded: boolean): void {
    this.held.kept += messages;
    this.held.bytes += bytes;
    if (!guarded) return;
    this.held.guarded += messages;
    this.held.guardedBytes += bytes;
  }

  private pushOut(): void {
    if (this.withinBounds()) return;
    const rows: number[] = [];
    for (const { id, bytes } of this.oldest.iterate()) {
      if (this.withinBounds()) break;
      rows.push(id);
      this.held.pushedOut += 1;
      this.grow(-1, -bytes, false);
    }
    for (const id of rows) this.remove.run(id);
  }

  private withinBounds(): boolean {
    return this.held.kept <= this.bounds.messages && this.held.bytes <= this.bounds.bytes;
  }
}

function toMessage(row: Row): QuarantinedMessage {
  return {
    id: row.id,
    topic: row.topic,
    gateway: row.gateway,
    park: row.park,
    receivedAt: row.received_at,
    payloadBytes: row.payload_bytes,
    rejections: JSON.parse(row.rejections) as Rejection[],
    replayedAt: row.replayed_at,
    replayedBy: row.replayed_by,
  };
}
