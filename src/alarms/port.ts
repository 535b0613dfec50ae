import type { Alarm, AlarmEvent, AlarmFilter } from '../domain/alarm/alarm.js';
import type { AlarmRule } from '../domain/alarm/rule.js';
import type { DeviceReadings } from '../domain/reading.js';
import type { JournalEntry } from '../journal/port.js';

/** What the engine reads of the journal: live entries carry what ingest decoded, read ones are decoded again. */
export type AlarmInput = JournalEntry & { readonly decoded?: DeviceReadings };

/** Standing alarms, that of the newest event first. */
export interface StandingQuery extends AlarmFilter {
  /** Only alarms whose last event is before this one. */
  readonly beforeSeq?: number;
  readonly limit?: number;
}

/** Events of the record, rising. */
export interface EventQuery {
  readonly afterSeq: number;
  readonly limit: number;
  /** Of this alarm alone. */
  readonly alarm?: string;
}

/** Alarms as the other rooms see them: everything told here is durable. */
export interface Alarms {
  standing(query?: StandingQuery): readonly Alarm[];
  /** The alarm while it stands, else as its last event kept left it. */
  get(id: string): Alarm | undefined;
  events(query: EventQuery): readonly AlarmEvent[];
  /** Sequence number of the newest event; 0 before the first. What `standing` tells is as of this event. */
  headSeq(): number;
  /** Of the oldest event kept; one above `headSeq` when none is. */
  oldestSeq(): number;
  /** Calls with each event once it is durable, in order; returns how to stop. The listener may not block. */
  onEvent(listener: (event: AlarmEvent) => void): () => void;
  /** Rules in their newest version. */
  rules(): readonly AlarmRule[];
  readonly stats: AlarmStats;
}

export interface AlarmStats {
  /** Journal sequence evaluated, and as stored. */
  cursor: number;
  storedCursor: number;
  messages: number;
  readings: number;
  raised: number;
  cleared: number;
  /** Live sizes: alarms standing, conditions watched, events kept. */
  standing: number;
  conditions: number;
  events: number;
  /** Conditions not watched because of the bound. */
  refusedConditions: number;
  /** Messages that could not be evaluated; each is a fault of this program. */
  failedMessages: number;
  /** Writes that failed, and the last error while it stands. */
  failedWrites: number;
  failing: string | null;
}

/** What the engine needs of the service's logger. */
export interface Log {
  info(message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
