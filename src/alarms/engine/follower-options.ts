import type { Journal } from '../../journal/port.js';
import type { EntryDecoder } from '../../model/wire/entry.js';
import type { State } from '../../state/port.js';
import type { AlarmEvent } from '../model/alarm.js';
import type { AlarmInput, AlarmStats, Log } from '../port.js';
import type { AlarmStore } from '../store/store.js';
import type { AlarmEngine } from './engine.js';

export interface FollowerOptions {
  readonly state: State;
  readonly journal: Journal<AlarmInput>;
  readonly decoder: EntryDecoder;
  readonly engine: AlarmEngine;
  readonly store: AlarmStore;
  readonly stats: AlarmStats;
  readonly log: Log;
  /** Tells of events that are durable now. */
  readonly publish: (events: readonly AlarmEvent[]) => void;
  /** Epoch milliseconds. */
  readonly clock: () => number;
  readonly saveEveryMs: number;
  readonly retryMs: number;
}
