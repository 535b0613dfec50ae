import { describe, expect, it } from 'vitest';
import { newWsStats } from '../../../src/ws/port.js';
import { Tickets } from '../../../src/ws/tickets.js';

const HOUR = 3_600_000;

describe('a ticket', () => {
  it('lives no longer than its time, although the clock of the day is set back', () => {
    const time = { day: Date.UTC(2026, 10, 23), up: 5_000 };
    const limits = { maxTickets: 10, ticketMs: 60_000 };
    const tickets = new Tickets(
      limits,
      () => time.day,
      newWsStats(),
      () => time.up,
    );
    const early = tickets.issue('token');
    expect(early.expiresAt).toBe(time.day + 60_000);
    const late = tickets.issue('token');
    time.day -= HOUR;
    time.up += 59_999;
    expect(tickets.redeem(early.ticket)).toBe('token');
    time.up += 1;
    expect(tickets.redeem(late.ticket)).toBeNull();
  });

  it('is not pushed out by those of another token that asks for ever more', () => {
    const stats = newWsStats();
    const tickets = new Tickets({ maxTickets: 10, ticketMs: 60_000 }, () => 0, stats);
    const [first, second] = [tickets.issue('quiet'), tickets.issue('quiet')];
    const many = Array.from({ length: 50 }, () => tickets.issue('greedy').ticket);
    expect([tickets.redeem(first.ticket), tickets.redeem(second.ticket)]).toEqual(['quiet', 'quiet']);
    expect(many.map((ticket) => tickets.redeem(ticket)).filter((token) => token !== null)).toHaveLength(8);
    expect(tickets.redeem(many.at(-1)!)).toBeNull();
    expect(stats).toMatchObject({ tickets: 52, ticketsPushedOut: 42 });
    for (let n = 0; n < 30; n += 1) expect(tickets.redeem(tickets.issue('greedy').ticket)).toBe('greedy');
    expect(stats.ticketsPushedOut).toBe(42);
  });
});
