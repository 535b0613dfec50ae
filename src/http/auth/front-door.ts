import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { TokenChecks } from '../../registry/port.js';
import { Budgets } from './budgets.js';
import { tokenOf } from './credentials.js';

/** Bounds of what is done for somebody who has not shown a token. */
const DOOR_BOUNDS = {
  /** Requests of one address without a right token in `windowMs`, health included. */
  requests: 400,
  windowMs: 10_000,
  /** Addresses that are counted apart. */
  addresses: 10_000,
  /** Failed sign-ins of one address in a minute. */
  failuresPerMinute: 30,
  /** Requests of one connection that were sent before those ahead of them were answered. */
  pipelined: 32,
  /** A connection that is turned away is kept waiting so long, so that it does not come again at once. */
  holdMs: 500,
  /** Most connections kept waiting; more are answered at once. */
  held: 500,
};
export type DoorBounds = Readonly<typeof DOOR_BOUNDS>;

/** A request costs as much as so many connections of gateways, which have bounds of their own behind the door. */
const REQUEST = 4;
const GATEWAY = 1;

interface Line {
  unanswered: number;
  cut: boolean;
}

/**
 * Stands before everything of HTTP: counts what strangers ask by their address before any of it is looked at, and turns
 * away what is beyond the bound at the least cost there is. Who has a right token pays nothing, and is let through
 * whatever others at the same address do.
 */
export class FrontDoor {
  readonly stats = {
    /** Requests and upgrades turned away before they were looked at. */
    turnedAway: 0,
    /** Of these, those that were sent ahead of too many others on their connection. */
    pipelined: 0,
    /** Failed sign-ins beyond the bound of their address. */
    failures: 0,
    /** Addresses that are counted now. */
    addresses: 0,
  };
  private readonly bounds: DoorBounds;
  private readonly strangers: Budgets;
  private readonly failures: Budgets;
  private readonly lines = new WeakMap<Socket, Line>();
  private held = 0;

  constructor(
    private readonly tokens: Pick<TokenChecks, 'check'>,
    bounds: Partial<DoorBounds> = {},
    uptime?: () => number,
  ) {
    this.bounds = { ...DOOR_BOUNDS, ...bounds };
    const { requests, windowMs, addresses: keys, failuresPerMinute } = this.bounds;
    this.strangers = new Budgets({ limit: requests * REQUEST, windowMs, keys }, uptime);
    this.failures = new Budgets({ limit: failuresPerMinute, windowMs: 60_000, keys }, uptime);
  }

