import type { Database } from '../sqlite.js';
import type { QuarantinedMessage, QuarantineFilter, Rejection } from './port.js';
import { type CodeCounts, countCodes, MAX_REJECTIONS } from './rejections.js';

interface Row extends Omit<QuarantinedMessage, 'rejections' | 'codes'> {
  readonly textBytes: number;
  readonly rejections: string;
  readonly codes: string | null;
}

const COLUMNS = `id, received_at AS receivedAt, gateway, park, topic, length(payload) AS payloadBytes,
  text_bytes AS textBytes, rejections, codes, replayed_at AS replayedAt, replayed_by AS replayedBy`;
/** Bytes of the rows' texts in one page; a page has at least one message. */
const PAGE_BYTES = 512 * 1024;

/** Reads the quarantine: a list never reads payloads, and reads at most a page at once. */
export class QuarantinePages {
  private readonly parks;
  private readonly ids;
  private readonly row;
  private readonly whole;

  constructor(db: Database) {
    this.parks = db
      .prepare<[], string>(
        // Finds each park with one index look-up, without counting the messages.
        `WITH RECURSIVE held (park) AS (
         SELECT min(park) FROM quarantine
         UNION ALL
         SELECT (SELECT min(park) FROM quarantine WHERE park > held.park) FROM held WHERE held.park IS NOT NULL)
       SELECT park FROM held WHERE park IS NOT NULL`,
      )
      .pluck();
    this.ids = db
      .prepare<unknown[], number>(
        `SELECT id FROM quarantine
       WHERE park = @park AND id < @before AND (@code IS NULL OR code = @code)
         AND (@waiting = 0 OR replayed_at IS NULL)
       ORDER BY id DESC LIMIT @limit`,
      )
      .pluck();
    this.row = db.prepare<[number], Row>(`SELECT ${COLUMNS} FROM quarantine WHERE id = ?`);
    this.whole = db.prepare<[number], Row & { readonly payload: Buffer; readonly open: string | null }>(
      `SELECT ${COLUMNS}, payload, open FROM quarantine WHERE id = ?`,
    );
  }

  /** Newest first. */
  list({ parks, code, waitingOnly, beforeId, limit }: QuarantineFilter): QuarantinedMessage[] {
    const filter = {
      before: beforeId ?? Number.MAX_SAFE_INTEGER,
      code: code ?? null,
      waiting: waitingOnly ? 1 : 0,
      limit,
    };
    const ids = (parks ?? this.parks.all()).flatMap((park) => this.ids.all({ park, ...filter }));
    const found: QuarantinedMessage[] = [];
    let bytes = 0;
    for (const id of ids.sort((a, b) => b - a).slice(0, limit)) {
      const row = this.row.get(id)!;
      bytes += row.textBytes;
      if (found.length > 0 && bytes > PAGE_BYTES) break;
      found.push(toMessage(row));
    }
    return found;
  }

  get(id: number): (QuarantinedMessage & { readonly payload: Uint8Array; readonly open: string | null }) | undefined {
    const row = this.whole.get(id);
    return row && { ...toMessage(row), payload: row.payload, open: row.open };
  }
}

function toMessage({ textBytes: _, rejections: text, codes, ...row }: Row): QuarantinedMessage {
  const rejections = JSON.parse(text) as Rejection[];
  return {
    ...row,
    rejections: rejections.slice(0, MAX_REJECTIONS),
    codes: codes === null ? countCodes(rejections) : (JSON.parse(codes) as CodeCounts),
  };
}
