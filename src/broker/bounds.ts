/** Bounds of what a client may do; every one has a counter in BrokerStats. */
export interface BrokerBounds {
  /** Beyond them a fiftieth more may still sign in to take the place of a connection of their own. */
  readonly connections: number;
  readonly connectionsPerGateway: number;
  readonly subscriptionsPerConnection: number;
  /** Bytes of one MQTT packet; the contract's 256 KiB are judged by ingest, which can say so. */
  readonly packetBytes: number;
  readonly connectPacketBytes: number;
  /** Bytes a subscriber may leave unread before it is closed. */
  readonly unreadBytes: number;
  readonly connectTimeoutMs: number;
  /** How long a client may take nothing although something waits for it. */
  readonly stallMs: number;
  /** Bytes that have come and are not yet stored; beyond them a connection is not read from. */
  readonly waitingBytesPerConnection: number;
  readonly waitingBytesPerGateway: number;
  readonly waitingBytes: number;
  /** What a gateway may have waiting when all together have as much as they may. */
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