  /** Every request to `server` passes the door before its listeners of now. */
  guard(server: Server): void {
    server.on('connection', (socket: Socket) => {
      const line = { unanswered: 0, cut: false };
      this.lines.set(socket, line);
      readInSlices(socket, () => line.cut);
    });
    const behind = server.listeners('request') as ((request: IncomingMessage, response: ServerResponse) => void)[];
    server.removeAllListeners('request');
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      if (!this.enter(request, response)) return;
      for (const listener of behind) listener.call(server, request, response);
    });
  }

  /** Seconds that the sender of an upgrade request has to wait, or null when it may come in. */
  upgrade(request: IncomingMessage, toGateways: boolean): number | null {
    readWhole(request.socket);
    const key = addressKey(request.socket.remoteAddress);
    if (this.admits(key, request, toGateways ? GATEWAY : REQUEST)) return null;
    this.stats.turnedAway += 1;
    return this.strangers.waitS(key);
  }

  /** An upgrade that was let in turned out to be somebody's who may. */
  welcome(request: IncomingMessage): void {
    this.strangers.giveBack(addressKey(request.socket.remoteAddress), REQUEST);
  }

  /**
   * A sign-in is about to be tried from the address, and counts as failed until `signedIn`. Seconds to wait for who
   * fails once more, null while there is room for that.
   */
  trying(address: string | undefined): { readonly signedIn: () => void; readonly waitS: number | null } {
    const key = addressKey(address);
    const counted = this.failures.spend(key);
    if (!counted) this.stats.failures += 1;
    return {
      signedIn: () => {
        if (counted) this.failures.giveBack(key);
        else this.stats.failures -= 1;
      },
      waitS: counted ? null : this.failures.waitS(key),
    };
  }

  private enter(request: IncomingMessage, response: ServerResponse): boolean {
    const { socket } = request;
    const line = this.lines.get(socket);
    if (line === undefined) return true;
    if (line.cut) return false;
    line.unanswered += 1;
    response.once('close', () => {
      line.unanswered -= 1;
    });
    if (line.unanswered > this.bounds.pipelined) {
      this.stats.pipelined += 1;
      this.turnAway(line, request, response, 1);
      return false;
    }
    const key = addressKey(socket.remoteAddress);
    if (this.admits(key, request, REQUEST)) return true;
    this.turnAway(line, request, response, this.strangers.waitS(key));
    return false;
  }

  private admits(key: string, request: IncomingMessage, cost: number): boolean {
    const counted = this.strangers.spend(key, cost);
    this.stats.addresses = this.strangers.size;
    if (counted && request.headers.authorization === undefined) return true;
    const known = this.isKnown(request);
    if (counted && known) this.strangers.giveBack(key, cost);
    return counted || known;
  }

  private isKnown(request: IncomingMessage): boolean {
    const token = tokenOf(request.headers.authorization, request.method === 'GET');
    return token !== null && typeof this.tokens.check(token) !== 'string';
  }

  /** One answer, the last of its connection: what else came on it is neither answered nor read on. */
  private turnAway(line: Line, request: IncomingMessage, response: ServerResponse, waitS: number): void {
    this.stats.turnedAway += 1;
    line.cut = true;
    request.socket.pause();
    const end = () => {
      response.writeHead(429, {
        connection: 'close',
        'content-type': 'application/problem+json',
        'retry-after': String(waitS),
      });
      response.end(problemText(waitS));
    };
    if (this.held >= this.bounds.held) {
      end();
      return;
    }
    this.held += 1;
    setTimeout(() => {
      this.held -= 1;
      end();
    }, this.bounds.holdMs).unref();
  }
}

/** RFC 9457, without the path: nothing of the request is looked at. */
const problemText = (waitS: number) =>
  JSON.stringify({
    type: 'urn:problem:too_many_requests',
    title: 'Too Many Requests',
    status: 429,
    code: 'too_many_requests',
    detail: `too many requests without a token from this address; wait ${waitS} s`,
    retryAfterS: waitS,
  });

/**
 * What counts as one stranger: an IPv4 address, or the /64 of an IPv6 address, which is what one customer is given and
 * may change within as often as they like.
 */
export function addressKey(address: string | undefined): string {
  if (address === undefined) return '';
  if (!address.includes(':')) return address;
  const [bare = ''] = address.split('%', 1);
  // An IPv4 address on a socket that takes both.
  if (bare.includes('.')) return bare.slice(bare.lastIndexOf(':') + 1);
  const [head = '', tail] = bare.split('::', 2);
  const before = groupsOf(head);
  const after = groupsOf(tail ?? '');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  return [...before, ...Array.from({ length: zeros }, () => 0), ...after]
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':');
}

function groupsOf(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16) || 0);
}

/** A slice holds some 30 of the shortest requests. */
const SLICE_BYTES = 1024;

/**
 * Hands what arrives to the HTTP parser in slices, and nothing more once `ended`. The parser turns all the requests of
 * a chunk into objects before it listens to anybody: 1,700 of the shortest, which cost more than answering one.
 */
function readInSlices(socket: Socket, ended: () => boolean): void {
  // The parser reads by itself, out of reach, until somebody else listens.
  const nobody = () => undefined;
  socket.on('data', nobody).off('data', nobody);
  const push = socket.push.bind(socket);
  socket.push = (chunk: Buffer | null, encoding?: BufferEncoding): boolean => {
    if (chunk === null) return push(null);
    let more = false;
    for (let at = 0; at < chunk.length && !ended(); at += SLICE_BYTES) {
      more = push(chunk.subarray(at, at + SLICE_BYTES), encoding);
    }
    return more;
  };
}

/** What is no HTTP any more arrives as it comes. */
function readWhole(socket: Socket): void {
  Reflect.deleteProperty(socket, 'push');
}
