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
import { ALARM_EVENTS, type AlarmEventName, type TransitionRefusal } from './model/transition.js';

/** A journal entry for the engine: live ones carry the readings that ingest decoded; the engine decodes stored ones. */
export type AlarmInput = JournalEntry & { readonly decoded?: DeviceReadings };

/** Alarms that stand or are suppressed, the newest event first. */
export interface StandingQuery extends AlarmFilter {
  /** Only alarms whose last event is before this one. */
  readonly beforeSeq?: number;
  readonly limit?: number;
}

/** Stored events, rising; a field left out does not limit. `system: false` excludes events without a park. */
export interface EventQuery {
  readonly afterSeq?: number;
  /** Last event to search, inclusive: bounds one search when few events match. */
  readonly uptoSeq?: number;
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

/** An operator's action on an alarm. `comment` says why; shelving and removal from service require one. */
export type OperatorAction =
  | {
      readonly kind: 'acknowledge' | 'reset' | 'unshelve' | 'remove_from_service' | 'return_to_service';
      readonly comment: string | null;
    }
  | ({ readonly kind: 'shelve'; readonly comment: string; readonly oneShot: boolean } & ShelvingTime);

/** Shelving time: seconds from now, or until an instant in epoch milliseconds. */
export type ShelvingTime = { readonly forS: number } | { readonly until: number };

type ActionRefusal = TransitionRefusal | 'unknown_alarm' | 'not_shelvable' | 'shelved_too_long';

/** The alarm's state does not allow the action; nothing changed. */
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

/** Result for one alarm of many. */
export interface ActionResult {
  readonly id: string;
  readonly refused: ActionRefusedError | null;
}

/** Alarms as other rooms see them: everything told here is durable. */
export interface Alarms {
  standing(query?: StandingQuery): readonly Alarm[];
  /** The alarm while it stands, else as its last event kept left it. */
  get(id: string): Alarm | undefined;
  /** As `get`; for a rule and a subject whose alarm never stood, a normal alarm. */
  find(id: string): Alarm | undefined;
  events(query: EventQuery): readonly AlarmEvent[];
  /** Sequence number of the newest event; 0 before the first. `standing` is as of this event. */
  headSeq(): number;
  /** Number of the oldest event kept; one above `headSeq` when none is. */
  oldestSeq(): number;
  /** Calls `listener` with each event once it is durable, in order; returns how to stop. The listener may not block. */
  onEvent(listener: (event: AlarmEvent) => void): () => void;
  /**
   * Applies one action to several alarms, each by itself, in one transaction with the audit; durable when it returns.
   * @throws StorageUnavailableError when the disk fails; nothing changed then
   */
  act(ids: readonly string[], action: OperatorAction, by: string): readonly ActionResult[];
  rules(): readonly AlarmRule[];
  readonly stats: AlarmStats;
}

export function newAlarmStats() {
  return {
    /** Journal position evaluated, and stored. */
    cursor: 0,
    storedCursor: 0,
    messages: 0,
    readings: 0,
    /** Events since the start, by name. */
    happened: Object.fromEntries(ALARM_EVENTS.map((event) => [event, 0])) as Record<AlarmEventName, number>,
    /** Present sizes: alarms standing or suppressed, conditions watched, events kept. */
    standing: 0,
    conditions: 0,
    events: 0,
    /** Conditions refused at the bound. */
    refusedConditions: 0,
    /** Messages that the engine failed to evaluate; each is a bug. */
    failedMessages: 0,
    /** Backlogs judged early because of the bound. */
    cutBacklogs: 0,
    /** Late exceedances left out although they may not be recorded: joined ones lie around them. */
    doubtfulExceedances: 0,
    /** Failed writes, and the last error while writes fail. */
    failedWrites: 0,
    failing: null as string | null,
  };
}
export type AlarmStats = ReturnType<typeof newAlarmStats>;

/** Stored alarms and events of a period, one view of it whatever is dropped meanwhile. */
export interface KpiEvents {
  /** Time from which every event is kept, epoch ms. */
  readonly completeSince: number;
  /** Alarms not normal, or suppressed, at the later of the period's start and `completeSince`. */
  readonly standing: Iterable<KpiStanding>;
  /**
   * Events of `[from - WARM_UP_MS, to)` as far as kept, rising. Each batch of at most some thousands is read in its own
   * turn of the event loop: an answer over a year may not block the service.
   */
  readonly events: AsyncIterable<readonly KpiEvent[]>;
}

/** How much alarms ask of operators: stored events for reports, and the live figures. */
export interface AlarmKpis {
  readEvents(period: Period): Promise<KpiEvents>;
  /** As of now, the worst first. */
  nuisances(): readonly Nuisance[];
  floods(): readonly PositionFlood[];
  /** Calls `listener` when a flood begins or ends at a position; returns how to stop. */
  onFlood(listener: (flood: PositionFlood) => void): () => void;
}

/** What the engine needs of the service's logger. */
export interface Log {
  info(message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Text of an error for statistics. */
export const errorText = (error: unknown): string => (error instanceof Error ? error.message : String(error));
