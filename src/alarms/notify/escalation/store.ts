import type { Database } from '../../../sqlite.js';
import { type Escalation, longestMs, nextLevelAt } from '../../model/notify/escalation.js';
import type { NotifiedAlarm } from '../../model/notify/event.js';
import type { EscalationPolicy } from '../../model/notify/policy.js';

interface Row extends Omit<Escalation, 'alarm' | 'told'> {
  readonly view: string;
  readonly told: string;
}

const COLUMNS = 'view, seq, event, at, since, stopped_at AS stoppedAt, level, told';

/** The escalations of alarms that stand, and the cursor in the alarm events; everything runs inside transactions of the caller's. */
export class EscalationStore {
  private readonly one;
  private readonly dueRows;
  private readonly farRows;
  private readonly write;
  private readonly drop;
  private readonly writeCursor;
  private readonly writeDue;

  constructor(private readonly db: Database) {
    this.one = db.prepare<[string], Row>(`SELECT ${COLUMNS} FROM alarm_escalations WHERE alarm = ?`);
    this.dueRows = db.prepare<[number, number], Row>(
      `SELECT ${COLUMNS} FROM alarm_escalations WHERE due_at <= ? ORDER BY due_at LIMIT ?`,
    );
    this.farRows = db.prepare<[number, number], Row>(
      `SELECT ${COLUMNS} FROM alarm_escalations WHERE due_at > ? LIMIT ?`,
    );
    this.write = db.prepare(
      `INSERT OR REPLACE INTO alarm_escalations
         (alarm, view, seq, event, at, since, stopped_at, level, told, due_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.drop = db.prepare('DELETE FROM alarm_escalations WHERE alarm = ?');
    this.writeCursor = db.prepare('INSERT OR REPLACE INTO alarm_notify_cursor VALUES (1, ?)');
    this.writeDue = db.prepare('UPDATE alarm_escalations SET due_at = ? WHERE alarm = ?');
  }

  /** Null before the first start. */
  cursor(): number | null {
    return this.db.prepare<[], { seq: number }>('SELECT seq FROM alarm_notify_cursor').get()?.seq ?? null;
  }

  putCursor(seq: number): void {
    this.writeCursor.run(seq);
  }

  count(): number {
    return this.db.prepare<[], number>('SELECT count(*) FROM alarm_escalations').pluck().get() ?? 0;
  }

  get(alarm: string): Escalation | null {
    const row = this.one.get(alarm);
    return row ? toEscalation(row) : null;
  }

  /** Those with a level due at `now`, the longest due first, and those due later than the policy allows; see `waitingSince`. */
  due(now: number, policy: EscalationPolicy, limit: number): Escalation[] {
    const rows = this.dueRows.all(now, limit);
    return [...rows, ...this.farRows.all(now + longestMs(policy), limit - rows.length)].map(toEscalation);
  }

  put(escalation: Escalation, policy: EscalationPolicy): void {
    const { alarm, seq, event, at, since, stoppedAt, level, told } = escalation;
    const due = nextLevelAt(policy, escalation);
    this.write.run(
      ...[alarm.id, JSON.stringify(alarm), seq, event, at, since, stoppedAt, level, JSON.stringify(told), due],
    );
  }

  remove(alarm: string): void {
    this.drop.run(alarm);
  }

  /** Works out anew when each is due, after the policy has changed. */
  reschedule(policy: EscalationPolicy): void {
    const all = this.db.prepare<[], Row>(`SELECT ${COLUMNS} FROM alarm_escalations WHERE stopped_at IS NULL`).all();
    for (const escalation of all.map(toEscalation))
      this.writeDue.run(nextLevelAt(policy, escalation), escalation.alarm.id);
  }
}

function toEscalation({ view, told, ...row }: Row): Escalation {
  return { ...row, alarm: JSON.parse(view) as NotifiedAlarm, told: JSON.parse(told) as string[] };
}
