import { type Position, positionFrom } from '../../journal/port.js';
import type { Steps } from '../../model/time/trust.js';
import type { Database } from '../../sqlite.js';
import type { Alarm, AlarmEvent } from '../model/alarm.js';
import { type ConditionState, UNSEEN } from '../model/judge/condition.js';
import { NO_PAST, type PastBase, type PastState, recorded } from '../model/judge/past.js';
import type { SignalMemory } from '../model/signal/signal.js';
import { type AlarmState, NORMAL } from '../model/state.js';
import type { EventQuery } from '../port.js';
import { EventHistory, searchEvents } from './search.js';

/** One rule on one subject in stored form; `alarm` while it stands or is suppressed. */
export interface StoredCondition {
  readonly rule: string;
  /** A device, a gateway, a place, or a part of the service. */
  readonly device: string;
  /** Null where it is about the service itself. */
  readonly park: string | null;
  /** Whether nothing stands, is suppressed or is pending. */
  readonly quiet: boolean;
  readonly condition: ConditionState;
  /** Exceedances from late readings; null without any. */
  readonly past: PastState | null;
  /** Newest steps of its series, which tell how long a value holds; null where no delay needs them. */
  readonly steps: Steps | null;
  readonly state: AlarmState;
  /** Memory of the signal; null without one. */
  readonly memory: SignalMemory | null;
  readonly alarm: Alarm | null;
}

/** Changes of one transaction. */
interface AlarmChanges {
  readonly events: readonly AlarmEvent[];
  readonly conditions: Iterable<StoredCondition>;
  readonly cursor: number;
}

interface ConditionRow extends Pick<StoredCondition, 'rule' | 'device'> {
  readonly park: string;
  readonly last_ts: number;
  readonly quiet: 0 | 1;
  readonly condition: string;
  readonly state: string | null;
  readonly memory: string | null;
  readonly view: string | null;
}

/** Value for null in a column of the key. */
const NO_PARK = '';

export class AlarmStore {
  /** Sequence numbers of the newest event ever and the oldest kept. */
  headSeq: number;
  oldestSeq: number;
  private readonly putCondition;
  private readonly putEvent;
  private readonly putCursor;
  private readonly dropEvents;
  private readonly history: EventHistory;
  private readonly writeAll;

