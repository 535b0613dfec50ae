import type { ReplayDeps, ReplayOptions } from './deps.js';
import { dryRun } from './dry-run.js';
import { explain } from './explain.js';
import { EventHistory } from './history.js';
import { Pace } from './pace.js';
import { type AlarmReplays, ReplayRefused } from './port.js';

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
