/** Live sockets as observe sees them. */
export interface WsStats {
  /** Sockets open now. */
  clients: number;
  opened: number;
  /** Upgrades turned away: not signed in, too many of one address, or no room. */
  unauthorized: number;
  limited: number;
  full: number;
  /** Messages sent: events and readings; snapshots. */
  sent: number;
  snapshots: number;
  gaps: number;
  /** Closed by the service: did not read, did not answer pings, sent garbage, never subscribed, was signed out. */
  slow: number;
  dead: number;
  garbage: number;
  idle: number;
  signedOut: number;
  /** Of the slow: ended because too much was unsent for all clients together. */
  shed: number;
  /** Closed because of a fault of this program. */
  failed: number;
  /** Live clients of `/ws/alarms` that fell behind the events in memory and went back to the record. */
  fellBack: number;
  /** Bytes handed over that no client has taken yet. */
  unsentBytes: number;
  /** One-time tickets given, and pushed out by the bound before they were used. */
  tickets: number;
  ticketsPushedOut: number;
}

export function newWsStats(): WsStats {
  return {
    clients: 0,
    opened: 0,
    unauthorized: 0,
    limited: 0,
    full: 0,
    sent: 0,
    snapshots: 0,
    gaps: 0,
    slow: 0,
    dead: 0,
    garbage: 0,
    idle: 0,
    signedOut: 0,
    shed: 0,
    failed: 0,
    fellBack: 0,
    unsentBytes: 0,
    tickets: 0,
    ticketsPushedOut: 0,
  };
}
