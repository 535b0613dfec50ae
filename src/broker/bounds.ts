/** Bounds for each client; BrokerStats has a counter for each. */
export interface BrokerBounds {
  /** Most connections. Beyond, two percent more may sign in, to replace a connection of their own gateway. */
  readonly connections: number;
  readonly connectionsPerGateway: number;
  readonly subscriptionsPerConnection: number;
  /** Bytes of one MQTT packet; ingest checks the contract's 256 KiB, because it can publish the rejection. */
  readonly packetBytes: number;
  readonly connectPacketBytes: number;
  /** Bytes that a subscriber may leave unread before the broker closes its connection. */
  readonly unreadBytes: number;
  readonly connectTimeoutMs: number;
  /** Longest time in which a client reads nothing although bytes wait for it, in milliseconds. */
  readonly stallMs: number;
  /** Bytes received and not yet stored; at the bound the broker stops reading from the connection. */
  readonly waitingBytesPerConnection: number;
  readonly waitingBytesPerGateway: number;
  readonly waitingBytes: number;
  /** Bytes that each gateway may have waiting even when `waitingBytes` is reached. */
  readonly waitingBytesAlways: number;
  /** Messages of QoS 2 that one client may leave without PUBREL. */
  readonly unreleasedPerClient: number;
}

export const BROKER_BOUNDS: BrokerBounds = {
  connections: 5_000,
  connectionsPerGateway: 8,
  subscriptionsPerConnection: 100,
  packetBytes: 1024 * 1024,
  connectPacketBytes: 16 * 1024,
  unreadBytes: 1024 * 1024,
  connectTimeoutMs: 10_000,
  stallMs: 60_000,
  waitingBytesPerConnection: 2 * 1024 * 1024,
  waitingBytesPerGateway: 4 * 1024 * 1024,
  waitingBytes: 64 * 1024 * 1024,
  waitingBytesAlways: 64 * 1024,
  unreleasedPerClient: 10_000,
};
