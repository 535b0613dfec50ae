/** Bounds of live sockets, and how they share the thread (see `PaceLimits`); times in milliseconds. */
export const WS_LIMITS = {
  maxClients: 4_000,
  /** Unsent bytes of one client of `/ws/readings` beyond which it counts as slow. */
  maxBufferedBytes: 1024 * 1024,
  /** Unsent bytes of all clients together; beyond them the slowest are ended. */
  maxUnsentBytes: 256 * 1024 * 1024,
  /** Most bytes of alarm events, or of a snapshot, handed over for one client before it has taken the last ones. */
  pieceBytes: 64 * 1024,
  /** Newest alarm events in memory, as they are sent; the same for all clients. */
  recentBytes: 4 * 1024 * 1024,
  /** Snapshots in memory while they are being sent. */
  snapshotBytes: 64 * 1024 * 1024,
  /** Longest that a client may take nothing although something waits for it. */
  stallMs: 30_000,
  /** Longest between the opening and the first subscribe. */
  idleMs: 10_000,
  pingMs: 30_000,
  /** Messages a client may send between two pings. */
  maxMessages: 20,
  /** Longest that a closed client may take to answer before its connection is cut. */
  closeGraceMs: 10_000,
  /** Events read at once for a client that resumes. */
  replayPage: 200,
  /** Pages of them kept for the next client. */
  keptPages: 16,
  maxTickets: 10_000,
  ticketMs: 60_000,
  /** Longest piece of work in one turn of the event loop. */
  turnMs: 2,
  /** Share of the thread under a lasting load. */
  share: 0.75,
  /** Work that may be done at once after a rest, and beyond that for what is urgent. */
  burstMs: 30,
  urgentMs: 20,
};

export type WsLimits = Readonly<typeof WS_LIMITS>;

/** Longest message a client may send; the frame itself is cut off at four times that. */
export const MAX_MESSAGE_BYTES = 4 * 1024;

/** Close codes beside those of RFC 6455 section 7.4.1. */
export const CLOSE = { goingAway: 1001, policy: 1008, fault: 1011, signedOut: 4401, slow: 4008 } as const;
