import type { Client, PublishPacket } from 'aedes';
import { isOfFuture } from '../domain/time-trust.js';
import { MAX_STATUS_BYTES, parseStatus } from '../domain/wire/status.js';
import type { GatewaySignIn } from '../registry/port.js';
import type { Session, Sessions } from './sessions.js';

/** How often a busy gateway's time of last sign of life is renewed. */
const SEEN_EVERY_MS = 1_000;

/** Which gateways are there: by their connections, and by what they and their wills say. */
export class Presence {
  constructor(
    private readonly gateways: GatewaySignIn,
    private readonly sessions: Sessions,
    private readonly clock: () => number,
  ) {}

  arrived(client: Client): void {
    const session = this.sessions.of(client);
    if (session !== undefined) this.gateways.setOnline(session.gateway, true, this.clock());
  }

  left(client: Client): void {
    const session = this.sessions.of(client);
    this.sessions.remove(client);
    if (session === undefined || this.sessions.count(session.gateway) > 0) return;
    this.gateways.setOnline(session.gateway, false, this.clock());
  }

  seen(client: Client, session: Session): void {
    const now = this.clock();
    const isRecent = now - session.lastSeenAt < SEEN_EVERY_MS && !isOfFuture(session.lastSeenAt, now);
    if (isRecent || client.closed) return;
    session.lastSeenAt = now;
    this.gateways.seen(session.gateway, now);
  }

  /**
   * Takes a status message or will; false when it must not be published: the will of a connection whose gateway has
   * come back on another one says nothing of the gateway.
   */
  status(client: Client, packet: PublishPacket): boolean {
    const session = this.sessions.of(client);
    if (session === undefined) return false;
    const others = this.sessions.clientsOf(session.gateway).some((other) => other !== client && !other.closed);
    if (client.closed && others) return false;
    const status = packet.payload.length <= MAX_STATUS_BYTES ? parseStatus(packet.payload.toString()) : null;
    if (status === null) {
      // Kept as a plain message: what is no status must not stand as one.
      packet.retain = false;
      return true;
    }
    this.gateways.setOnline(session.gateway, status.online, this.clock());
    return true;
  }
}
