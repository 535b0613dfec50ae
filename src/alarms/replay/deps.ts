import { QueryTimedOutError } from '../../historian/port/errors.js';
import type { HistorianQueries, SeriesKey } from '../../historian/port/queries.js';
import type { Period } from '../../model/time/windows.js';
import type { TimeZone } from '../../model/time/zone.js';
import type { RegistryLookups } from '../../registry/port.js';
import type { State } from '../../state/port.js';
import type { ParkLookups } from '../engine/watch/limit-profiles.js';
import type { UsualInterval } from '../engine/watch/subjects.js';
import type { AlarmRule } from '../model/rule/rule.js';
import type { SignalContext } from '../model/signal/signal.js';
import type { AlarmRules } from '../rules/port.js';
import type { EventHistory } from '../store/search.js';

export interface ReplayOptions {
  readonly state: Pick<State, 'db'>;
  readonly historian: Pick<HistorianQueries, 'raw'>;
  readonly rules: AlarmRules;
  readonly registry: Pick<RegistryLookups, 'device' | 'devices'>;
  /** Limits that hold in whole parks; without it there are none. */
  readonly parks?: ParkLookups;
  readonly zone: TimeZone;
  /** Epoch milliseconds. */
  readonly clock: () => number;
  /** Days for which raw readings are kept. */
  readonly rawDays: number;
  /** Longest that one replay may work, in milliseconds. */
  readonly timeLimitMs: number;
  /** What some series usually were at each hour of a past period; without it deviations cannot be replayed. */
  readonly baselines?: BaselineLookup;
  /** How often series come that the registry says nothing of, as live alarms know it; without it, as their inputs tell. */
  readonly usualMs?: UsualInterval;
  /** Dry runs, and explanations, at once; each holds its readings in memory. */
  readonly dryRunsAtOnce?: number;
  readonly explanationsAtOnce?: number;
  /** Milliseconds of a clock that does not jump. */
  readonly uptime?: () => number;
}

/** Looks up what was usual, before a replay asks for it reading by reading. */
export type BaselineLookup = (
  rule: AlarmRule,
  series: readonly SeriesKey[],
  period: Period,
  signal?: AbortSignal,
) => Promise<SignalContext['baseline']>;

/** What replays work on. */
export interface ReplayDeps extends ReplayOptions {
  readonly history: EventHistory;
}

/** Readings judged before the event loop runs again: well below a millisecond. */
const SLICE = 1_000;

/** Keeps a long calculation from holding up everything else, and from lasting longer than it may. */
export class Pace {
  private done = 0;
  private readonly started: number;

  constructor(
    private readonly limitMs: number,
    private readonly uptime: () => number,
    private readonly signal?: AbortSignal,
  ) {
    this.started = uptime();
  }

  /**
   * To be awaited, where it is not null, before each step.
   * @throws QueryTimedOutError, or the reason of the abort
   */
  step(): Promise<void> | null {
    this.done += 1;
    return this.done % SLICE === 0 ? this.rest() : null;
  }

  check(): void {
    this.signal?.throwIfAborted();
    if (this.uptime() - this.started > this.limitMs) throw new QueryTimedOutError(this.limitMs);
  }

  private async rest(): Promise<void> {
    this.check();
    await new Promise((resolve) => setImmediate(resolve));
  }
}
