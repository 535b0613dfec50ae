import type { WebSocket } from 'ws';
import type { Principal } from '../domain/access.js';
import { CLOSE, type WsLimits } from './limits.js';
import type { WsStats } from './port.js';

/** Who a socket belongs to. The token is kept to notice when it ends before the socket does. */
export interface SignedIn {
  readonly principal: Principal;
  readonly token: string;
}

/** One open socket: everything that is sent passes its bound, and a client that does not keep up is closed. */
export class Peer {
  private alive = true;
  private messages = 0;
  private readonly idle: NodeJS.Timeout;
  private grace: NodeJS.Timeout | null = null;

  constructor(
    private readonly socket: WebSocket,
    readonly signedIn: SignedIn,
    private readonly limits: WsLimits,
    private readonly stats: WsStats,
  ) {
    this.idle = setTimeout(() => {
      this.stats.idle += 1;
      this.close(CLOSE.policy, 'nothing was subscribed to');
    }, limits.idleMs);
    socket.on('pong', () => {
      this.alive = true;
    });
    // What is wrong with a frame ends in `close`, RFC 6455 section 7.1.7.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(this.idle);
      if (this.grace) clearTimeout(this.grace);
    });
  }

  get open(): boolean {
    return this.socket.readyState === this.socket.OPEN;
  }

  /** Calls with each message until the client has sent too many. */
  onMessage(listener: (data: Buffer, binary: boolean) => void): void {
    this.socket.on('message', (data: Buffer, binary) => {
      if (!this.open) return;
      this.messages += 1;
      if (this.messages > this.limits.maxMessages) this.refuse('too_many_messages', 'too many messages');
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
    if (this.socket.bufferedAmount > this.limits.maxBufferedBytes) {
      this.closeSlow();
      return;
    }
    this.stats.sent += 1;
    this.socket.send(text, { binary: false });
  }

  /** Sends whatever its size and resolves once it has left; closes a client that does not take it in time. */
  sendAndWait(text: Buffer): Promise<void> {
    if (!this.open) return Promise.resolve();
    return new Promise((resolve) => {
      const stalled = setTimeout(() => {
        this.closeSlow();
        resolve();
      }, this.limits.stallMs);
      this.stats.sent += 1;
      this.socket.send(text, { binary: false }, () => {
        clearTimeout(stalled);
        resolve();
      });
    });
  }

  /** Says what was wrong and closes. */
  refuse(code: string, detail: string): void {
    this.stats.garbage += 1;
    if (this.open) this.socket.send(JSON.stringify({ type: 'error', code, detail }));
    this.close(CLOSE.policy, code);
  }

  /** Drops a client that did not answer the last ping, else pings it. */
  beat(): void {
    if (!this.alive) {
      this.stats.dead += 1;
      this.socket.terminate();
      return;
    }
    this.alive = false;
    this.messages = 0;
    if (this.open) this.socket.ping();
  }

  /** The token ended before the socket did. */
  signOut(): void {
    this.stats.signedOut += 1;
    this.close(CLOSE.signedOut, 'the token has ended');
  }

  terminate(): void {
    this.socket.terminate();
  }

  close(code: number, reason: string): void {
    this.socket.close(code, reason);
    // One that does not read never sees the close frame.
    this.grace ??= setTimeout(() => this.socket.terminate(), this.limits.closeGraceMs);
  }

  private closeSlow(): void {
    if (!this.open) return;
    this.stats.slow += 1;
    this.close(CLOSE.slow, 'too slow: resume with since');
  }
}
