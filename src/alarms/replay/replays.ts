import { EventHistory } from '../store/search.js';
import { CalculationPace, type ReplayDeps, type ReplayOptions } from './deps.js';
import { dryRun } from './dry-run.js';
import { explain } from './explain.js';
import { type AlarmReplays, ReplayRefusedError } from './port.js';

/** Dry runs and explanations, a few at once. */
export function openReplays(options: ReplayOptions): AlarmReplays {
  const { state, timeLimitMs, dryRunsAtOnce = 2, explanationsAtOnce = 8, uptime = () => performance.now() } = options;
  const deps: ReplayDeps = { ...options, history: new EventHistory(state.db) };
  const stats = { dryRuns: 0, explanations: 0, turnedAway: 0 };
  const guarded = async <T>(
    kind: 'dryRuns' | 'explanations',
    signal: AbortSignal | undefined,
    work: (pace: CalculationPace) => Promise<T>,
  ): Promise<T> => {
    const most = kind === 'dryRuns' ? dryRunsAtOnce : explanationsAtOnce;
    if (stats[kind] >= most) {
      stats.turnedAway += 1;
      const what = kind === 'dryRuns' ? 'dry runs' : 'explanations';
      throw new ReplayRefusedError(
        'too_many_replays',
        `${most} ${what} are in progress, which is the bound; try again shortly`,
      );
    }
    stats[kind] += 1;
    try {
      return await work(new CalculationPace(timeLimitMs, uptime, signal));
    } finally {
      stats[kind] -= 1;
    }
  };
  return {
    dryRun: (query, signal) => guarded('dryRuns', signal, (pace) => dryRun(deps, query, pace, signal)),
    explain: (alarm, period, time, signal) =>
      guarded('explanations', signal, (pace) => explain(deps, { alarm, period, time }, pace, signal)),
    stats,
  };
}
