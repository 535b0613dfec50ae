import type { Database } from '../../sqlite.js';

/** Rows deleted at once, so that deletes are rare. */
const BATCH = 1_000;

/** Counts each sender's refusal rows in the audit, and deletes rows when there are too many. */
export class RefusalsKept {
  private readonly perSender = new Map<string, number>();
  private rows = 0;

  constructor(
    db: Database,
    private readonly bound: number,
  ) {
    const senders = db.prepare<[], { who: string; rows: number }>(
      `SELECT who, count(*) AS rows FROM audit WHERE outcome = 'refused' GROUP BY who`,
    );
    for (const { who, rows } of senders.all()) this.count(who, rows);
  }

  /** Counts a row before it is written. */
  add(who: string): void {
    this.count(who, 1);
  }

  /** Deletes a batch beyond the bound: older rows of the sender with most, or the oldest of all if none has many. */
  prune(db: Database): void {
    if (this.rows < this.bound + BATCH) return;
    let [most, rows] = ['', 0];
    for (const [who, its] of this.perSender) if (its > rows) [most, rows] = [who, its];
    const whose = rows >= BATCH ? 'AND who = @most' : '';
    const gone = db
      .prepare<[object], string>(
        `DELETE FROM audit WHERE id IN
           (SELECT id FROM audit WHERE outcome = 'refused' ${whose} ORDER BY id LIMIT @batch) RETURNING who`,
      )
      .pluck()
      .all({ ...(whose !== '' && { most }), batch: whose === '' ? BATCH : Math.min(BATCH, Math.ceil(rows / 2)) });
    for (const who of gone) this.count(who, -1);
  }

  private count(who: string, rows: number): void {
    this.rows += rows;
    const left = (this.perSender.get(who) ?? 0) + rows;
    if (left > 0) this.perSender.set(who, left);
    else this.perSender.delete(who);
  }
}
