import type { Database } from '../../../sqlite.js';
import { PRIORITIES, type Priority } from '../../model/class.js';
import type { Notice } from '../../model/notify/message.js';
import type { NotifyBounds } from '../bounds.js';
import type { Delivery, DeliveryQuery, DeliveryState } from '../port.js';

/** As the columns give it. */
interface Row extends Omit<Delivery, 'notice' | 'nextAt'> {
  readonly notice: string;
  readonly nextAt: number;
}

const COLUMNS =
  'id, channel, notice, state, attempts, created_at AS createdAt, next_at AS nextAt, finished_at AS finishedAt, error';
const CRITICAL = PRIORITIES.indexOf('critical');

/** The queue of deliveries and what is kept of those that are over; writes run inside transactions of the caller's. */
export class DeliveryStore {
  private readonly insert;
  private readonly counted;
  private readonly lowest;
  private readonly drop;
  private readonly next;
  private readonly one;
  private readonly finishRow;
  private readonly failRow;
  private readonly held;
  private readonly prune;

  constructor(
    private readonly db: Database,
    private readonly bounds: Pick<NotifyBounds, 'waitingPerChannel' | 'deadKept' | 'sentKept'>,
  ) {
    this.insert = db.prepare(
      `INSERT INTO alarm_deliveries (key, channel, alarm, rank, notice, state, attempts, created_at, next_at)
       VALUES (?, ?, ?, ?, ?, 'waiting', 0, ?, ?) ON CONFLICT (key) DO NOTHING`,
    );
    this.counted = db
      .prepare<[string, DeliveryState], number>('SELECT count(*) FROM alarm_deliveries WHERE channel = ? AND state = ?')
      .pluck();
    this.lowest = db.prepare<[string, number], { id: number; rank: number }>(
      `SELECT id, rank FROM alarm_deliveries WHERE channel = ? AND state = 'waiting' ORDER BY rank, id LIMIT ?`,
    );
    this.drop = db.prepare('DELETE FROM alarm_deliveries WHERE id = ?');
    // The messages about one alarm keep their order: only the oldest that waits may go. What was put there or tried in
    // the future waits for nothing: the clock was set back since.
    this.next = db.prepare<[{ channel: string; now: number; limit: number }], Row>(
      `SELECT ${COLUMNS} FROM alarm_deliveries AS d WHERE channel = @channel AND state = 'waiting'
         AND (next_at <= @now OR iif(attempts = 0, created_at, tried_at) > @now)
         AND NOT EXISTS (SELECT 1 FROM alarm_deliveries AS e
           WHERE e.channel = d.channel AND e.alarm = d.alarm AND e.state = 'waiting' AND e.id < d.id)
       ORDER BY rank DESC, id LIMIT @limit`,
    );
    this.one = db.prepare<[number], Row>(`SELECT ${COLUMNS} FROM alarm_deliveries WHERE id = ?`);
    this.finishRow = db.prepare(
      `UPDATE alarm_deliveries SET state = ?, attempts = ?, tried_at = ?, finished_at = ?, error = ?
       WHERE id = ? AND state = 'waiting'`,
    );
    this.failRow = db.prepare(
      `UPDATE alarm_deliveries SET attempts = ?, tried_at = ?, next_at = ?, error = ? WHERE id = ? AND state = 'waiting'`,
    );
    this.held = db.prepare<[DeliveryState], { channel: string; rows: number }>(
      'SELECT channel, count(*) AS rows FROM alarm_deliveries WHERE state = ? GROUP BY channel ORDER BY rows DESC',
    );
    this.prune = db.prepare(
      `DELETE FROM alarm_deliveries WHERE id IN
         (SELECT id FROM alarm_deliveries WHERE state = ? AND channel = ? ORDER BY id LIMIT ?)`,
    );
  }

  count(channel: string, state: DeliveryState): number {
    return this.counted.get(channel, state) ?? 0;
  }

  waiting(): number {
    return (
      this.db.prepare<[], number>(`SELECT count(*) FROM alarm_deliveries WHERE state = 'waiting'`).pluck().get() ?? 0
    );
  }

