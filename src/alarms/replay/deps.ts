import type { SignalContext } from '../../domain/alarm/signal/signal.js';
import type { TimeZone } from '../../domain/time-zone.js';
import type { HistorianQueries } from '../../historian/port.js';
import type { RegistryLookups } from '../../registry/port.js';
import type { State } from '../../state/port.js';
import type { AlarmRules } from '../rules/port.js';
import type { EventHistory } from './history.js';

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
