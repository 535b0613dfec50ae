import type { Login } from './packets.js';

/** A gateway that publishes, and its meters. */
export interface LoadGateway extends Login {
  readonly park: string;
  readonly devices: readonly string[];
}

/**
 * `closed`: every window is kept full. `open`: messages are due at a fixed rate whatever the service does, and latency
 * counts from the time a message was due, so that a stall is charged to every message it held up.
 */
export type LoadMode = { readonly kind: 'closed' } | { readonly kind: 'open'; readonly messagesPerSecond: number };

/** What a load process is to do. */
export interface LoadJob {
  readonly host: string;
  readonly port: number;
  readonly gateways: readonly LoadGateway[];
  /** Messages in flight per connection. */
  readonly window: number;
  /** Open loop: most messages sent to one connection in one write. */
  readonly burst: number;
  readonly mode: LoadMode;
  /** Not measured. */
  readonly warmUpMs: number;
  readonly durationMs: number;
}

/** `publishing` once all gateways are signed in; `measuring` after the warm-up; `measured` when the stretch is over. */
export type LoadPhase = 'publishing' | 'measuring' | 'measured';

/** What a load process measured after its warm-up. Times are milliseconds. */
export interface LoadResult {
  readonly seconds: number;
  readonly acked: number;
  readonly messagesPerSecond: number;
  readonly readingsPerSecond: number;
  /** PUBACK latency. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  readonly payloadBytes: number;
  /** Messages of the whole run that were never acknowledged, after a wait for the last ones. */
  readonly unacknowledged: number;
  readonly unexpectedAcks: number;
  readonly lostConnections: number;
  /** Why the first connection was lost. */
  readonly lostReason: string | null;
  /** The load process itself: cores used, busy share of its event loop, and its event-loop delay. */
  readonly cpu: number;
  readonly loopBusy: number;
  readonly loopDelayP99: number;
  /** Why these figures may show the load process rather than the service; null when they do not. */
  readonly bottleneck: string | null;
}