  /**
   * Puts a notice in the queue of a channel. Where that is full, the oldest of the lowest priority goes instead, or the
   * new one when it is the lowest itself; nothing that is critical or `inFlight` goes. Returns what was dropped.
   */
  enqueue(channel: string, notice: Notice, now: number, inFlight: ReadonlySet<number>): Priority | null {
    const rank = PRIORITIES.indexOf(notice.alarm.priority);
    let dropped: Priority | null = null;
    if (this.count(channel, 'waiting') >= this.bounds.waitingPerChannel) {
      const victim = this.lowest.all(channel, inFlight.size + 1).find((row) => !inFlight.has(row.id));
      const lowest = Math.min(victim?.rank ?? CRITICAL, rank);
      if (lowest < CRITICAL) {
        dropped = PRIORITIES[lowest] ?? null;
        if (victim === undefined || rank < victim.rank) return dropped;
        this.drop.run(victim.id);
      }
    }
    this.insert.run(notice.id, channel, notice.alarm.id, rank, JSON.stringify(notice), now, now);
    return dropped;
  }

  /** The next to be tried that are not `inFlight`, critical ones first. */
  due(channel: string, now: number, limit: number, inFlight: ReadonlySet<number>): Delivery[] {
    const rows = this.next.all({ channel, now, limit: limit + inFlight.size });
    return rows
      .filter((row) => !inFlight.has(row.id))
      .slice(0, limit)
      .map(toDelivery);
  }

  finish(id: number, state: 'sent' | 'dead', attempts: number, now: number, error: string | null): void {
    this.finishRow.run(state, attempts, now, now, error, id);
    this.keepWithin(state);
  }

  fail(id: number, attempts: number, now: number, nextAt: number, error: string): void {
    this.failRow.run(attempts, now, nextAt, error, id);
  }

  /** Gives up what was put in the queue before `before`, of one channel or of all; returns how many. */
  giveUp(before: number, now: number, error: string, channel: string | null = null): number {
    const { changes } = this.db
      .prepare(
        `UPDATE alarm_deliveries SET state = 'dead', finished_at = ?, error = ?
         WHERE state = 'waiting' AND created_at < ? AND (? IS NULL OR channel = ?)`,
      )
      .run(now, error, before, channel, channel);
    if (changes > 0) this.keepWithin('dead');
    return changes;
  }

  /** Puts a dead delivery back in the queue, as new. */
  revive(id: number, now: number): void {
    this.db
      .prepare(
        `UPDATE alarm_deliveries SET state = 'waiting', attempts = 0, created_at = ?, next_at = ?, finished_at = NULL
         WHERE id = ? AND state = 'dead'`,
      )
      .run(now, now, id);
  }

  get(id: number): Delivery | undefined {
    const row = this.one.get(id);
    return row && toDelivery(row);
  }

  list({ state, channel, beforeId, limit }: DeliveryQuery): Delivery[] {
    const where = ['id < ?', ...(state ? ['state = ?'] : []), ...(channel ? ['channel = ?'] : [])].join(' AND ');
    const values = [beforeId ?? Number.MAX_SAFE_INTEGER, ...(state ? [state] : []), ...(channel ? [channel] : [])];
    return this.db
      .prepare<(string | number)[], Row>(
        `SELECT ${COLUMNS} FROM alarm_deliveries WHERE ${where} ORDER BY id DESC LIMIT ?`,
      )
      .all(...values, limit)
      .map(toDelivery);
  }

  /** The channel that has most gives room, in few steps where much is over. */
  private keepWithin(state: 'sent' | 'dead'): void {
    const kept = state === 'dead' ? this.bounds.deadKept : this.bounds.sentKept;
    for (;;) {
      const held = this.held.all(state);
      const over = held.reduce((sum, { rows }) => sum + rows, 0) - kept;
      const [most, next] = held;
      if (over <= 0 || most === undefined) return;
      const room = Math.max(most.rows - (next?.rows ?? 0), Math.ceil(over / held.length));
      this.prune.run(state, most.channel, Math.min(over, room));
    }
  }

  /** When attempts were made after `since` and until `now`, rising. */
  triedSince(channel: string, since: number, now: number): number[] {
    return this.db
      .prepare<[string, number, number], number>(
        'SELECT tried_at FROM alarm_deliveries WHERE channel = ? AND tried_at > ? AND tried_at <= ? ORDER BY tried_at',
      )
      .pluck()
      .all(channel, since, now);
  }
}

function toDelivery(row: Row): Delivery {
  const { state, nextAt } = row;
  return { ...row, notice: JSON.parse(row.notice) as Notice, nextAt: state === 'waiting' ? nextAt : null };
}
