import { HOUR_MS } from '../../../model/time/duration.js';
import { isOfFuture } from '../../../model/time/trust.js';
import type { NotifiedEvent } from '../../model/notify/event.js';
import type { EscalationPolicy } from '../../model/notify/policy.js';
import { errorText } from '../../port.js';
import type { NotifyParts } from '../bounds.js';
import type { Dispatcher } from '../delivery/dispatcher.js';
import type { DeliveryStore } from '../delivery/store.js';
import type { Decider, Decisions } from './decider.js';

interface EventQueueDeps extends NotifyParts {
  readonly events: (query: { readonly afterSeq: number; readonly limit: number }) => readonly NotifiedEvent[];
  readonly headSeq: () => number;
  readonly escalate: (alarm: string, level: number) => void;
  readonly policy: () => EscalationPolicy;
  readonly decider: Decider;
  readonly deliveries: DeliveryStore;
  readonly dispatcher: Dispatcher;
}

const GIVE_UP_EVERY_MS = 60_000;
/** The clock goes steadily while it moves by no more than this from one look to the next: there is one a second. */
const LEAP_MS = HOUR_MS;
/** For so long the clock has gone steadily before anything is given up: what a wrong clock makes old is tried first. */
const STEADY_MS = 6 * HOUR_MS;

/** Decides on events, one transaction at a time, and reads from the store what a crash or a failing disk delayed. */
export class EventQueue {
  /** Events handed over and not decided yet; empty while the queue must read the store. */
  private handed: NotifiedEvent[] = [];
  private behind = true;
  private pump: Promise<void> | null = null;
  private again = false;
  private closed = false;
  private gaveUpAt = Number.NEGATIVE_INFINITY;
  private lookedAt = Number.NEGATIVE_INFINITY;
  private steadySince = Number.POSITIVE_INFINITY;

  constructor(private readonly deps: EventQueueDeps) {}

  /** Accepts durable events, in order. */
  hand(events: readonly NotifiedEvent[]): void {
    if (this.handed.length + events.length > this.deps.bounds.batch) {
      this.behind = true;
      this.handed = [];
    }
    if (!this.behind) this.handed.push(...events);
    void this.work(this.deps.clock());
  }

  /** Stops after the running transaction. */
  async close(): Promise<void> {
    this.closed = true;
    await this.pump;
  }

  /** Decides what is due at `now`, and sends; resolves when the decisions are durable. */
  work(now: number): Promise<void> {
    this.again = true;
    this.pump ??= this.drain(now).finally(() => {
      this.pump = null;
      // Events that came after the last look would else wait for the next tick.
      if (this.again && !this.closed) void this.work(this.deps.clock());
    });
    return this.pump;
  }

  private async drain(now: number): Promise<void> {
    for (let at = now; this.again && !this.closed; at = Math.max(at, this.deps.clock())) {
      this.again = false;
      try {
        await this.decideOnce(at);
      } catch (error) {
        this.failed(error);
        this.again = false;
        break;
      }
    }
    if (this.closed) return;
    try {
      this.deps.dispatcher.run(Math.max(now, this.deps.clock()));
      this.deps.stats.waiting = this.deps.deliveries.waiting();
    } catch (error) {
      this.failed(error);
    }
  }

  private async decideOnce(now: number): Promise<void> {
    const { state, events: read, headSeq, decider, deliveries, stats } = this.deps;
    const { batch, waitMs } = this.deps.bounds;
    const handed = this.handed;
    this.handed = [];
    const cursor = decider.store.cursor() ?? 0;
    // The store supplies events that were never handed over, or with a gap.
    const unread = handed[0] === undefined ? headSeq() > cursor : handed[0].seq > cursor + 1;
    const readAll = this.behind || unread;
    const events = readAll ? read({ afterSeq: cursor, limit: batch }) : handed;
    this.behind = readAll && events.length === batch;
    if (Math.abs(now - this.lookedAt) > LEAP_MS) this.steadySince = now;
    this.lookedAt = now;
    const isOften = now - this.gaveUpAt < GIVE_UP_EVERY_MS && !isOfFuture(this.gaveUpAt, now);
    const givingUp = !isOften && now - this.steadySince >= STEADY_MS;
    const idle = events.length === 0 && !givingUp && decider.store.due(now, this.deps.policy(), 1).length === 0;
    // After a failure even an empty transaction tells whether the disk works again.
    if (idle && stats.failing === null) return;
    let made: Decisions | null = null;
    let given = 0;
    try {
      await state.commit(() => {
        made = decider.decide(events, this.deps.policy(), now, stats.escalations);
        if (givingUp) given = deliveries.giveUp(now - waitMs, now, 'waited too long');
      });
    } catch (error) {
      this.behind = true;
      throw error;
    }
    if (givingUp) this.gaveUpAt = now;
    stats.failing = null;
    stats.dead += given;
    if (made) this.made(made);
    if (this.behind) this.again = true;
  }

  private made(made: Decisions): void {
    const { stats } = this.deps;
    stats.events += made.events;
    stats.missedEvents += made.missedEvents;
    stats.queued += made.queued;
    stats.refusedEscalations += made.refused;
    stats.escalations += made.grown;
    for (const priority of made.dropped) stats.dropped[priority] += 1;
    if (made.more) this.again = true;
    for (const { alarm, level } of made.escalated) {
      try {
        this.deps.escalate(alarm, level);
      } catch (error) {
        this.deps.log.error({ err: error, alarm, level }, 'an escalation could not be recorded');
      }
    }
  }

  private failed(error: unknown): void {
    this.behind = true;
    const { stats, log } = this.deps;
    stats.failedWrites += 1;
    if (stats.failing === null) log.error({ err: error }, 'notification has stopped, trying again');
    stats.failing = errorText(error);
  }
}
