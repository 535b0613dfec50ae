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
  /** Retention of raw readings in days. */
  readonly rawDays: number;
  /** Longest time for one replay, in milliseconds. */
  readonly timeLimitMs: number;
  /** Usual values of series at each hour of a past period; without it deviations cannot be replayed. */
  readonly baselines?: BaselineLookup;
  /** Learned interval of an unregistered series, as live alarms use it; without it the inputs tell. */
  readonly usualMs?: UsualInterval;
  /** Most dry runs, and explanations, at once; each holds its readings in memory. */
  readonly dryRunsAtOnce?: number;
  readonly explanationsAtOnce?: number;
  /** Monotonic milliseconds. */
  readonly uptime?: () => number;
}

/** Looks up usual values before a replay needs them reading by reading. */
export type BaselineLookup = (
  rule: AlarmRule,
  series: readonly SeriesKey[],
  period: Period,
  signal?: AbortSignal,
) => Promise<SignalContext['baseline']>;

export interface ReplayDeps extends ReplayOptions {
  readonly history: EventHistory;
}

/** Readings judged between two turns of the event loop: well below a millisecond. */
const SLICE = 1_000;

/** Keeps a long calculation from blocking the event loop, and within its time limit. */
export class CalculationPace {
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
   * Await it, where it is not null, before each step.
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
