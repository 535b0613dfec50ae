import type { Client } from 'aedes';
import type { GatewayCounters } from './port.js';
import type { GatewayScope } from './topic-rules.js';
import { Underway } from './underway.js';

/** A signed-in connection. */
export interface Session extends GatewayScope {
  subscriptions: number;
  lastSeenAt: number;
  readonly counters: GatewayCounters;
  /** Readings that the broker has and has not yet acknowledged. */
  pending: number;
  readonly underway: Underway;
}

/** Which connections belong to which gateway. */
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

  /** False when the gateway has as many connections as it may. */
  add(client: Client, scope: GatewayScope, counters: GatewayCounters): boolean {
    const clients = this.byGateway.get(scope.gateway) ?? new Set();
    if (clients.size >= this.perGatewayLimit) return false;
    this.byGateway.set(scope.gateway, clients.add(client));
    const underway = new Underway(client.conn);
    this.byClient.set(client, { ...scope, subscriptions: 0, lastSeenAt: 0, counters, pending: 0, underway });
    return true;
  }

  /** Keeps the client's scope, so that its will is still judged. */
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
