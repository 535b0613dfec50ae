import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type IngestedEntry, IngestService } from '../../../src/ingest/ingest.js';
import { QuarantineService } from '../../../src/ingest/quarantine.js';
import { type QuarantineBounds, QuarantineStore } from '../../../src/ingest/quarantine-store.js';
import { migrations as quarantineTables } from '../../../src/ingest/schema.js';
import { openJournal } from '../../../src/journal/open.js';
import { migrations as journalTables } from '../../../src/journal/schema.js';
import { EntryDecoder } from '../../../src/model/wire/entry.js';
import { openRegistry } from '../../../src/registry/open.js';
import { migrations as registryTables } from '../../../src/registry/schema.js';
import { openState } from '../../../src/state/open.js';
import { tempDir } from '../../helpers/temp.js';

export const NOW = Date.UTC(2026, 10, 23, 4);
export const DAY = 86_400_000;
export const PARK = 'oh-diandu';
export const TOPIC = `parks/${PARK}/wastewater/outlet-1/readings`;

export interface IngestSetUp {
  readonly dir?: string;
  readonly rawDays?: number;
  readonly bounds?: QuarantineBounds;
  readonly clock?: () => number;
}

/** Ingest with its quarantine on a state file of its own; all ends with the test, or before by `end`. */
export function openIngest({ dir = tempDir(), rawDays, bounds, clock = () => NOW }: IngestSetUp = {}) {
  const state = openState(join(dir, 'park.sqlite'), {
    registry: registryTables,
    journal: journalTables,
    ingest: quarantineTables,
  });
  const registry = openRegistry(state, { clock, discovery: true });
  const onListenerError = (error: unknown) => {
    throw error;
  };
  const journal = openJournal<IngestedEntry>(state, onListenerError, { ...(rawDays !== undefined && { rawDays }) });
  const store = new QuarantineStore(state, bounds);
  const ingest = new IngestService({
    journal,
    devices: registry,
    quarantine: store,
    clock,
    ...(rawDays !== undefined && { decoder: new EntryDecoder({ rawDays }) }),
  });
  const quarantine = new QuarantineService(store, ingest, clock);
  let open = true;
  const end = () => {
    if (!open) return;
    open = false;
    registry.close();
    state.close();
  };
  onTestFinished(end);
  const send = (payload: string) =>
    ingest.accept({ gateway: 'gw-1', park: PARK, topic: TOPIC, payload: Buffer.from(payload) });
  return { dir, state, registry, journal, store, ingest, quarantine, send, end };
}
