import type { SignalContext } from '../../domain/alarm/signal/signal.js';
import type { TimeZone } from '../../domain/time-zone.js';
import type { HistorianQueries } from '../../historian/port.js';
import type { RegistryLookups } from '../../registry/port.js';
import type { State } from '../../state/port.js';
import type { AlarmRules } from '../rules/port.js';
import { dryRun } from './dry-run.js';
import { explain } from './explain.js';
import { EventHistory } from './history.js';
import { Pace } from './pace.js';
import { type AlarmReplays, ReplayRefused } from './port.js';

export interface ReplayOptions {
  readonly state: Pick<State, 'db'>;
  readonly historian: Pick<HistorianQueries, 'raw'>;
  readonly rules: AlarmRules;
  readonly registry: Pick<RegistryLookups, 'device' | 'devices'>;
  readonly zone: TimeZone;
  /** Epoch milliseconds. */
  readonly clock: () => number;
  /** Days for which raw readings are kept. */
  readonly rawDays: number;
  /** Longest that one replay may work, in milliseconds. */
  readonly timeLimitMs: number;
  /** What a series usually is at an hour; the one that the engine asks. */
  readonly baseline?: SignalContext['baseline'];
  /** Replays at once; each holds its readings in memory. */
  readonly atOnce?: number;
  /** Milliseconds of a clock that does not jump. */
  readonly uptime?: () => number;
}

/** What replays work on. */
export interface ReplayDeps extends Omit<ReplayOptions, 'state' | 'timeLimitMs' | 'atOnce' | 'uptime'> {
  readonly baseline: SignalContext['baseline'];
  readonly history: EventHistory;
}

/** Dry runs and explanations, a few at once. */
export function openReplays(options: ReplayOptions): AlarmReplays {
  const { state, timeLimitMs, atOnce = 2, uptime = () => performance.now(), baseline = () => null } = options;
  const deps: ReplayDeps = { ...options, baseline, history: new EventHistory(state.db) };
  const stats = { running: 0, turnedAway: 0 };
  const guarded = async <T>(signal: AbortSignal | undefined, work: (pace: Pace) => Promise<T>): Promise<T> => {
    if (stats.running >= atOnce) {
      stats.turnedAway += 1;
      throw new ReplayRefused('too_many_replays', `${atOnce} replays are running, the most at once; try again shortly`);
    }
    stats.running += 1;
    try {
      return await work(new Pace(timeLimitMs, uptime, signal));
    } finally {
      stats.running -= 1;
    }
  };
  return {
    dryRun: (query, signal) => guarded(signal, (pace) => dryRun(deps, query, pace, signal)),
    explain: (alarm, period, time, signal) =>
      guarded(signal, (pace) => explain(deps, { alarm, period, time }, pace, signal)),
    stats,
  };
}
