import type { Client } from 'aedes';
import type { Line } from '../ingest/port.js';
import { InFlight } from './lane/in-flight.js';
import type { GatewayCounters } from './port.js';
import type { GatewayScope } from './topic-rules.js';

/** A signed-in connection. */
export interface Session extends GatewayScope, Line {
  /** Filters that the client has subscribed to. */
  readonly filters: Set<string>;
  lastSeenAt: number;
  readonly counters: GatewayCounters;
  readonly inFlight: InFlight;
}

interface NewSession {
  readonly scope: GatewayScope;
  readonly counters: GatewayCounters;
  /** Called when the broker has ended the connection because of a refusal. */
  readonly onEnded: () => void;
}

/** Maps connections to gateways. */
export class Sessions {
  private readonly byClient = new WeakMap<Client, Session>();
  private readonly byGateway = new Map<string, Set<Client>>();

  constructor(private readonly perGatewayLimit: number) {}

  of(client: Client | null): Session | undefined {
    return client === null ? undefined : this.byClient.get(client);
  }

  count(gateway: string): number {
    return this.byGateway.get(gateway)?.size ?? 0;
  }

  /** Whether this connection replaces one of its own gateway, MQTT-3.1.4-2. */
  replaces(client: Client, gateway: string): boolean {
    return this.clientsOf(gateway).some((other) => other !== client && other.id === client.id);
  }

  /** False when the gateway has all the connections that it may; connections about to close do not count. */
  add(client: Client, { scope, counters, onEnded }: NewSession): boolean {
    const others = this.clientsOf(scope.gateway).filter((other) => other.id !== client.id && !isGoing(other));
    if (others.length >= this.perGatewayLimit) return false;
    const clients = this.byGateway.get(scope.gateway) ?? new Set();
    this.byGateway.set(scope.gateway, clients.add(client));
    const inFlight = new InFlight(client.conn, onEnded);
    this.byClient.set(client, { ...scope, filters: new Set(), lastSeenAt: 0, foundNoRoom: false, counters, inFlight });
    return true;
  }

  /** Keeps the client's scope, because the broker still has to check its will. */
  remove(client: Client): void {
    const session = this.byClient.get(client);
    if (session === undefined) return;
    const clients = this.byGateway.get(session.gateway);
    clients?.delete(client);
    if (clients?.size === 0) this.byGateway.delete(session.gateway);
  }

  clientsOf(gateway: string): readonly Client[] {
    return [...(this.byGateway.get(gateway) ?? [])];
  }
}

function isGoing(client: Client): boolean {
  return client.closed || client.conn.destroyed || client.conn.writableEnded;
}