  constructor(
    private readonly db: Database,
    private readonly keepEvents: number,
  ) {
    this.putCondition = db.prepare(
      `INSERT INTO alarm_watches (rule, device, park, last_ts, quiet, condition, state, memory, view)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (rule, park, device) DO UPDATE SET
         last_ts = excluded.last_ts, quiet = excluded.quiet, condition = excluded.condition,
         state = excluded.state, memory = excluded.memory, view = excluded.view`,
    );
    this.putEvent = db.prepare(
      `INSERT INTO alarm_events (seq, alarm, event, cause, at, received_at, by, comment, rule, device, park, domain, priority, view)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.putCursor = db.prepare('UPDATE alarm_cursor SET seq = ?');
    this.dropEvents = db.prepare('DELETE FROM alarm_events WHERE seq < ?');
    this.history = new EventHistory(db);
    this.writeAll = db.transaction((changes: AlarmChanges, also: () => void) => {
      this.put(changes);
      also();
    });
    const newest = db.prepare<[], { seq: number }>("SELECT seq FROM sqlite_sequence WHERE name = 'alarm_events'").get();
    this.headSeq = newest?.seq ?? 0;
    const oldest = db.prepare<[], { seq: number | null }>('SELECT min(seq) AS seq FROM alarm_events').get();
    this.oldestSeq = oldest?.seq ?? this.headSeq + 1;
  }

  cursor(): Position {
    return positionFrom(this.db.prepare<[], { seq: number }>('SELECT seq FROM alarm_cursor').get()?.seq ?? 0);
  }

  /** Drops quiet conditions last seen before `quietSince`, and returns all others. */
  conditions(quietSince: number): StoredCondition[] {
    this.db.prepare('DELETE FROM alarm_watches WHERE quiet = 1 AND last_ts < ?').run(quietSince);
    return this.db.prepare<[], ConditionRow>('SELECT * FROM alarm_watches').all().map(toCondition);
  }

  /** Writes the changes and `also` in one transaction; durable when it returns, a failure writes nothing. */
  write(changes: AlarmChanges, also: () => void = () => undefined): void {
    this.writeAll.immediate(changes, also);
    this.committed(changes.events);
  }

  /** The events that `put` wrote are durable now. */
  committed(events: readonly AlarmEvent[]): void {
    this.headSeq = events.at(-1)?.seq ?? this.headSeq;
    this.oldestSeq = Math.max(this.oldestSeq, this.firstToKeep(this.headSeq));
  }

  /** As `write`, inside the caller's transaction; call `committed` once it is durable. A failure undoes only this. */
  join(changes: AlarmChanges): void {
    this.writeAll(changes, () => undefined);
  }

  /** As `join`, for changes without events. */
  put({ events, conditions, cursor }: AlarmChanges): void {
    for (const { seq, event, cause, at, receivedAt, by, comment, alarm } of events) {
      const { rule, device, park, domain, priority } = alarm;
      const view = JSON.stringify(alarm);
      this.putEvent.run(
        ...[seq, alarm.id, event, cause, at, receivedAt, by, comment, rule, device, park, domain, priority, view],
      );
    }
    for (const one of conditions) {
      const { rule, device, park, quiet, condition, state, memory, alarm } = one;
      this.putCondition.run(
        ...[rule, device, park ?? NO_PARK, lastSeen(condition), quiet ? 1 : 0, writeCondition(one)],
        ...[state === NORMAL ? null : JSON.stringify(state), memory === null ? null : JSON.stringify(memory)],
        alarm && JSON.stringify(alarm),
      );
    }
    this.putCursor.run(cursor);
    const head = events.at(-1)?.seq;
    if (head !== undefined && this.firstToKeep(head) > this.oldestSeq) this.dropEvents.run(this.firstToKeep(head));
  }

  events(query: EventQuery): AlarmEvent[] {
    return searchEvents(this.db, query);
  }

  lastEvent(alarm: string): AlarmEvent | undefined {
    return this.history.last(alarm);
  }

  private firstToKeep(head: number): number {
    return head - this.keepEvents + 1;
  }
}

/** An operator may shelve an alarm before its device reports; neither the column nor JSON holds an infinity. */
const lastSeen = ({ lastTs }: ConditionState) => (lastTs === UNSEEN ? 0 : lastTs);

function writeCondition({ condition, past, steps }: StoredCondition): string {
  return JSON.stringify({ ...condition, past, ...(steps !== null && { steps }) });
}

/** Unknown times are infinite, which JSON cannot hold. */
type Nulled<T, K extends keyof T> = Omit<T, K> & { readonly [P in K]: T[P] | null };
type ConditionJson = Nulled<ConditionState, 'lastTs'>;
type PastJson = Nulled<Omit<PastState, 'condition' | 'base'>, 'heardAt'> & {
  readonly condition: ConditionJson;
  readonly base?: Omit<PastBase, 'condition'> & { readonly condition: ConditionJson };
};

function readCondition(text: string): Pick<StoredCondition, 'condition' | 'past' | 'steps'> {
  const { past, steps, ...stored } = JSON.parse(text) as ConditionJson & {
    readonly past?: PastJson | null;
    readonly steps?: Steps;
  };
  const condition = readSeen(stored);
  return {
    condition,
    past: past === undefined ? untold(condition) : past && readPast(past),
    steps: steps ?? null,
  };
}

const readSeen = (one: ConditionJson): ConditionState => ({ ...one, lastTs: one.lastTs ?? UNSEEN });

function readPast({ base, ...past }: PastJson): PastState {
  return {
    ...{ ...past, condition: readSeen(past.condition), heardAt: past.heardAt ?? UNSEEN },
    ...(base && { base: { ...base, condition: readSeen(base.condition) } }),
  };
}

/** From a version without a past: earlier exceedances may be recorded live and must not be recorded again. */
function untold({ lastTs }: ConditionState): PastState | null {
  return lastTs === UNSEEN ? null : recorded(NO_PAST, [0, lastTs]);
}

function toCondition({ rule, device, park, quiet, condition, state, memory, view }: ConditionRow): StoredCondition {
  return {
    rule,
    device,
    park: park === NO_PARK ? null : park,
    quiet: quiet === 1,
    ...readCondition(condition),
    state: state === null ? NORMAL : (JSON.parse(state) as AlarmState),
    memory: memory === null ? null : (JSON.parse(memory) as SignalMemory),
    alarm: view === null ? null : (JSON.parse(view) as Alarm),
  };
}
