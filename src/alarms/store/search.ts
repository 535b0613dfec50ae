import type { Database } from '../../sqlite.js';
import type { Alarm, AlarmEvent, EventCause } from '../model/alarm.js';
import type { AlarmEventName } from '../model/transition.js';
import type { EventSearch } from '../port.js';

/** An event as it is kept. */
export interface EventRow {
  readonly seq: number;
  readonly event: AlarmEventName;
  readonly cause: EventCause;
  readonly at: number;
  readonly received_at: number;
  readonly by: string | null;
  readonly comment: string | null;
  readonly view: string;
}

export const SELECT_EVENTS = 'SELECT seq, event, cause, at, received_at, by, comment, view FROM alarm_events';

export function toEvent({ received_at: receivedAt, view, ...row }: EventRow): AlarmEvent {
  return { ...row, receivedAt, alarm: JSON.parse(view) as Alarm };
}

/** Events by what is asked, rising; every value is bound. */
export function searchEvents(db: Database, query: EventSearch & { readonly alarm?: string }): AlarmEvent[] {
  const where = ['seq > ?'];
  const values: (string | number)[] = [query.afterSeq ?? 0];
  const add = (sql: string, ...more: readonly (string | number)[]) => {
    where.push(sql);
    values.push(...more);
  };
  const any = (column: string, list: readonly string[]) => add(`${column} IN (${list.map(() => '?').join()})`, ...list);
  if (query.alarm !== undefined) add('alarm = ?', query.alarm);
  if (query.uptoSeq !== undefined) add('seq <= ?', query.uptoSeq);
  if (query.from !== undefined) add('received_at >= ?', query.from);
  if (query.to !== undefined) add('received_at < ?', query.to);
  if (query.parks !== undefined) {
    const inParks = `park IN (${query.parks.map(() => '?').join()})`;
    add(query.system === true ? `(${inParks} OR park IS NULL)` : inParks, ...query.parks);
  } else if (query.system === false) {
    add('park IS NOT NULL');
  }
  if (query.domain !== undefined) add('domain = ?', query.domain);
  if (query.rule !== undefined) add('rule = ?', query.rule);
  if (query.device !== undefined) add('device = ?', query.device);
  if (query.priorities !== undefined) any('priority', query.priorities);
  if (query.events !== undefined) any('event', query.events);
  const sql = `${SELECT_EVENTS} WHERE ${where.join(' AND ')} ORDER BY seq LIMIT ?`;
  return db
    .prepare<(string | number)[], EventRow>(sql)
    .all(...values, query.limit)
    .map(toEvent);
}
