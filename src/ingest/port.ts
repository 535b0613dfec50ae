import type { RejectionCode } from '../model/wire/rejection.js';

/** A message a gateway published on a readings topic. */
export interface InboundMessage {
  readonly gateway: string;
  readonly park: string;
  readonly topic: string;
  readonly payload: Uint8Array;
  /** What it came on. */
  readonly line?: Line;
}

/**
 * Messages that come one after another and must be stored so. Nothing of a line is stored once something of it found no
 * room: that comes again, and would be taken for newer. Fire still is; no other reading is of the same series.
 */
export interface Line {
  foundNoRoom: boolean;
}

/** Why an item was not taken, as published on the rejections topic. `index` is null when the whole message is meant. */
export interface Rejection {
  readonly topic: string;
  readonly index: number | null;
  readonly code: RejectionCode;
  readonly reason: string;
  /** Epoch milliseconds of the receipt. */
  readonly ts: number;
}

/** The service's clock says a time before 2020: what is received now could not be found again. Ask again later. */
export class ClockNotSetError extends Error {
  override readonly name = 'ClockNotSetError';
}

/** Takes messages in, whoever carried them: the embedded broker now, an external one later. */
export interface Ingest {
  /**
   * Resolves once what can be taken of the message is durable and the rest is in quarantine: now it may be acknowledged.
   * @throws ClockNotSetError when there is no time of receipt to file it under: do not acknowledge.
   * @throws StorageUnavailableError when nothing was stored: do not acknowledge.
   */
  accept(message: InboundMessage): Promise<void>;
  /** Tells the gateway what was not taken; set by whoever can reach it. */
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

/** A message, or some items of one, that was not taken; kept byte for byte until replayed or pushed out by its bound. */
export interface QuarantinedMessage {
  readonly id: number;
  readonly topic: string;
  readonly gateway: string;
  readonly park: string;
  /** Epoch milliseconds. */
  readonly receivedAt: number;
  readonly payloadBytes: number;
  /** The first of them; `codes` counts all. */
  readonly rejections: readonly Rejection[];
  readonly codes: Readonly<Partial<Record<RejectionCode, number>>>;
  /** When and by whom it was replayed with success; null while it waits. */
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
  /** Readings of the message that are taken by now. */
  readonly readings: number;
  readonly rejections: readonly Rejection[];
}

/** What was not taken, and a second chance for it. */
export interface Quarantine {
  /** At most `limit`, fewer when they are large, at least one if there is one. */
  list(filter: QuarantineFilter): QuarantinedMessage[];
  get(id: number): (QuarantinedMessage & { readonly payload: Uint8Array }) | undefined;
  /**
   * Sends what was not taken of the kept message through ingest again, with today's registry, catalogue and clock; what
   * counts as its arrival stays the first receipt. Marks it replayed when nothing is rejected any more; else what was
   * taken now does not come again. Undefined when there is no such message.
   */
  replay(id: number, by: string): Promise<ReplayResult | undefined>;
  /** `guarded`: of those kept, what was acknowledged and the store of history refused. */
  readonly heldBytes: number;
  readonly stats: { readonly kept: number; readonly pushedOut: number; readonly guarded: number };
}
