import type { PaceLimits } from './pace.js';

/** Bounds of live sockets; times in milliseconds. */
export interface WsLimits extends PaceLimits {
  readonly maxClients: number;
  /** Unsent bytes of one client of `/ws/readings` beyond which it counts as slow. */
  readonly maxBufferedBytes: number;
  /** Unsent bytes of all clients together; beyond them the slowest are ended. */
  readonly maxUnsentBytes: number;
  /** Most bytes of alarm events, or of a snapshot, handed over for one client before it has taken the last ones. */
  readonly pieceBytes: number;
  /** Newest alarm events in memory, as they are sent; the same for all clients. */
  readonly recentBytes: number;
  /** Snapshots in memory while they are being sent. */
  readonly snapshotBytes: number;
  /** Longest that a client may take nothing although something waits for it. */
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
  /** Pages of them kept for the next client. */
  readonly keptPages: number;
  readonly maxTickets: number;
  readonly ticketMs: number;
}

export const WS_LIMITS: WsLimits = {
  maxClients: 4_000,
  maxBufferedBytes: 1024 * 1024,
  maxUnsentBytes: 256 * 1024 * 1024,
  pieceBytes: 64 * 1024,
  recentBytes: 4 * 1024 * 1024,
  snapshotBytes: 64 * 1024 * 1024,
  stallMs: 30_000,
  idleMs: 10_000,
  pingMs: 30_000,
  maxMessages: 20,
  closeGraceMs: 10_000,
  replayPage: 200,
  keptPages: 16,
  maxTickets: 10_000,
  ticketMs: 60_000,
  turnMs: 2,
  share: 0.75,
  burstMs: 30,
  urgentMs: 20,
};

/** Longest message a client may send; the frame itself is cut off at four times that. */
export const MAX_MESSAGE_BYTES = 4 * 1024;

/** Close codes beside those of RFC 6455 section 7.4.1. */
export const CLOSE = { goingAway: 1001, policy: 1008, fault: 1011, signedOut: 4401, slow: 4008 } as const;
