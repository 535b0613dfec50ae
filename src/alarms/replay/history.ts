import type { Database } from '../../sqlite.js';
import type { Alarm, AlarmEvent } from '../model/alarm.js';
import type { EventRow } from '../store/search.js';

/** Most events of one alarm that an explanation considers. */
export const MAX_EVENTS = 2_000;

const COLUMNS = 'SELECT seq, event, cause, at, received_at, by, comment, view FROM alarm_events';

/** What the record has of one alarm. */
export class EventHistory {
  private readonly before;
  private readonly since;

  constructor(db: Database) {
    this.before = db.prepare<[string, number], EventRow>(
      `${COLUMNS} WHERE alarm = ? AND received_at < ? AND event NOT IN ('raised_late', 'cleared_late')
       ORDER BY seq DESC LIMIT 1`,
    );
    this.since = db.prepare<[string, number], EventRow>(
      `${COLUMNS} WHERE alarm = ? AND received_at >= ? ORDER BY seq LIMIT ${MAX_EVENTS}`,
    );
  }

  /** The alarm as it was at a time; null before its first event that is kept. */
  asOf(alarm: string, time: number): Alarm | null {
    const row = this.before.get(alarm, time);
    return row === undefined ? null : (JSON.parse(row.view) as Alarm);
  }

  /** Its events received from a time on, rising, at most MAX_EVENTS. */
  from(alarm: string, time: number): readonly AlarmEvent[] {
    return this.since.all(alarm, time).map(({ received_at: receivedAt, view, ...row }) => ({
      ...row,
      receivedAt,
      alarm: JSON.parse(view) as Alarm,
    }));
  }
}
