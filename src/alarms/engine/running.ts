import type { Journal } from '../../journal/port.js';
import type { TimeZone } from '../../model/time/zone.js';
import { EntryDecoder } from '../../model/wire/entry.js';
import type { Audit } from '../../registry/audit/port.js';
import type { DeviceChange, DeviceOfHistory, RegistryLookups } from '../../registry/port.js';
import type { State } from '../../state/port.js';
import { type AlarmEvent, freshAlarm } from '../model/alarm.js';
import { DEFAULT_RULES } from '../model/defaults/index.js';
import type { AlarmRule } from '../model/rule/rule.js';
import type { SignalContext } from '../model/signal/signal.js';
import type { SystemMetricKey } from '../model/system.js';
import { Actions } from '../operate/actions.js';
import {
  ActionRefusedError,
  type ActionResult,
  type AlarmInput,
  type Alarms,
  type Log,
  newAlarmStats,
} from '../port.js';
import { RuleBook } from '../rules/book.js';
import type { AlarmRules } from '../rules/port.js';
import { Board } from '../store/board.js';
import { AlarmStore } from '../store/store.js';
import { AlarmEngine } from './engine.js';
import { Follower } from './follower.js';
import type { ParkLookups } from './watch/limit-profiles.js';
import type { KnownDevices, UsualInterval } from './watch/subjects.js';

export interface AlarmOptions {
  readonly state: State;
  readonly journal: Journal<AlarmInput>;
  /** Decodes as ingest does, for entries not evaluated before a restart. */
  readonly decoder?: EntryDecoder;
  readonly registry: KnownDevices & Partial<Pick<RegistryLookups, 'park'>>;
  /** Limits that hold in whole parks; without it there are none. */
  readonly parks?: ParkLookups;
  readonly audit: Pick<Audit, 'record'>;
  readonly zone: TimeZone;
  /** Epoch milliseconds; only for what no reading decides. */
  readonly clock: () => number;
  readonly log: Log;
  /** The usual value of a series at this hour; without it rules of the signal `deviation` have no evidence. */
  readonly baseline?: SignalContext['baseline'];
  /** As in `LivenessBook`; without it a new run learns the intervals of slow series again. */
  readonly usualMs?: UsualInterval;
  /** Rules a new service starts with. */
  readonly defaults?: readonly AlarmRule[];
  /** Most events kept; the oldest go first, and a client that resumes from before them gets a gap. */
  readonly keepEvents?: number;
  readonly maxConditions?: number;
  /** How often the follower stores an idle cursor, and retries a failed write. */
  readonly saveEveryMs?: number;
  readonly retryMs?: number;
}

/** How long quiet conditions are kept, so that a resend does not raise them again. */
const KEEP_QUIET_MS = 24 * 3_600_000;

export interface RunningAlarms extends Alarms {
  readonly ruleBook: AlarmRules;
  /** Evaluates a measurement of the service at `now` (epoch milliseconds); `part`: of which there may be several. */
  observe(metric: SystemMetricKey, value: number, now: number, part?: string): void;
  /** Records that the notifier told the alarm's next level of escalation. */
  escalated(alarm: string, level: number): void;
  /** Runs engine work that no reading triggers. */
  accept(what: string, work: (engine: AlarmEngine) => void): void;
  /** Puts stored rules in force: alarms of withdrawn rules end, others keep their state. */
  setRules(rules: readonly AlarmRule[]): void;
  /** The registry retired, restored, removed or moved a device: its alarms end, or the engine watches it again. */
  reviewDevice(device: DeviceOfHistory, change?: DeviceChange): void;
  /** Applies what is due at `now`: shelving ends, alarms re-alarm. Called once a second. */
  tick(now: number): void;
  /** Stores pending conditions and leaves the journal; before the state file closes. */
  close(): Promise<void>;
}

/** Resumes the alarms: resolves once the engine has evaluated the journal up to its head. */
export async function startAlarms(options: AlarmOptions): Promise<RunningAlarms> {
  const { state, journal, registry, audit, clock, log } = options;
  const book = new RuleBook({
    ...{ state, registry, audit, clock, defaults: options.defaults ?? DEFAULT_RULES },
    onChange: (rules) => bringRules(rules),
  });
  for (const { rule, origin } of book.list()) {
    const problems = origin === 'edited' && rule.enabled ? book.problems(rule) : [];
    if (problems.length > 0)
      log.warn({ rule: rule.id, problems }, 'an alarm rule in force has errors by the present checks');
  }
  const store = new AlarmStore(state.db, options.keepEvents ?? 500_000);
  const conditions = store.conditions(clock() - KEEP_QUIET_MS);
  const board = new Board(conditions.flatMap((condition) => condition.alarm ?? []));
  const stats = newAlarmStats();
  const engine = new AlarmEngine(
    { ...options, maxConditions: options.maxConditions ?? 1_000_000, rules: book.rules(), stats },
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
      stats.happened[event.event] += 1;
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
  const follower = new Follower({
    ...{ state, journal, engine, store, stats, log, publish, clock, saveEveryMs, retryMs },
    decoder: options.decoder ?? new EntryDecoder(),
  });
  const bringRules = (rules: readonly AlarmRule[]) => follower.change((one) => one.setRules(rules, clock()));
  await follower.catchUp();
  const actions = new Actions(engine);
  const get = (id: string) => board.get(id) ?? store.lastEvent(id)?.alarm;

  return {
    standing: (query = {}) => board.list(query),
    get,
    find(id) {
      const known = get(id);
      if (known !== undefined) return known;
      const watch = actions.find(id);
      return watch && freshAlarm(watch.rule, watch.where());
    },
    events: (query) => store.events(query),
    headSeq: () => headSeq,
    oldestSeq: () => store.oldestSeq,
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    act(ids, action, by) {
      const now = clock();
      const done: string[] = [];
      const { kind, ...how } = action;
      return follower.command(
        () =>
          ids.map((id): ActionResult => {
            try {
              actions.perform(id, action, by, now);
            } catch (error) {
              if (error instanceof ActionRefusedError) return { id, refused: error };
              throw error;
            }
            done.push(id);
            return { id, refused: null };
          }),
        () => {
          const entry = { who: by, action: `alarm.${kind}`, outcome: 'done' as const, detail: how };
          for (const target of done) audit.record({ ...entry, target });
        },
      );
    },
    rules: () => book.rules(),
    ruleBook: book,
    setRules: bringRules,
    observe: (metric, value, now, part) => follower.accept(metric, (one) => one.observe(metric, value, now, part)),
    escalated(id, level) {
      const now = clock();
      const occasion = { cause: 'notification', at: now, receivedAt: now, comment: `level ${level}` } as const;
      follower.accept('escalation', ({ annunciator }) => {
        const watch = annunciator.standing.get(id);
        if (watch) annunciator.noteEscalation(watch, occasion);
      });
    },
    accept: (what, work) => follower.accept(what, work),
    reviewDevice: (device, change) => follower.change((one) => one.reviewDevice(device, change, clock())),
    tick: (now) => follower.accept('time', (one) => one.tick(now)),
    stats,
    close: () => follower.close(),
  };
}
