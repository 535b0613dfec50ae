/** Counters of the broker since the start; refusals by what was wrong. */
export interface BrokerStats {
  connected: number;
  connections: number;
  published: number;
  signInsRefused: number;
  /** Told to come again later: too much to check, or too many connections. */
  signInsPutOff: number;
  topicsRefused: number;
  packetsTooLarge: number;
  protocolErrors: number;
  connectionsRefused: number;
  slowSubscribersClosed: number;
  /** Closed because they took nothing for too long although something waited for them. */
  stalledClosed: number;
  /** Bytes that have come and are not yet stored, and how often a connection had to wait because of them. */
  readonly waitingBytes: number;
  readonly waits: number;
  /** Messages taken per gateway; bounded by the number of gateways in the registry. */
  readonly perGateway: Map<string, GatewayCounters>;
}

export interface GatewayCounters {
  messages: number;
  bytes: number;
  refused: number;
}

/** All at nothing; `all` knows what is not yet stored. */
export function newStats(all: { readonly stats: { readonly bytes: number; readonly waits: number } }): BrokerStats {
  return {
    connected: 0,
    connections: 0,
    published: 0,
    signInsRefused: 0,
    signInsPutOff: 0,
    topicsRefused: 0,
    packetsTooLarge: 0,
    protocolErrors: 0,
    connectionsRefused: 0,
    slowSubscribersClosed: 0,
    stalledClosed: 0,
    get waitingBytes() {
      return all.stats.bytes;
    },
    get waits() {
      return all.stats.waits;
    },
    perGateway: new Map(),
  };
}

/** What a client was refused, for the log and the audit; never a secret. */
export interface Refusal {
  readonly kind: 'sign_in' | 'topic' | 'packet' | 'protocol' | 'connections';
  /** The user name the client gave, cut to a sane length; null before it gave one. */
  readonly gateway: string | null;
  readonly address: string;
  readonly reason: string;
}
