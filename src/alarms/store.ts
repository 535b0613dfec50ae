import type { Database } from 'better-sqlite3';
import type { Alarm, AlarmEvent, EventCause } from '../domain/alarm/alarm.js';
import type { ConditionState, Phase } from '../domain/alarm/state.js';
import type { AlarmEventName } from '../domain/alarm/transition.js';
import type { EventQuery } from './port.js';

/** One rule on one device as it is kept; `alarm` while it is active. */
export interface StoredCondition {
  readonly rule: string;
  readonly device: string;
  /** Null in the domain `system`; there the device is the part of the service. */
  readonly park: string | null;
  readonly state: ConditionState;
  readonly alarm: Alarm | null;
}

/** What belongs in one transaction. */
export interface Changes {
  readonly events: readonly AlarmEvent[];
  readonly conditions: Iterable<StoredCondition>;
  readonly cursor: number;
}

interface ConditionRow {
  readonly rule: string;
  readonly device: string;
  readonly park: string;
  readonly phase: Phase;
  readonly last_ts: number;
  readonly since: number | null;
  readonly view: string | null;
}

interface EventRow {
  readonly seq: number;
  readonly event: AlarmEventName;
  readonly cause: EventCause;
  readonly at: number;
  readonly received_at: number;
  readonly view: string;
}

/** In the column that is never null. */
const NO_PARK = '';
const EVENT = 'SELECT seq, event, cause, at, received_at, view FROM alarm_events';

/** Conditions, events and the cursor in the state file. */
export class AlarmStore {
  /** Sequence numbers of the newest event ever and the oldest kept. */
  headSeq: number;
  oldestSeq: number;
  private readonly putCondition;
  private readonly putEvent;
  private readonly putCursor;
  private readonly dropEvents;
  private readonly page;
  private readonly pageOfAlarm;
  private readonly last;
  private readonly writeAll;

  constructor(
    private readonly db: Database,
    private readonly keepEvents: number,
  ) {
    this.putCondition = db.prepare(
      `INSERT INTO alarm_conditions (rule, device, park, phase, last_ts, since, view) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (rule, device) DO UPDATE SET
         phase = excluded.phase, last_ts = excluded.last_ts, since = excluded.since, view = excluded.view`,
    );
    this.putEvent = db.prepare(
      'INSERT INTO alarm_events (seq, alarm, event, cause, at, received_at, view) VALUES (?, ?, ?, ?, ?, ?, ?)',
    );
    this.putCursor = db.prepare('UPDATE alarm_cursor SET seq = ?');
    this.dropEvents = db.prepare('DELETE FROM alarm_events WHERE seq < ?');
    this.page = db.prepare<[number, number], EventRow>(`${EVENT} WHERE seq > ? ORDER BY seq LIMIT ?`);
    this.pageOfAlarm = db.prepare<[string, number, number], EventRow>(
      `${EVENT} WHERE alarm = ? AND seq > ? ORDER BY seq LIMIT ?`,
    );
    this.last = db.prepare<[string], EventRow>(`${EVENT} WHERE alarm = ? ORDER BY seq DESC LIMIT 1`);
    this.writeAll = db.transaction((changes: Changes) => this.put(changes));
    const newest = db.prepare<[], { seq: number }>("SELECT seq FROM sqlite_sequence WHERE name = 'alarm_events'").get();
    this.headSeq = newest?.seq ?? 0;
    const oldest = db.prepare<[], { seq: number | null }>('SELECT min(seq) AS seq FROM alarm_events').get();
    this.oldestSeq = oldest?.seq ?? this.headSeq + 1;
  }

  cursor(): number {
    return this.db.prepare<[], { seq: number }>('SELECT seq FROM alarm_cursor').get()?.seq ?? 0;
  }

  /** Every condition kept, after dropping normal ones last seen before `normalSince`. */
  conditions(normalSince: number): StoredCondition[] {
    this.db.prepare("DELETE FROM alarm_conditions WHERE phase = 'normal' AND last_ts < ?").run(normalSince);
    return this.db.prepare<[], ConditionRow>('SELECT * FROM alarm_conditions').all().map(toCondition);
  }

  /** Writes in one transaction, durable when it returns; a failure leaves nothing written. */
  write(changes: Changes): void {
    this.writeAll.immediate(changes);
    this.headSeq = changes.events.at(-1)?.seq ?? this.headSeq;
    this.oldestSeq = Math.max(this.oldestSeq, this.firstToKeep(this.headSeq));
  }

  /** As `write`, for changes without events, inside a transaction of the caller's. */
  put({ events, conditions, cursor }: Changes): void {
    for (const { seq, event, cause, at, receivedAt, alarm } of events) {
      this.putEvent.run(seq, alarm.id, event, cause, at, receivedAt, JSON.stringify(alarm));
    }
    for (const { rule, device, park, state, alarm } of conditions) {
      const since = state.phase === 'normal' ? null : state.since;
      this.putCondition.run(
        rule,
        device,
        park ?? NO_PARK,
        state.phase,
        state.lastTs,
        since,
        alarm && JSON.stringify(alarm),
      );
    }
    this.putCursor.run(cursor);
    const head = events.at(-1)?.seq;
    if (head !== undefined && this.firstToKeep(head) > this.oldestSeq) this.dropEvents.run(this.firstToKeep(head));
  }

  events({ afterSeq, limit, alarm }: EventQuery): AlarmEvent[] {
    const rows = alarm === undefined ? this.page.all(afterSeq, limit) : this.pageOfAlarm.all(alarm, afterSeq, limit);
    return rows.map(toEvent);
  }

  lastEvent(alarm: string): AlarmEvent | undefined {
    const row = this.last.get(alarm);
    return row && toEvent(row);
  }

  private firstToKeep(head: number): number {
    return head - this.keepEvents + 1;
  }
}

function toEvent(row: EventRow): AlarmEvent {
  const { seq, event, cause, at, received_at: receivedAt, view } = row;
  return { seq, event, cause, at, receivedAt, alarm: JSON.parse(view) as Alarm };
}

function toCondition({ rule, device, park, phase, last_ts: lastTs, since, view }: ConditionRow): StoredCondition {
  const state: ConditionState = phase === 'normal' ? { phase, lastTs } : { phase, lastTs, since: since ?? lastTs };
  return {
    rule,
    device,
    park: park === NO_PARK ? null : park,
    state,
    alarm: view === null ? null : (JSON.parse(view) as Alarm),
  };
}
