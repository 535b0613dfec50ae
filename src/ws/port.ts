/** Statistics of the live sockets, for observe. */
export function newWsStats() {
  return {
    clients: 0,
    opened: 0,
    /** Refused upgrades: not signed in, too many of one address, or too many clients. */
    unauthorized: 0,
    limited: 0,
    full: 0,
    /** Messages sent: events and readings; snapshots. */
    sent: 0,
    snapshots: 0,
    gaps: 0,
    /** Closed by the service: did not read, did not answer pings, sent garbage, never subscribed, lost its token. */
    slow: 0,
    dead: 0,
    garbage: 0,
    idle: 0,
    signedOut: 0,
    /** Among the slow: cut because all clients together had too many unsent bytes. */
    shed: 0,
    /** Closed because of a bug. */
    failed: 0,
    /** Live clients of `/ws/alarms` that fell behind recent events and returned to stored ones. */
    fellBack: 0,
    /** Bytes written that clients have not taken yet. */
    unsentBytes: 0,
    /** One-time tickets issued, and pushed out by the bound before use. */
    tickets: 0,
    ticketsPushedOut: 0,
  };
}

export type WsStats = ReturnType<typeof newWsStats>;
