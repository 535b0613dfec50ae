import { createHash, randomBytes } from 'node:crypto';
import type { WsLimits } from './limits.js';
import type { WsStats } from './port.js';

/** A ticket as it is handed out; `expiresAt` is epoch milliseconds. */
interface Ticket {
  readonly ticket: string;
  readonly expiresAt: number;
}

interface Waiting {
  readonly token: string;
  readonly expiresAt: number;
  /** On the clock that does not jump: one that is set back makes no ticket live longer. */
  readonly endsAt: number;
}

/**
 * One-time tickets: browsers cannot set headers on a WebSocket, and a URL ends up in logs. A ticket stands for the token
 * it was asked for with, which is checked again when it is used. Kept by their hashes, in order of age.
 */
export class Tickets {
  private readonly waiting = new Map<string, Waiting>();
  /** How many of them each token has. */
  private readonly perToken = new Map<string, number>();

  constructor(
    private readonly limits: Pick<WsLimits, 'maxTickets' | 'ticketMs'>,
    private readonly clock: () => number,
    private readonly stats: WsStats,
    private readonly uptime: () => number = () => performance.now(),
  ) {}

  issue(token: string): Ticket {
    this.dropExpired();
    if (this.waiting.size >= this.limits.maxTickets) this.pushOut();
    const ticket = randomBytes(32).toString('base64url');
    const { ticketMs } = this.limits;
    const expiresAt = this.clock() + ticketMs;
    this.waiting.set(hash(ticket), { token, expiresAt, endsAt: this.uptime() + ticketMs });
    this.perToken.set(token, (this.perToken.get(token) ?? 0) + 1);
    this.stats.tickets += 1;
    return { ticket, expiresAt };
  }

  /** The token the ticket stands for, this once; null when there is none such any more. */
  redeem(ticket: string): string | null {
    const key = hash(ticket);
    const found = this.waiting.get(key);
    if (found) this.drop(key, found.token);
    const isLive = found !== undefined && this.uptime() < found.endsAt && this.clock() < found.expiresAt;
    return isLive ? found.token : null;
  }

  private dropExpired(): void {
    const now = this.uptime();
    for (const [key, { token, endsAt }] of this.waiting) {
      if (endsAt > now) return;
      this.drop(key, token);
    }
  }

  /** The token with most tickets loses its oldest one, so that one token cannot use up all there are. */
  private pushOut(): void {
    const most = Math.max(...this.perToken.values());
    for (const [key, { token }] of this.waiting) {
      if (this.perToken.get(token) !== most) continue;
      this.drop(key, token);
      this.stats.ticketsPushedOut += 1;
      return;
    }
  }

  private drop(key: string, token: string): void {
    this.waiting.delete(key);
    const left = (this.perToken.get(token) ?? 1) - 1;
    if (left > 0) this.perToken.set(token, left);
    else this.perToken.delete(token);
  }
}

const hash = (ticket: string) => createHash('sha256').update(ticket).digest('base64');
