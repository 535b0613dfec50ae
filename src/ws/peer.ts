import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Principal } from '../model/access.js';
import type { UnsentBacklog } from './backlog.js';
import { CLOSE, type WsLimits } from './limits.js';
import type { WsStats } from './port.js';

/** The principal of a socket. The token is kept to notice when it ends before the socket. */
export interface SignedIn {
  readonly principal: Principal;
  readonly token: string;
}

/** The part of a client that the alarm feed needs. */
export type FeedPeer = Omit<Peer, 'send' | 'beat' | 'signOut' | 'terminate' | 'close' | 'shed'>;

interface PeerOptions {
  readonly signedIn: SignedIn;
  readonly limits: WsLimits;
  readonly stats: WsStats;
  readonly backlog: UnsentBacklog;
}

/** One open socket: everything sent passes its bound, and a client that does not keep up is closed. */
export class Peer {
  private alive = true;
  private messages = 0;
  /** Whether a message of several frames is in flight: no other may begin. */
  private inParts = false;
  private readonly idle: NodeJS.Timeout;
  private stall: NodeJS.Timeout | null = null;
  /** Messages and writes whose bytes may still be unsent. */
  private pending = 0;
  private readonly onSettled: (() => void)[] = [];
  private grace: NodeJS.Timeout | null = null;

