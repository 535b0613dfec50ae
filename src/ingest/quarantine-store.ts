import type { State } from '../state/port.js';
import type { InboundMessage, QuarantinedMessage, QuarantineFilter, Rejection } from './port.js';

/** Bounds of the quarantine: beyond either the oldest go, counted. */
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

/** The messages that were not taken, byte for byte, within bounds. */
export class QuarantineStore {
  readonly stats = { kept: 0, pushedOut: 0 };
  private bytes: number;
  private readonly insert;
  private readonly oldest;
  private readonly remove;

  constructor(
    private readonly state: State,
    private readonly bounds: QuarantineBounds = DEFAULT_BOUNDS,
  ) {
    const { db } = state;
    this.insert = db.prepare(
      'INSERT INTO quarantine (received_at, gateway, park, topic, payload, code, rejections) VALUES (?, ?, ?, ?, ?, ?, ?)',
    );
    this.oldest = db.prepare<[], { id: number; bytes: number }>(
      'SELECT id, length(payload) AS bytes FROM quarantine ORDER BY id',
    );
    this.remove = db.prepare('DELETE FROM quarantine WHERE id = ?');
    const held = db
      .prepare<[], { kept: number; bytes: number }>(
        'SELECT count(*) AS kept, coalesce(sum(length(payload)), 0) AS bytes FROM quarantine',
      )
      .get();
    this.stats.kept = held?.kept ?? 0;
    this.bytes = held?.bytes ?? 0;
  }

  /** Durable when it resolves; joins the group commit that is being gathered. */
  async keep(message: InboundMessage, receivedAt: number, rejections: readonly Rejection[]): Promise<void> {
    const { gateway, park, topic, payload } = message;
    const code = rejections[0]?.code ?? 'invalid_item';
    const before = { ...this.stats, bytes: this.bytes };
    await this.state
      .commit(() => {
        this.insert.run(receivedAt, gateway, park, topic, payload, code, JSON.stringify(rejections));
        this.stats.kept += 1;
        this.bytes += payload.length;
        this.pushOut();
      })
      .catch((error) => {
        Object.assign(this.stats, { kept: before.kept, pushedOut: before.pushedOut });
        this.bytes = before.bytes;
        throw error;
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
    await this.state.commit((db) => {
      db.prepare('UPDATE quarantine SET replayed_at = ?, replayed_by = ? WHERE id = ?').run(at, by, id);
    });
  }

  private pushOut(): void {
    if (this.withinBounds()) return;
    const rows: { id: number; bytes: number }[] = [];
    for (const row of this.oldest.iterate()) {
      if (this.withinBounds()) break;
      rows.push(row);
      this.stats.kept -= 1;
      this.stats.pushedOut += 1;
      this.bytes -= row.bytes;
    }
    for (const row of rows) this.remove.run(row.id);
  }

  private withinBounds(): boolean {
    return this.stats.kept <= this.bounds.messages && this.bytes <= this.bounds.bytes;
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
