import type { JournalEntry } from '../journal/port.js';
import type { DeviceReadings } from '../model/reading.js';
import type { Period } from '../model/time/windows.js';
import type { Alarm, AlarmEvent } from './model/alarm.js';
import type { Priority } from './model/class.js';
import type { AlarmFilter } from './model/filter.js';
import type { KpiEvent, KpiStanding } from './model/kpi/event.js';
import type { Nuisance } from './model/kpi/live/chatter-detector.js';
import type { PositionFlood } from './model/kpi/live/position-loads.js';
import type { AlarmDomain, AlarmRule } from './model/rule/rule.js';
import { ALARM_EVENTS, type AlarmEventName, type Refusal } from './model/transition.js';

/** What the engine reads of the journal: live entries carry what ingest decoded, read ones are decoded again. */
export type AlarmInput = JournalEntry & { readonly decoded?: DeviceReadings };

/** Alarms that stand or are suppressed, that of the newest event first. */
export interface StandingQuery extends AlarmFilter {
  /** Only alarms whose last event is before this one. */
  readonly beforeSeq?: number;
  readonly limit?: number;
}

/**
 * Events of the record, rising; what is left out does not limit. As with alarms, those without a park are meant only when
 * `system` is not false.
 */
export interface EventQuery {
  readonly afterSeq?: number;
  /** Last event looked at, inclusive: bounds what one search reads when few events match. */
  readonly uptoSeq?: number;
  /** Of this alarm alone. */
  readonly alarm?: string;
  /** `from <= receivedAt < to`, epoch milliseconds. */
  readonly from?: number;
  readonly to?: number;
  readonly parks?: readonly string[];
  readonly system?: boolean;
  readonly domain?: AlarmDomain;
  readonly rule?: string;
  readonly device?: string;
  readonly priorities?: readonly Priority[];
  readonly events?: readonly AlarmEventName[];
  readonly limit: number;
}

/** What a person may do to an alarm. `comment` says why; shelving and taking out of service need one. */
export type OperatorAction =
  | {
      readonly kind: 'acknowledge' | 'reset' | 'unshelve' | 'remove_from_service' | 'return_to_service';
      readonly comment: string | null;
    }
  | ({ readonly kind: 'shelve'; readonly comment: string; readonly oneShot: boolean } & ShelvingTime);

/** How long: seconds from now, or until an instant in epoch milliseconds. */
export type ShelvingTime = { readonly forS: number } | { readonly until: number };

type ActionRefusal = Refusal | 'unknown_alarm' | 'not_shelvable' | 'shelved_too_long';

/** An action that is not possible as things are; nothing was changed. */
export class ActionRefusedError extends Error {
  override readonly name = 'ActionRefusedError';
  constructor(
    /** Stable, for programs. */
    readonly code: ActionRefusal,
    message: string,
  ) {
    super(message);
  }
}

/** What became of one alarm of many. */
export interface ActionResult {
  readonly id: string;
  readonly refused: ActionRefusedError | null;
}

/** Alarms as the other rooms see them: everything told here is durable. */
export interface Alarms {
  standing(query?: StandingQuery): readonly Alarm[];
  /** The alarm while it stands, else as its last event kept left it. */
  get(id: string): Alarm | undefined;
  /** As `get`; for a rule and a subject whose alarm never stood, the alarm it would be. */
  find(id: string): Alarm | undefined;
  events(query: EventQuery): readonly AlarmEvent[];
  /** Sequence number of the newest event; 0 before the first. What `standing` tells is as of this event. */
  headSeq(): number;
  /** Of the oldest event kept; one above `headSeq` when none is. */
  oldestSeq(): number;
  /** Calls with each event once it is durable, in order; returns how to stop. The listener may not block. */
  onEvent(listener: (event: AlarmEvent) => void): () => void;
  /**
   * Does the same to several alarms, each by itself, in one transaction with the audit; durable when it returns.
   * @throws StorageUnavailableError when nothing could be stored; nothing was done
   */
  act(ids: readonly string[], action: OperatorAction, by: string): readonly ActionResult[];
  /** Rules in their newest version. */
  rules(): readonly AlarmRule[];
  readonly stats: AlarmStats;
}

export function newStats() {
  return {
    /** Journal sequence evaluated, and as stored. */
    cursor: 0,
    storedCursor: 0,
    messages: 0,
    readings: 0,
    /** Events since the start, by their names. */
    happened: Object.fromEntries(ALARM_EVENTS.map((event) => [event, 0])) as Record<AlarmEventName, number>,
    /** Live sizes: alarms standing or suppressed, conditions watched, events kept. */
    standing: 0,
    conditions: 0,
    events: 0,
    /** Conditions not watched because of the bound. */
    refusedConditions: 0,
    /** Messages that could not be evaluated; each is a fault of this program. */
    failedMessages: 0,
    /** Backlogs that were judged before they were over, because of the bound. */
    cutBacklogs: 0,
    /** Writes that failed, and the last error while it stands. */
    failedWrites: 0,
    failing: null as string | null,
  };
}
export type AlarmStats = ReturnType<typeof newStats>;

/** What the record of alarms keeps of a period, one view of it whatever is dropped meanwhile. */
export interface KpiRecord {
  /** From when on every event is kept, epoch ms. */
  readonly completeSince: number;
  /** What was not normal, or suppressed, at the later of the period's start and `completeSince`. */
  readonly standing: Iterable<KpiStanding>;
  /**
   * Events of `[from - WARM_UP_MS, to)` as far as they are kept, rising. In batches of at most some thousands, each read
   * in a turn of the event loop of its own: an answer over a year may not hold up the service.
   */
  readonly events: AsyncIterable<readonly KpiEvent[]>;
}

/** How much the alarms ask of operators: the record for reports, and what is going on now. */
export interface AlarmLoad {
  readRecord(period: Period): Promise<KpiRecord>;
  /** As of now, the worst first. */
  nuisances(): readonly Nuisance[];
  /** Floods that go on now. */
  floods(): readonly PositionFlood[];
  /** Calls when a flood begins or ends at a position; returns how to stop. */
  onFlood(listener: (flood: PositionFlood) => void): () => void;
}

/** What the engine needs of the service's logger. */
export interface Log {
  info(message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** What statistics show of an error. */
export const errorText = (error: unknown): string => (error instanceof Error ? error.message : String(error));
