import type { Client } from 'aedes';
import { isOfFuture } from '../model/time/trust.js';
import { MAX_STATUS_BYTES, parseStatus } from '../model/wire/status.js';
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
   * Takes what is published on a gateway's status topic, also as its will, and says what it is. `stale` must not be
   * published: the will of a connection whose gateway has come back on another one says nothing of the gateway. `plain`
   * must not be retained: what is no status must not stand as one.
   */
  status(client: Client, payload: Buffer, retain: boolean): 'status' | 'cleared' | 'plain' | 'stale' {
    const session = this.sessions.of(client);
    if (session === undefined) return 'stale';
    const others = this.sessions.clientsOf(session.gateway).some((other) => other !== client && !other.closed);
    if (client.closed && others) return 'stale';
    if (payload.length === 0 && retain) {
      // Without a word of its own, its connections tell.
      this.gateways.setOnline(session.gateway, !client.closed, this.clock());
      return 'cleared';
    }
    const status = payload.length <= MAX_STATUS_BYTES ? parseStatus(payload.toString()) : null;
    if (status === null) return 'plain';
    this.gateways.setOnline(session.gateway, status.online, this.clock());
    return 'status';
  }
}