  /** `connection` is the one below `socket`. */
  constructor(
    private readonly socket: WebSocket,
    private readonly connection: Duplex,
    private readonly options: PeerOptions,
  ) {
    const { limits, stats, backlog } = options;
    this.idle = setTimeout(() => {
      stats.idle += 1;
      this.close(CLOSE.policy, 'nothing was subscribed to');
    }, limits.idleMs);
    socket.on('pong', () => {
      this.alive = true;
    });
    // An error of a frame ends in `close`, RFC 6455 section 7.1.7.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      for (const timer of [this.idle, this.grace]) if (timer) clearTimeout(timer);
      backlog.set(this, 0);
      this.allTaken();
    });
  }

  get signedIn(): SignedIn {
    return this.options.signedIn;
  }

  get open(): boolean {
    return this.socket.readyState === this.socket.OPEN;
  }

  /** Calls `listener` with each message, up to the bound on messages. */
  onMessage(listener: (data: Buffer, binary: boolean) => void): void {
    this.socket.on('message', (data: Buffer, binary) => {
      if (!this.open) return;
      this.messages += 1;
      if (this.messages > this.options.limits.maxMessages) this.refuse('too_many_messages', 'too many messages');
      else listener(data, binary);
    });
  }

  onClose(listener: () => void): void {
    this.socket.on('close', listener);
  }

  subscribed(): void {
    clearTimeout(this.idle);
  }

  /** Sends text given as its bytes; closes the client instead when too much is unsent. */
  send(text: Buffer): void {
    if (!this.open) return;
    if (this.socket.bufferedAmount > this.options.limits.maxBufferedBytes) {
      this.closeSlow();
      return;
    }
    this.options.stats.sent += 1;
    this.socket.send(text, { binary: false }, () => this.taken());
    this.handedOver();
  }

  /**
   * Writes whole frames, the same bytes for many clients. Returns true when the system took them at once; else it calls
   * `onTaken` later, or closes the client when that takes too long.
   *
   * The frames bypass `ws` and go to the connection below. That is sound because `ws` also writes whole frames there at
   * once, as this service uses neither compression nor Blobs: frames cannot mix, and `bufferedAmount`, the unwritten
   * bytes of the connection, counts both.
   */
  write(frames: Buffer, messages: number, onTaken: () => void): boolean {
    if (!this.open) return true;
    this.options.stats.sent += messages;
    let waiting = false;
    this.connection.write(frames, () => {
      this.taken();
      if (waiting) onTaken();
    });
    waiting = this.handedOver() > 0;
    return !waiting;
  }

  /** As `write`; resolves once the system took the frames or the client is gone. */
  writeAndWait(frames: Buffer, messages: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.write(frames, messages, resolve)) resolve();
    });
  }

  /** Resolves once all bytes written are taken, or the client is gone. */
  settled(): Promise<void> {
    if (this.pending === 0 || this.socket.bufferedAmount === 0) return Promise.resolve();
    return new Promise((resolve) => this.onSettled.push(resolve));
  }

  /**
   * Sends one message of any size in parts, as the client takes them; resolves once it is taken or the client is gone.
   * Only control frames may go between, RFC 6455 section 5.4.
   */
  async sendInParts(text: Buffer): Promise<void> {
    const { pieceBytes } = this.options.limits;
    this.options.stats.sent += 1;
    this.inParts = true;
    for (let at = 0; at < text.length && this.open; at += pieceBytes) {
      const part = text.subarray(at, at + pieceBytes);
      await new Promise<void>((resolve) => {
        this.socket.send(part, { binary: false, fin: at + pieceBytes >= text.length }, () => {
          this.taken();
          resolve();
        });
        this.handedOver();
      });
    }
    this.inParts = false;
  }

  /** Sends the error and closes. */
  refuse(code: string, detail: string): void {
    this.options.stats.garbage += 1;
    if (this.open && !this.inParts) this.socket.send(JSON.stringify({ type: 'error', code, detail }));
    this.close(CLOSE.policy, code);
  }

  /** Closes because of a fault of the service; the client's data stay valid. */
  fail(): void {
    this.options.stats.failed += 1;
    this.close(CLOSE.fault, 'internal error: resume with since');
  }

  /** Cuts a client that did not answer the last ping, else pings it. */
  beat(): void {
    if (!this.alive) {
      // After a blocked event loop the pong may be unread: the loop reads sockets before it runs this.
      setImmediate(() => this.endDead());
      return;
    }
    this.alive = false;
    this.messages = 0;
    if (this.open) this.socket.ping();
  }

  private endDead(): void {
    if (this.alive || this.socket.readyState === this.socket.CLOSED) return;
    this.options.stats.dead += 1;
    this.socket.terminate();
  }

  /** The token ended before the socket. */
  signOut(): void {
    this.options.stats.signedOut += 1;
    this.close(CLOSE.signedOut, 'the token has ended');
  }

  terminate(): void {
    this.socket.terminate();
  }

  close(code: number, reason: string): void {
    this.socket.close(code, reason);
    // A client that does not read never sees the close frame.
    this.grace ??= setTimeout(() => this.socket.terminate(), this.options.limits.closeGraceMs);
  }

  closeSlow(): void {
    if (!this.open) return;
    this.options.stats.slow += 1;
    this.close(CLOSE.slow, 'too slow: resume with since');
  }

  /** Cuts the client because all clients together have too many unsent bytes. */
  shed(): void {
    this.closeSlow();
    this.socket.terminate();
  }

  /** Counts a write; returns the unsent bytes, and starts the timer for them. */
  private handedOver(): number {
    this.pending += 1;
    const unsent = this.socket.bufferedAmount;
    this.count(unsent);
    if (unsent > 0) this.stall ??= setTimeout(() => this.closeSlow(), this.options.limits.stallMs);
    return unsent;
  }

  private taken(): void {
    this.pending -= 1;
    // Control frames of `ws` may be left, which have no callback.
    this.count(this.pending === 0 ? 0 : this.socket.bufferedAmount);
    if (this.pending > 0) this.stall?.refresh();
    else this.allTaken();
  }

  /** A cut connection holds no bytes, whatever it reports. */
  private count(unsent: number): void {
    this.options.backlog.set(this, this.connection.destroyed ? 0 : unsent);
  }

  private allTaken(): void {
    if (this.stall) clearTimeout(this.stall);
    this.stall = null;
    for (const settled of this.onSettled.splice(0)) settled();
  }
}
