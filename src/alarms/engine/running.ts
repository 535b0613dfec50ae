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
import { ActionRefusedError, type ActionResult, type AlarmInput, type Alarms, type Log, newStats } from '../port.js';
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
  /** As ingest decodes, for what was not evaluated before a restart. */
  readonly decoder?: EntryDecoder;
  readonly registry: KnownDevices & Partial<Pick<RegistryLookups, 'park'>>;
  /** Limits that hold in whole parks; without it there are none. */
  readonly parks?: ParkLookups;
  readonly audit: Pick<Audit, 'record'>;
  readonly zone: TimeZone;
  /** Epoch milliseconds; only for what no reading decides. */
  readonly clock: () => number;
  readonly log: Log;
  /** What a series usually is at this hour; without it rules of the signal `deviation` have no evidence. */
  readonly baseline?: SignalContext['baseline'];
  /** As `LivenessBook` has it; without it a new run learns anew how often quiet series come. */
  readonly usualMs?: UsualInterval;
  /** Rules a new service starts with. */
  readonly defaults?: readonly AlarmRule[];
  /** Events kept; the oldest go first, and who resumes from before them gets a gap. */
  readonly keepEvents?: number;
  readonly maxConditions?: number;
  /** How often the cursor is stored when nothing happens, and a failed write is tried again. */
  readonly saveEveryMs?: number;
  readonly retryMs?: number;
}

/** Quiet conditions are kept this long, so that a resend does not raise them again. */
const KEEP_QUIET_MS = 24 * 3_600_000;

export interface RunningAlarms extends Alarms {
  /** The rules, and how to change them. */
  readonly ruleBook: AlarmRules;
  /** What the service measured about itself at `now` (epoch milliseconds); `part`: of which there are several. */
  observe(metric: SystemMetricKey, value: number, now: number, part?: string): void;
  /** The next level of escalation was told of the alarm. */
  escalated(alarm: string, level: number): void;
  /** Lets the engine take in what no reading brings. */
  accept(what: string, work: (engine: AlarmEngine) => void): void;
  /** Puts rules in force that are stored: what no longer applies ends, what goes on keeps its state. */
  setRules(rules: readonly AlarmRule[]): void;
  /** A device was retired, restored, removed or moved: what stands of it ends, or it is watched again. */
  reviewDevice(device: DeviceOfHistory, change?: DeviceChange): void;
  /** What is due at `now` happens: shelving ends, alarms ask again. Called once a second. */
  tick(now: number): void;
  /** Stores what there is and stops following the journal; before the state file closes. */
  close(): Promise<void>;
}

/** Takes the alarms up where they were left: resolves when the journal is evaluated up to its head. */
export async function startAlarms(options: AlarmOptions): Promise<RunningAlarms> {
  const { state, journal, registry, audit, clock, log } = options;
  const book = new RuleBook({
    ...{ state, registry, audit, clock, defaults: options.defaults ?? DEFAULT_RULES },
    onChange: (rules) => bringRules(rules),
  });
  for (const { rule, origin } of book.list()) {
    const problems = origin === 'edited' && rule.enabled ? book.problems(rule) : [];
    if (problems.length > 0)
      log.warn({ rule: rule.id, problems }, 'an alarm rule is in force that would be refused today');
  }
  const store = new AlarmStore(state.db, options.keepEvents ?? 500_000);
  const conditions = store.conditions(clock() - KEEP_QUIET_MS);
  const board = new Board(conditions.flatMap((condition) => condition.alarm ?? []));
  const stats = newStats();
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
