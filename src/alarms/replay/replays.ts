import type { RawQuery } from '../../historian/port/queries.js';
import { ShareLimiter } from '../../model/share-limiter.js';
import { EventHistory } from '../store/search.js';
import { CalculationPace, type ReplayDeps, type ReplayOptions } from './deps.js';
import { dryRun } from './dry-run.js';
import { explain } from './explain.js';
import { type AlarmReplays, ReplayRefusedError } from './port.js';

/** Dry runs and explanations, a few at once, and fewer of one token. */
export function openReplays(options: ReplayOptions): AlarmReplays {
  const { state, timeLimitMs, dryRunsAtOnce = 3, explanationsAtOnce = 8, uptime = () => performance.now() } = options;
  const deps: ReplayDeps = { ...options, history: new EventHistory(state.db) };
  const places = { dryRuns: new ShareLimiter(dryRunsAtOnce), explanations: new ShareLimiter(explanationsAtOnce) };
  const stats = {
    turnedAway: 0,
    get dryRuns() {
      return places.dryRuns.held;
    },
    get explanations() {
      return places.explanations.held;
    },
  };
  const guarded = async <T>(
    kind: 'dryRuns' | 'explanations',
    by: string,
    signal: AbortSignal | undefined,
    work: (deps: ReplayDeps, pace: CalculationPace) => Promise<T>,
  ): Promise<T> => {
    const { limit, share } = places[kind];
    const giveBack = places[kind].lend(by);
    if (typeof giveBack === 'string') {
      stats.turnedAway += 1;
      const what = kind === 'dryRuns' ? 'dry runs' : 'explanations';
      const bound = giveBack === 'own' ? `${share} ${what} of this token` : `${limit} ${what}`;
      throw new ReplayRefusedError(
        'too_many_replays',
        `${bound} are in progress, which is the bound; try again shortly`,
      );
    }
    const historian = {
      raw: (query: RawQuery, ended?: AbortSignal) => options.historian.raw({ ...query, by }, ended),
    };
    try {
      return await work({ ...deps, historian }, new CalculationPace(timeLimitMs, uptime, signal));
    } finally {
      giveBack();
    }
  };
  return {
    dryRun: (query, signal) => guarded('dryRuns', query.by, signal, (own, pace) => dryRun(own, query, pace, signal)),
    explain: (query, signal) =>
      guarded('explanations', query.by, signal, (own, pace) => explain(own, query, pace, signal)),
    stats,
  };
}
