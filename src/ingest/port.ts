import type { RejectionCode } from '../model/wire/rejection.js';

/** A message that a gateway publishes on a readings topic. */
export interface InboundMessage {
  readonly gateway: string;
  readonly park: string;
  readonly topic: string;
  readonly payload: Uint8Array;
  /** The line that carries it. */
  readonly line?: Line;
}

/**
 * A sequence of messages that must be stored in order. Once the journal refuses one of them, ingest stores none that
 * follow: the client resends it, and it would pass for newer. Fire is exempt; no other reading shares its series.
 */
export interface Line {
  foundNoRoom: boolean;
}

/** Why ingest rejects an item, as published on the rejections topic. `index` is null for the whole message. */
export interface Rejection {
  readonly topic: string;
  readonly index: number | null;
  readonly code: RejectionCode;
  readonly reason: string;
  /** Epoch milliseconds of the receipt. */
  readonly ts: number;
}

/** The service's clock says a time before 2020: no query would find what is received now. Try again later. */
export class ClockNotSetError extends Error {
  override readonly name = 'ClockNotSetError';
}

/** Accepts messages from any way in: today the embedded broker, later an external one. */
export interface Ingest {
  /**
   * Resolves once the valid part of the message is durable and the rest is in quarantine: the caller may acknowledge.
   * @throws ClockNotSetError when the clock gives no usable time of receipt: do not acknowledge.
   * @throws StorageUnavailableError when nothing is stored: do not acknowledge.
   */
  accept(message: InboundMessage): Promise<void>;
  /** Calls `listener` with rejections; the caller that reaches the gateway registers it. */
  onRejected(listener: (gateway: string, park: string, rejections: readonly Rejection[]) => void): void;
  readonly stats: IngestStats;
}

export interface IngestStats {
  messages: number;
  readings: number;
  bytes: number;
  late: number;
  /** Messages refused, and not acknowledged, because the service's own clock is not set. */
  clockRefused: number;
  rejected: Record<RejectionCode, number>;
}

/** A rejected message, or rejected items of one; kept byte for byte until a replay succeeds or the bound evicts it. */
export interface QuarantinedMessage {
  readonly id: number;
  readonly topic: string;
  readonly gateway: string;
  readonly park: string;
  /** Epoch milliseconds. */
  readonly receivedAt: number;
  readonly payloadBytes: number;
  /** The first rejections; `codes` counts all. */
  readonly rejections: readonly Rejection[];
  readonly codes: Readonly<Partial<Record<RejectionCode, number>>>;
  /** When the replay succeeded and who ran it; null while the message waits. */
  readonly replayedAt: number | null;
  readonly replayedBy: string | null;
}

export interface QuarantineFilter {
  readonly parks?: readonly string[];
  readonly code?: RejectionCode;
  readonly waitingOnly?: boolean;
  /** Newest first; only ids below this one. */
  readonly beforeId?: number;
  readonly limit: number;
}

export interface ReplayResult {
  /** Readings of the message that ingest has accepted so far. */
  readonly readings: number;
  readonly rejections: readonly Rejection[];
}

/** Rejected messages, and their replay. */
export interface Quarantine {
  /** At most `limit` messages, fewer when they are large, at least one if there is one. */
  list(filter: QuarantineFilter): QuarantinedMessage[];
  get(id: number): (QuarantinedMessage & { readonly payload: Uint8Array }) | undefined;
  /**
   * Sends the rejected items of the message through ingest again, with today's registry, catalogue and clock; the time
   * of receipt stays the first one. Marks the message as replayed when ingest rejects nothing more; else later replays
   * leave out the items accepted now. Undefined when there is no such message.
   */
  replay(id: number, by: string): Promise<ReplayResult | undefined>;
  /** `guarded` counts kept messages that the broker acknowledged and the historian refused. */
  readonly heldBytes: number;
  readonly stats: { readonly kept: number; readonly pushedOut: number; readonly guarded: number };
}
