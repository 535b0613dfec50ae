import type { Client } from 'aedes';
import { isOfFuture } from '../model/time/trust.js';
import { MAX_STATUS_BYTES, parseStatus } from '../model/wire/status.js';
import type { GatewaySignIn } from '../registry/port.js';
import type { Session, Sessions } from './sessions.js';

/** Least time between two updates of a busy gateway's last sign of life. */
const SEEN_EVERY_MS = 1_000;

/** Tracks which gateways are online: by their connections, and by their status messages and wills. */
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
   * Applies a message on a gateway's status topic, or its will, and classifies it. The broker must not publish `stale`:
   * a will of one connection while the gateway is online on another. It must not retain `plain`: the payload is no
   * status, and must not pass for one.
   */
  status(client: Client, payload: Buffer, retain: boolean): 'status' | 'cleared' | 'plain' | 'stale' {
    const session = this.sessions.of(client);
    if (session === undefined) return 'stale';
    const others = this.sessions.clientsOf(session.gateway).some((other) => other !== client && !other.closed);
    if (client.closed && others) return 'stale';
    if (payload.length === 0 && retain) {
      // The gateway's own status is gone: its connections decide.
      this.gateways.setOnline(session.gateway, !client.closed, this.clock());
      return 'cleared';
    }
    const status = payload.length <= MAX_STATUS_BYTES ? parseStatus(payload.toString()) : null;
    if (status === null) return 'plain';
    this.gateways.setOnline(session.gateway, status.online, this.clock());
    return 'status';
  }
}
