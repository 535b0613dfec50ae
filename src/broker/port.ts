/** Counters of the broker since the start, with a counter for each kind of refusal. */
export interface BrokerStats {
  connected: number;
  connections: number;
  published: number;
  signInsRefused: number;
  /** Sign-ins answered with "server unavailable": too many to check, or too many connections. */
  signInsPutOff: number;
  topicsRefused: number;
  packetsTooLarge: number;
  protocolErrors: number;
  connectionsRefused: number;
  slowSubscribersClosed: number;
  /** Connections closed because the client read nothing for too long although bytes waited for it. */
  stalledClosed: number;
  /** Bytes received and not yet stored, and how often a connection waited because of them. */
  readonly waitingBytes: number;
  readonly waits: number;
  /** Messages accepted per gateway; bounded by the number of gateways in the registry. */
  readonly perGateway: Map<string, GatewayCounters>;
}

export interface GatewayCounters {
  messages: number;
  bytes: number;
  refused: number;
}

/** All counters at 0; `all` counts the bytes not yet stored. */
export function newBrokerStats(all: {
  readonly stats: { readonly bytes: number; readonly waits: number };
}): BrokerStats {
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

/** What the broker refused a client, for the log and the audit; never a secret. */
export interface Refusal {
  readonly kind: 'sign_in' | 'topic' | 'packet' | 'protocol' | 'connections';
  /** The user name that the client gave, truncated; null before it gave one. */
  readonly gateway: string | null;
  readonly address: string;
  readonly reason: string;
}
