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
});
