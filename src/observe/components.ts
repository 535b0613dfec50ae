import type { BrokerStats } from '../broker/port.js';
import type { HistorianStats } from '../historian/port/stats.js';
import type { FrontDoor } from '../http/auth/front-door.js';
import type { OpenQueries } from '../http/open-queries.js';
import type { Ingest, Quarantine } from '../ingest/port.js';
import type { Journal } from '../journal/port.js';
import type { Audit } from '../registry/audit/port.js';
import type { Registry } from '../registry/port.js';
import type { State } from '../state/port.js';
import type { WsStats } from '../ws/port.js';
import type { HttpCounts } from './http.js';

/** What the components tell: the plain numbers they keep anyway, read when somebody asks. */
export interface Components {
  /** Epoch milliseconds. */
  readonly clock?: () => number;
  readonly state: Pick<State, 'stats'>;
  /** What the state file takes of the disk. */
  readonly stateSize?: () => { readonly bytes: number; readonly freeBytes: number; readonly logBytes: number };
  readonly journal: Pick<Journal, 'stats' | 'head'>;
  readonly ingest: Pick<Ingest, 'stats'>;
  readonly quarantine: Pick<Quarantine, 'stats' | 'heldBytes'>;
  readonly historian: { readonly stats: HistorianStats };
  readonly registry: Pick<Registry, 'stats'>;
  readonly audit: Pick<Audit, 'stats'>;
  readonly broker: { readonly stats: BrokerStats; readonly listening: () => boolean };
  /** `failing`: why the engine stands still, null while it does not; never shown outside, it may name files. */
  readonly alarms?: { readonly stats: { readonly failing: string | null; readonly cursor: number } };
  readonly queries?: Pick<OpenQueries, 'stats'>;
  readonly ws?: { readonly stats: WsStats };
  readonly http?: Pick<HttpCounts, 'routes'>;
  readonly door?: Pick<FrontDoor, 'stats'>;
}
