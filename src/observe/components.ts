import type { HttpCounts } from './http.js';

/**
 * What the components tell: the plain numbers they keep anyway, read when somebody asks. Shapes rather than the ports'
 * types, so that this room knows no other.
 */
export interface Components {
  /** Epoch milliseconds. */
  readonly clock?: () => number;
  readonly state: { readonly stats: StateNumbers };
  /** What the state file takes of the disk. */
  readonly stateSize?: () => Numbers<'bytes' | 'freeBytes' | 'logBytes'>;
  readonly journal: { readonly stats: JournalNumbers; head(): number };
  readonly ingest: { readonly stats: IngestNumbers };
  readonly quarantine: { readonly heldBytes: number; readonly stats: Numbers<'kept' | 'pushedOut' | 'guarded'> };
  readonly historian: { readonly stats: HistorianNumbers };
  readonly registry: { readonly stats: RegistryNumbers };
  readonly audit: { readonly stats: Numbers<'changes' | 'refusals' | 'collapsed' | 'dropped'> };
  readonly broker: { readonly stats: BrokerNumbers; readonly listening: () => boolean };
  readonly alarms?: { readonly stats: AlarmNumbers };
  readonly queries?: { readonly stats: Numbers<'running' | 'turnedAway' | 'aborted'> };
  readonly ws?: { readonly stats: WsNumbers };
  readonly http?: Pick<HttpCounts, 'routes'>;
  readonly door?: { readonly stats: Numbers<'turnedAway' | 'pipelined' | 'failures' | 'addresses'> };
}

type Numbers<K extends string> = Readonly<Record<K, number>>;
/** Why the component stands still, null while it does not. Never shown outside: it may name files. */
type Failing = { readonly failing: string | null };

type StateNumbers = Numbers<'commits' | 'failedCommits' | 'lastCommitMs'> & Failing;
type JournalNumbers = Numbers<
  'messages' | 'bytes' | 'keptBytes' | 'heldBytes' | 'maxBytes' | 'refused' | 'trimmedTo'
> & { readonly refusing: 'nothing' | 'all_but_urgent' | 'everything' };
type IngestNumbers = Numbers<'messages' | 'readings' | 'bytes' | 'late'> & { readonly clockRefused?: number } & {
  readonly rejected: Numbers<string>;
};
type HistorianNumbers = Numbers<'appliedSeq' | 'durableSeq' | 'readings' | 'refused' | 'restarts' | 'batchBytes'> &
  Failing & {
    readonly adapter: string;
    /** What kind of failure it is; this may be shown to anybody. */
    readonly failingKind: string | null;
    readonly writeErrors: Numbers<string>;
    readonly rollups: {
      readonly rolledTo: number | null;
      readonly dirtySeries: number;
      /** What fails by itself, while the rest goes on. */
      readonly failing?: Numbers<'hours' | 'days' | 'series'>;
    };
    readonly rewrite?: Numbers<'keptBytes' | 'maxBytes' | 'times'>;
    readonly damage?: Numbers<'files' | 'readings' | 'setAside'> & {
      readonly setAsideBytes?: number;
      /** Epoch milliseconds. */
      readonly setAsideSince?: number | null;
    };
    /** What each part of housekeeping fails with, null where it does not. */
    readonly chores?: Readonly<Record<string, string | null>>;
    readonly final?: number;
    readonly ignored?: number;
    readonly versions?: Numbers<'kept' | 'full' | 'unlooked'> & { readonly unanswered?: number };
    /** That the store is written to and cannot be read, and of what kind the reason is. */
    readonly blind?: { readonly kind: string } | null;
  };
type RegistryNumbers = Numbers<
  | 'gateways'
  | 'gatewaysOnline'
  | 'devices'
  | 'tokens'
  | 'discovered'
  | 'discoveryUndone'
  | 'deviceLimitRefusals'
  | 'movesBeyondAudit'
  | 'signIns'
  | 'signInRefusals'
  | 'signInBusy'
>;
type GatewayNumbers = Numbers<'messages' | 'bytes' | 'refused'>;
type BrokerNumbers = Numbers<
  | 'connected'
  | 'connections'
  | 'published'
  | 'signInsRefused'
  | 'signInsPutOff'
  | 'topicsRefused'
  | 'packetsTooLarge'
  | 'protocolErrors'
  | 'connectionsRefused'
  | 'slowSubscribersClosed'
  | 'stalledClosed'
  | 'waitingBytes'
  | 'waits'
> & { readonly perGateway: ReadonlyMap<string, GatewayNumbers> };
type AlarmNumbers = Failing & { readonly happened: Readonly<Record<string, number>> } & Numbers<
    | 'cursor'
    | 'storedCursor'
    | 'messages'
    | 'readings'
    | 'standing'
    | 'conditions'
    | 'events'
    | 'refusedConditions'
    | 'failedMessages'
    | 'cutBacklogs'
    | 'failedWrites'
  >;

type WsNumbers = Numbers<
  | 'clients'
  | 'opened'
  | 'unauthorized'
  | 'limited'
  | 'full'
  | 'sent'
  | 'snapshots'
  | 'gaps'
  | 'slow'
  | 'dead'
  | 'garbage'
  | 'idle'
  | 'signedOut'
  | 'shed'
  | 'failed'
  | 'fellBack'
  | 'unsentBytes'
  | 'tickets'
  | 'ticketsPushedOut'
>;
