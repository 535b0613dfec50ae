import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Principal } from '../model/access.js';
import type { Backlog } from './backlog.js';
import { CLOSE, type WsLimits } from './limits.js';
import type { WsStats } from './port.js';

/** Who a socket belongs to. The token is kept to notice when it ends before the socket does. */
export interface SignedIn {
  readonly principal: Principal;
  readonly token: string;
}

/** What the alarm feed needs of a client. */
export type FeedPeer = Omit<Peer, 'send' | 'beat' | 'signOut' | 'terminate' | 'close' | 'shed'>;

interface PeerOptions {
  readonly signedIn: SignedIn;
  readonly limits: WsLimits;
  readonly stats: WsStats;
  readonly backlog: Backlog;
}

/** One open socket: everything that is sent passes its bound, and a client that does not keep up is closed. */
export class Peer {
  private alive = true;
  private messages = 0;
  /** A message of several frames is under way: no other may begin. */
  private inParts = false;
  private readonly idle: NodeJS.Timeout;
  private stall: NodeJS.Timeout | null = null;
  /** Messages and writes that were handed over and are not known to be taken. */
  private pending = 0;
  private readonly onSettled: (() => void)[] = [];
  private grace: NodeJS.Timeout | null = null;

  /** `connection` is what `socket` was opened on. */
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
    // What is wrong with a frame ends in `close`, RFC 6455 section 7.1.7.
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

  /** Calls with each message until the client has sent too many. */
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
   * Writes whole frames, the same bytes for many clients. True when they were taken at once; else `onTaken` is called
   * when they are, or the client is closed when that takes too long.
   *
   * They go past `ws` to the connection below it. That is sound because `ws` itself writes there at once and in whole
   * frames, as neither compression nor Blobs are used here: frames cannot get inside one another, and
   * `bufferedAmount`, which is what the connection has not written, counts both.
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

  /** As `write`; resolves once the frames were taken or the client is gone. */
  writeAndWait(frames: Buffer, messages: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.write(frames, messages, resolve)) resolve();
    });
  }

  /** Resolves once all that was handed over was taken, or the client is gone. */
  settled(): Promise<void> {
    if (this.pending === 0 || this.socket.bufferedAmount === 0) return Promise.resolve();
    return new Promise((resolve) => this.onSettled.push(resolve));
  }

  /**
   * Sends one message whatever its size, a part after the other as the client takes them; resolves once it was taken
   * or the client is gone. Nothing but control frames may go between, RFC 6455 section 5.4.
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

  /** Says what was wrong and closes. */
  refuse(code: string, detail: string): void {
    this.options.stats.garbage += 1;
    if (this.open && !this.inParts) this.socket.send(JSON.stringify({ type: 'error', code, detail }));
    this.close(CLOSE.policy, code);
  }

  /** Closes because of a fault of the service; what the client has stays right. */
  fail(): void {
    this.options.stats.failed += 1;
    this.close(CLOSE.fault, 'internal error: resume with since');
  }

  /** Drops a client that did not answer the last ping, else pings it. */
  beat(): void {
    if (!this.alive) {
      this.options.stats.dead += 1;
      this.socket.terminate();
      return;
    }
    this.alive = false;
    this.messages = 0;
    if (this.open) this.socket.ping();
  }

  /** The token ended before the socket did. */
  signOut(): void {
    this.options.stats.signedOut += 1;
    this.close(CLOSE.signedOut, 'the token has ended');
  }

  terminate(): void {
    this.socket.terminate();
  }

  close(code: number, reason: string): void {
    this.socket.close(code, reason);
    // One that does not read never sees the close frame.
    this.grace ??= setTimeout(() => this.socket.terminate(), this.options.limits.closeGraceMs);
  }

  closeSlow(): void {
    if (!this.open) return;
    this.options.stats.slow += 1;
    this.close(CLOSE.slow, 'too slow: resume with since');
  }

  /** Too much is unsent for all clients together. */
  shed(): void {
    this.closeSlow();
    this.socket.terminate();
  }

  /** Counts what was handed over; gives the bytes not taken at once, and from now on they may not stay too long. */
  private handedOver(): number {
    this.pending += 1;
    const unsent = this.socket.bufferedAmount;
    this.count(unsent);
    if (unsent > 0) this.stall ??= setTimeout(() => this.closeSlow(), this.options.limits.stallMs);
    return unsent;
  }

  private taken(): void {
    this.pending -= 1;
    // Control frames of `ws` may be left, which nobody tells the end of.
    this.count(this.pending === 0 ? 0 : this.socket.bufferedAmount);
    if (this.pending > 0) this.stall?.refresh();
    else this.allTaken();
  }

  /** A connection that was cut holds nothing, whatever it says. */
  private count(unsent: number): void {
    this.options.backlog.set(this, this.connection.destroyed ? 0 : unsent);
  }

  private allTaken(): void {
    if (this.stall) clearTimeout(this.stall);
    this.stall = null;
    for (const settled of this.onSettled.splice(0)) settled();
  }
}
