import { journalBounds } from '../../journal/reader-port.js';
import { openDeviceTags, openMaxRates } from '../../registry/reader-port.js';
import type { MovableStore } from '../move/port.js';
import type { KeepRefused } from '../port/store.js';
import type { StoreOptions, WorkerOptions } from './protocol.js';

interface StoreSurroundings extends Pick<WorkerOptions, 'statePath' | 'journalAddress' | 'rawDays' | 'timeZone'> {
  /** Milliseconds that one question may work. */
  readonly queryTimeoutMs?: number;
  readonly keepRefused: KeepRefused;
  /** Housekeeping failed beside the writer; it is tried again. */
  readonly onBackgroundError: (error: unknown) => void;
  readonly onWarning: (message: string) => void;
}

/** A server that is silent this long in the midst of an answer has gone, unless questions may work for longer. */
const SILENT_MS = 120_000;

/** The store that the options name, not yet open. An adapter's libraries are loaded only with it. */
export async function makeStore(options: StoreOptions, around: StoreSurroundings): Promise<MovableStore> {
  const { statePath, journalAddress, queryTimeoutMs = 0, ...shared } = around;
  const rates = openMaxRates(statePath);
  if (options.kind === 'lake') {
    const { LakeStore } = await import('../lake/store.js');
    // Without a journal that counts what it has let go of for this store, the two are not compared.
    const journal = journalBounds(journalAddress, options.kind);
    return closedWith(new LakeStore({ ...options, ...shared, journal, rates }), rates);
  }
  const { InfluxStore } = await import('../influxdb/store.js');
  const tags = openDeviceTags(statePath);
  const { tagsOf, keyOf } = tags;
  const silentMs = Math.max(SILENT_MS, queryTimeoutMs);
  const store = new InfluxStore({ ...options, ...shared, rates, tagsOf, keyOf, queryTimeoutMs: silentMs });
  return closedWith(store, rates, tags);
}

function closedWith(store: MovableStore, ...readers: readonly { close(): void }[]): MovableStore {
  const close = store.close.bind(store);
  store.close = () =>
    close().finally(() => {
      for (const reader of readers) reader.close();
    });
  return store;
}

/** Whether only a new thread helps: DuckDB gives up after an internal error of its own. Nothing is lost with the old. */
export function needsNewThread({ kind }: StoreOptions, error: unknown): boolean {
  return kind === 'lake' && error instanceof Error && /invalidated|INTERNAL Error/i.test(error.message);
}
