/** Bounds of live sockets, and their share of the thread (see `PaceLimits`); times in milliseconds. */
export const WS_LIMITS = {
  maxClients: 4_000,
  /** Unsent bytes of one client of `/ws/readings` above which it is slow. */
  maxBufferedBytes: 1024 * 1024,
  /** Unsent bytes of all clients together; above it the service closes the slowest. */
  maxUnsentBytes: 256 * 1024 * 1024,
  /** Most bytes of alarm events, or of a snapshot, written to one client before it has taken the last ones. */
  pieceBytes: 64 * 1024,
  /** Newest alarm events in memory, as sent; shared by all clients. */
  recentBytes: 4 * 1024 * 1024,
  snapshotBytes: 64 * 1024 * 1024,
  /** Longest time that a client may leave its bytes untaken. */
  stallMs: 30_000,
  /** Longest time between the opening and the first subscribe. */
  idleMs: 10_000,
  pingMs: 30_000,
  /** Most messages of a client between two pings. */
  maxMessages: 20,
  /** Longest time for a closed client to answer before the service cuts its connection. */
  closeGraceMs: 10_000,
  /** Stored events read at once for a client that resumes. */
  replayPage: 200,
  /** Pages of stored events cached for the next client. */
  keptPages: 16,
  maxTickets: 10_000,
  ticketMs: 60_000,
  /** Longest piece of work in one turn of the event loop. */
  turnMs: 2,
  /** Share of the thread under a lasting load. */
  share: 0.75,
  /** Work allowed at once after a rest, and the extra for urgent work. */
  burstMs: 30,
  urgentMs: 20,
};

export type WsLimits = Readonly<typeof WS_LIMITS>;

/** Longest message of a client; the frame itself is cut off at four times that. */
export const MAX_MESSAGE_BYTES = 4 * 1024;

/** Close codes, besides those of RFC 6455 section 7.4.1. */
export const CLOSE = { goingAway: 1001, policy: 1008, fault: 1011, signedOut: 4401, slow: 4008 } as const;
