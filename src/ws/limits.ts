/** Bounds of live sockets; times in milliseconds. */
export interface WsLimits {
  readonly maxClients: number;
  /** Unsent bytes of one client beyond which it counts as slow. */
  readonly maxBufferedBytes: number;
  /** Longest that one step of a snapshot or replay may wait for the client to read. */
  readonly stallMs: number;
  /** Longest between the opening and the first subscribe. */
  readonly idleMs: number;
  readonly pingMs: number;
  /** Messages a client may send between two pings. */
  readonly maxMessages: number;
  /** Longest that a closed client may take to answer before its connection is cut. */
  readonly closeGraceMs: number;
  /** Events read at once for a client that resumes. */
  readonly replayPage: number;
  readonly maxTickets: number;
  readonly ticketMs: number;
}

export const WS_LIMITS: WsLimits = {
  maxClients: 4_000,
  maxBufferedBytes: 1024 * 1024,
  stallMs: 30_000,
  idleMs: 10_000,
  pingMs: 30_000,
  maxMessages: 20,
  closeGraceMs: 10_000,
  replayPage: 200,
  maxTickets: 10_000,
  ticketMs: 60_000,
};

/** Longest message a client may send; the frame itself is cut off at four times that. */
export const MAX_MESSAGE_BYTES = 4 * 1024;

/** Close codes beside those of RFC 6455 section 7.4.1. */
export const CLOSE = { goingAway: 1001, policy: 1008, signedOut: 4401, slow: 4008 } as const;
