import { headOf, trimmedFor } from '../../journal/reader.js';
import { openDeviceTags } from '../../registry/device-tags.js';
import type { MovableStore } from '../move/port.js';
import type { KeepRefused } from '../port.js';
import type { StoreOptions } from './protocol.js';

export interface StoreSurroundings {
  readonly statePath: string;
  readonly rawDays: number;
  /** IANA time zone of the daily roll-ups. */
  readonly timeZone: string;
  /** Milliseconds that one question may work. */
  readonly questionMs?: number;
  readonly keepRefused: KeepRefused;
  /** Housekeeping failed beside the writer; it is tried again. */
  readonly onBackgroundError: (error: unknown) => void;
  readonly onWarning: (message: string) => void;
}

/** A server that is silent this long in the midst of an answer has gone, unless questions may work for longer. */
const SILENT_MS = 120_000;

/** The store that the options name, not yet open. An adapter's libraries are loaded only with it. */
export async function makeStore(options: StoreOptions, around: StoreSurroundings): Promise<MovableStore> {
  const { rawDays, timeZone } = around;
  if (options.kind === 'lake') {
    const { LakeStore } = await import('../lake/store.js');
    const { onBackgroundError, onWarning } = around;
    // Without a journal that counts what it has let go of for this store, the two are not compared.
    const journal = { trimmedSeq: trimmedFor(around.statePath, options.kind), head: headOf(around.statePath) };
    return new LakeStore({ ...options, journal, rawDays, timeZone, onBackgroundError, onWarning });
  }
  const { InfluxStore } = await import('../influxdb/store.js');
  const tags = openDeviceTags(around.statePath);
  const { questionMs = 0, keepRefused, onWarning } = around;
  const queryTimeoutMs = Math.max(SILENT_MS, questionMs);
  const { tagsOf, keyOf } = tags;
  const surroundings = { rawDays, timeZone, tagsOf, keyOf, keepRefused, onWarning };
  const store = new InfluxStore({ ...options, ...surroundings, queryTimeoutMs });
  const close = store.close.bind(store);
  store.close = () => close().finally(() => tags.close());
  return store;
}

/** Whether only a new thread helps: DuckDB gives up after an internal error of its own. Nothing is lost with the old. */
export function needsNewThread({ kind }: StoreOptions, error: unknown): boolean {
  return kind === 'lake' && error instanceof Error && /invalidated|INTERNAL Error/i.test(error.message);
}
