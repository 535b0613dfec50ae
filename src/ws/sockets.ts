import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { FrontDoor } from '../http/auth/front-door.js';
import type { Audit } from '../registry/audit/port.js';
import type { TokenChecks } from '../registry/port.js';
import { UnsentBacklog } from './backlog.js';
import { CLOSE, MAX_MESSAGE_BYTES, type WsLimits } from './limits.js';
import { Peer, type SignedIn } from './peer.js';
import type { WsStats } from './port.js';
import type { Tickets } from './tickets.js';

/** Handles the clients of a path. */
interface Feed {
  add(peer: Peer): void;
  close(): void;
}

interface SocketsOptions {
  readonly feeds: Readonly<Record<string, Feed>>;
  readonly tokens: Pick<TokenChecks, 'authenticate' | 'onTokenRevoked'>;
  readonly tickets: Tickets;
  readonly audit: Pick<Audit, 'record'> | undefined;
  /** Reads the token of an Authorization header. */
  readonly tokenOf: (authorization: string | undefined) => string | null;
  /** Counts the clients that it refuses. */
  readonly door: Pick<FrontDoor, 'trying' | 'welcome'>;
  readonly limits: WsLimits;
  readonly stats: WsStats;
}

/**
 * Signs clients in, opens their sockets and supervises them. Browsers use a one-time ticket, and cookies have no
 * effect, so that a foreign page has no sign-in to abuse: the Origin header does not matter.
 */
export class Sockets {
  private readonly server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: 4 * MAX_MESSAGE_BYTES,
  });
  private readonly peers = new Set<Peer>();
  private readonly backlog: UnsentBacklog;
  private readonly beats: NodeJS.Timeout;

  constructor(private readonly options: SocketsOptions) {
    this.backlog = new UnsentBacklog(options.limits.maxUnsentBytes, options.stats);
    this.beats = setInterval(() => this.beat(), options.limits.pingMs).unref();
    options.tokens.onTokenRevoked((id) => {
      for (const peer of this.peers) if (peer.signedIn.principal.id === id) peer.signOut();
    });
  }

  /** Accepts the upgrade if its path is one of the feeds; false: the path belongs to another handler. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    const { feeds, door, limits, stats } = this.options;
    const url = parseUrl(request.url);
    const feed = url && Object.hasOwn(feeds, url.pathname) ? feeds[url.pathname] : undefined;
    if (!url || !feed) return false;
    // Before the sign-in: it uses a ticket up, and a refused client must be able to come again.
    if (this.peers.size >= limits.maxClients) {
      stats.full += 1;
      refuseUpgrade(socket, 503, `${limits.maxClients} clients are connected; try again later`, url.pathname);
      return true;
    }
    const attempt = door.trying(request.socket.remoteAddress);
    const signedIn = this.signIn(request, url);
    if (signedIn === null) this.refuse(request, socket, url.pathname, attempt.waitS);
    else {
      attempt.signedIn();
      if (url.searchParams.has('ticket')) door.welcome(request);
      this.server.handleUpgrade(request, socket, head, (client) => {
        const peer = new Peer(client, socket, { signedIn, limits, stats, backlog: this.backlog });
        this.peers.add(peer);
        stats.opened += 1;
        stats.clients = this.peers.size;
        peer.onClose(() => {
          this.peers.delete(peer);
          stats.clients = this.peers.size;
        });
        feed.add(peer);
      });
    }
    return true;
  }

  /** Closes every client; `cut` cuts off those that do not answer. */
  close(): { readonly cut: () => void } {
    clearInterval(this.beats);
    for (const feed of Object.values(this.options.feeds)) feed.close();
    for (const peer of this.peers) peer.close(CLOSE.goingAway, 'the service stops');
    return {
      cut: () => {
        for (const peer of this.peers) peer.terminate();
      },
    };
  }

  private refuse(request: IncomingMessage, socket: Duplex, path: string, waitS: number | null): void {
    const { stats, audit } = this.options;
    if (waitS !== null) {
      stats.limited += 1;
      refuseUpgrade(socket, 429, `too many failed sign-ins from this address; wait ${waitS} s`, path, waitS);
      return;
    }
    stats.unauthorized += 1;
    const detail = 'this needs Authorization: Bearer <token>, or ?ticket= with a fresh one of POST /api/v1/ws-tickets';
    refuseUpgrade(socket, 401, detail, path);
    audit?.record({
      who: `address:${request.socket.remoteAddress ?? ''}`,
      action: `GET ${path}`,
      target: path,
      outcome: 'refused',
      detail: { status: 401 },
    });
  }

  private signIn(request: IncomingMessage, url: URL): SignedIn | null {
    const { tokens, tickets, tokenOf } = this.options;
    const ticket = url.searchParams.get('ticket');
    const token = ticket === null ? tokenOf(request.headers.authorization) : tickets.redeem(ticket);
    const principal = token === null ? null : tokens.authenticate(token);
    return principal && token !== null ? { principal, token } : null;
  }

  private beat(): void {
    for (const peer of this.peers) {
      if (this.options.tokens.authenticate(peer.signedIn.token) === null) peer.signOut();
      else peer.beat();
    }
  }
}

function parseUrl(target: string | undefined): URL | null {
  try {
    return new URL(target ?? '', 'http://localhost');
  } catch {
    return null;
  }
}

const CODES: Readonly<Record<number, string>> = {
  401: 'token_unknown',
  404: 'not_found',
  429: 'too_many_requests',
  503: 'too_many_clients',
};

/** Answers an upgrade request with a problem (RFC 9457) instead of a WebSocket, and ends the connection. */
export function refuseUpgrade(socket: Duplex, status: number, detail: string, path: string, retryAfterS = 5): void {
  const code = CODES[status] ?? 'error';
  const title = STATUS_CODES[status] ?? 'Error';
  const body = JSON.stringify({ type: `urn:problem:${code}`, title, status, code, detail, instance: path });
  socket.on('error', () => undefined);
  socket.end(
    [
      `HTTP/1.1 ${status} ${title}`,
      'Connection: close',
      'Content-Type: application/problem+json; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(body)}`,
      ...(status === 401 ? ['WWW-Authenticate: Bearer realm="park"'] : []),
      ...(status === 429 || status === 503 ? [`Retry-After: ${retryAfterS}`] : []),
      '',
      body,
    ].join('\r\n'),
    () => socket.destroy(),
  );
}
