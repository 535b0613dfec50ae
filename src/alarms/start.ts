import type { AlarmEvent } from '../domain/alarm/alarm.js';
import { DEFAULT_RULES } from '../domain/alarm/defaults/index.js';
import type { AlarmRule } from '../domain/alarm/rule.js';
import type { SystemMetricKey } from '../domain/alarm/system.js';
import type { Journal } from '../journal/port.js';
import type { RegistryLookups } from '../registry/port.js';
import type { State } from '../state/port.js';
import { Board } from './board.js';
import { AlarmEngine } from './engine.js';
import { Follower } from './follower.js';
import type { AlarmInput, Alarms, Log } from './port.js';
import { loadRules } from './rule-store.js';
import { newStats } from './stats.js';
import { AlarmStore } from './store.js';

export interface AlarmOptions {
  readonly state: State;
  readonly journal: Journal<AlarmInput>;
  readonly registry: Pick<RegistryLookups, 'device'>;
  /** Epoch milliseconds; only for what no reading decides. */
  readonly clock: () => number;
  readonly log: Log;
  /** Rules a new service starts with. */
  readonly defaults?: readonly AlarmRule[];
  /** Events kept; the oldest go first, and who resumes from before them gets a gap. */
  readonly keepEvents?: number;
  readonly maxConditions?: number;
  /** How often the cursor is stored when nothing happens, and a failed write is tried again. */
  readonly saveEveryMs?: number;
  readonly retryMs?: number;
}

/** Normal conditions are kept this long, so that a resend does not raise them again. */
const KEEP_NORMAL_MS = 24 * 3_600_000;

export interface RunningAlarms extends Alarms {
  /** What the service measured about itself at `now` (epoch milliseconds). */
  observe(metric: SystemMetricKey, value: number, now: number): void;
  /** Stores what there is and stops following the journal; before the state file closes. */
  close(): Promise<void>;
}

/** Takes the alarms up where they were left: resolves when the journal is evaluated up to its head. */
export async function startAlarms(options: AlarmOptions): Promise<RunningAlarms> {
  const { state, journal, registry, clock, log } = options;
  const rules = loadRules(state.db, options.defaults ?? DEFAULT_RULES);
  const store = new AlarmStore(state.db, options.keepEvents ?? 200_000);
  const conditions = store.conditions(clock() - KEEP_NORMAL_MS);
  const board = new Board(conditions.flatMap((condition) => condition.alarm ?? []));
  const stats = newStats();
  const engine = new AlarmEngine(
    { rules, registry, maxConditions: options.maxConditions ?? 1_000_000, stats },
    store.headSeq + 1,
  );
  engine.restore(conditions, clock());

  const listeners = new Set<(event: AlarmEvent) => void>();
  let headSeq = store.headSeq;
  const count = () => {
    stats.standing = board.size;
    stats.events = store.headSeq - store.oldestSeq + 1;
  };
  const publish = (events: readonly AlarmEvent[]) => {
    for (const event of events) {
      headSeq = event.seq;
      board.apply(event);
      stats[event.event] += 1;
      for (const listener of listeners) {
        try {
          listener(event);
        } catch (error) {
          log.error({ err: error, seq: event.seq }, 'a listener of alarm events failed');
        }
      }
    }
    count();
  };
  count();

  const { saveEveryMs = 3_000, retryMs = 1_000 } = options;
  const follower = new Follower({ state, journal, engine, store, stats, log, publish, saveEveryMs, retryMs });
  await follower.catchUp();

  return {
    standing: (query = {}) => board.list(query),
    get: (id) => board.get(id) ?? store.lastEvent(id)?.alarm,
    events: (query) => store.events(query),
    headSeq: () => headSeq,
    oldestSeq: () => store.oldestSeq,
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    rules: () => rules,
    observe: (metric, value, now) => follower.observe(metric, value, now),
    stats,
    close: () => follower.close(),
  };
}
