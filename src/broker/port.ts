/** Counters of the broker since the start; refusals by what was wrong. */
export interface BrokerStats {
  connected: number;
  connections: number;
  published: number;
  signInsRefused: number;
  topicsRefused: number;
  packetsTooLarge: number;
  protocolErrors: number;
  connectionsRefused: number;
  slowSubscribersClosed: number;
  /** Messages taken per gateway; bounded by the number of gateways in the registry. */
  readonly perGateway: Map<string, GatewayCounters>;
}

export interface GatewayCounters {
  messages: number;
  bytes: number;
  refused: number;
}

/** What a client was refused, for the log and the audit; never a secret. */
export interface Refusal {
  readonly kind: 'sign_in' | 'topic' | 'packet' | 'protocol' | 'connections';
  /** The user name the client gave, cut to a sane length; null before it gave one. */
  readonly gateway: string | null;
  readonly address: string;
  readonly reason: string;
}
