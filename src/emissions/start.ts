import type { Registry } from '../registry/port.js';
import type { State } from '../state/port.js';
import { EmissionLedgers } from './ledger/emission-ledgers.js';
import { openOutletBook } from './outlets/book.js';

interface EmissionsOptions {
  readonly state: State;
  readonly registry: Registry;
  readonly log: { error(fields: object, message: string): void };
  /** Epoch milliseconds. */
  readonly clock: () => number;
}

/** Opens the room of emissions: what people told of outlets. */
export function startEmissions({ state, registry, log, clock }: EmissionsOptions) {
  const ledgers = new EmissionLedgers(state, clock, log);
  return { outlets: openOutletBook({ ledgers, registry, audit: registry.audit, clock }) };
}
