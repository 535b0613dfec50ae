import { journalBounds } from '../../journal/reader-port.js';
import { type DeviceTagsReader, openDeviceTags, openMaxRates } from '../../registry/reader-port.js';
import type { MovableStore } from '../move/port.js';
import type { KeepRefused } from '../port/store.js';
import type { RateSource } from '../rollup/meter-rates.js';
import type { StoreOptions } from './protocol.js';

interface StoreSurroundings {
  readonly statePath: string;
  /** As the journal names itself. */
  readonly journalAddress: string;
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
  const rates = openMaxRates(around.statePath);
  if (options.kind === 'lake') return closedWith(await lakeOn(options, around, rates), rates);
  const tags = openDeviceTags(around.statePath);
  return closedWith(await influxOn(options, around, { rates, tags }), rates, tags);
}

async function lakeOn(options: StoreOptions & { kind: 'lake' }, around: StoreSurroundings, rates: RateSource) {
  const { LakeStore } = await import('../lake/store.js');
  const { rawDays, timeZone, onBackgroundError, onWarning } = around;
  // Without a journal that counts what it has let go of for this store, the two are not compared.
  const journal = journalBounds(around.journalAddress, options.kind);
  return new LakeStore({ ...options, journal, rates, rawDays, timeZone, onBackgroundError, onWarning });
}

async function influxOn(
  options: StoreOptions & { kind: 'influxdb' },
  around: StoreSurroundings,
  { rates, tags }: { readonly rates: RateSource; readonly tags: DeviceTagsReader },
) {
  const { InfluxStore } = await import('../influxdb/store.js');
  const { rawDays, timeZone, questionMs = 0, keepRefused, onWarning } = around;
  const queryTimeoutMs = Math.max(SILENT_MS, questionMs);
  const { tagsOf, keyOf } = tags;
  const surroundings = { rates, rawDays, timeZone, tagsOf, keyOf, keepRefused, onWarning };
  return new InfluxStore({ ...options, ...surroundings, queryTimeoutMs });
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
