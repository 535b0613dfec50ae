import type { Database } from '../../sqlite.js';
import type { Alarm, AlarmEvent } from '../model/alarm.js';
import type { EventQuery } from '../port.js';

interface EventRow extends Omit<AlarmEvent, 'alarm'> {
  readonly view: string;
}

const SELECT_EVENTS = 'SELECT seq, event, cause, at, received_at AS receivedAt, by, comment, view FROM alarm_events';

const toEvent = ({ view, ...row }: EventRow): AlarmEvent => ({ ...row, alarm: JSON.parse(view) as Alarm });

/** Finds events, rising; every value is bound. */
export function searchEvents(db: Database, query: EventQuery): AlarmEvent[] {
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

/** Most events of one alarm in one answer of its history. */
export const MAX_EVENTS = 2_000;

/** Stored events of one alarm. */
export class EventHistory {
  private readonly newest;
  private readonly before;
  private readonly since;

  constructor(db: Database) {
    const select = (where: string, order: string) =>
      db.prepare<(string | number)[], EventRow>(`${SELECT_EVENTS} WHERE alarm = ? ${where} ORDER BY seq ${order}`);
    this.newest = select('', 'DESC LIMIT 1');
    this.before = select("AND received_at < ? AND event NOT IN ('raised_late', 'cleared_late')", 'DESC LIMIT 1');
    this.since = select('AND received_at >= ?', `LIMIT ${MAX_EVENTS}`);
  }

  last(alarm: string): AlarmEvent | undefined {
    return this.newest.all(alarm).map(toEvent)[0];
  }

  /** The alarm at a time; null before its first event kept. */
  asOf(alarm: string, time: number): Alarm | null {
    return this.before.all(alarm, time).map(toEvent)[0]?.alarm ?? null;
  }

  /** Its events received from a time on, rising, at most MAX_EVENTS. */
  from(alarm: string, time: number): readonly AlarmEvent[] {
    return this.since.all(alarm, time).map(toEvent);
  }
}
