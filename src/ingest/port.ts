import type { RejectionCode } from '../domain/wire/rejection.js';

/** A message a gateway published on a readings topic. */
export interface InboundMessage {
  readonly gateway: string;
  readonly park: string;
  readonly topic: string;
  readonly payload: Uint8Array;
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

/** Takes messages in, whoever carried them: the embedded broker now, an external one later. */
export interface Ingest {
  /**
   * Resolves once what can be taken of the message is durable and the rest is in quarantine: now it may be acknowledged.
   * @throws StorageUnavailable when nothing was stored: do not acknowledge.
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
  rejected: Record<RejectionCode, number>;
}
