/** Numbers of the live sockets, which observe reads. */
export function newWsStats() {
  return {
    /** Sockets open now. */
    clients: 0,
    opened: 0,
    /** Upgrades turned away: not signed in, too many of one address, or no room. */
    unauthorized: 0,
    limited: 0,
    full: 0,
    /** Messages sent: events and readings; snapshots. */
    sent: 0,
    snapshots: 0,
    gaps: 0,
    /** Closed by the service: did not read, did not answer pings, sent garbage, never subscribed, was signed out. */
    slow: 0,
    dead: 0,
    garbage: 0,
    idle: 0,
    signedOut: 0,
    /** Of the slow: ended because too much was unsent for all clients together. */
    shed: 0,
    /** Closed because of a fault of this program. */
    failed: 0,
    /** Live clients of `/ws/alarms` that fell behind the events in memory and went back to the record. */
    fellBack: 0,
    /** Bytes handed over that no client has taken yet. */
    unsentBytes: 0,
    /** One-time tickets given, and pushed out by the bound before they were used. */
    tickets: 0,
    ticketsPushedOut: 0,
  };
}

export type WsStats = ReturnType<typeof newWsStats>;
