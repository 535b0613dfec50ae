import { MINUTE_MS } from '../../../model/time/duration.js';
import { isOfFuture } from '../../../model/time/trust.js';
import { retryDelay } from '../../model/notify/retry.js';
import type { NotifyParts } from '../bounds.js';
import type { ChannelBook } from '../channels/book.js';
import type { Channel, Health } from '../channels/channel.js';
import type { Delivery } from '../port.js';
import type { NoticeSender } from '../send/sender.js';
import type { Outcome } from './outcome.js';
import type { DeliveryStore } from './store.js';

/** Deliveries in flight to one channel, and its budget for more. */
class Lane {
  /** In flight, or with an outcome that is not stored yet. */
  readonly inFlight = new Set<number>();
  private pause: { readonly from: number; readonly until: number } | null = null;

  /** `tried`: times of the attempts of the last minute, rising. */
  constructor(private tried: number[] = []) {}

  /** How many messages the channel may send at `now`. */
  room(now: number, perMinute: number, concurrency: number): number {
    const { pause } = this;
    if (pause !== null && !isOfFuture(pause.from, now) && now < pause.until) return 0;
    while (this.tried[0] !== undefined && this.tried[0] <= now - MINUTE_MS) this.tried.shift();
    if (this.tried.some((at) => isOfFuture(at, now))) this.tried = this.tried.filter((at) => !isOfFuture(at, now));
    return Math.min(concurrency - this.inFlight.size, perMinute - this.tried.length);
  }

  begin(delivery: number, now: number): void {
    this.inFlight.add(delivery);
    this.tried.push(now);
  }

  /** Pauses the channel for `ms`, as its receiver asked. */
  leaveAlone(now: number, ms: number): void {
    const until = now + ms;
    const { pause } = this;
    if (pause === null || isOfFuture(pause.from, now) || pause.until < until) this.pause = { from: now, until };
  }
}

interface DispatcherDeps extends NotifyParts {
  readonly channels: ChannelBook;
  readonly deliveries: DeliveryStore;
  readonly sender: NoticeSender;
}

/** Outcome of an attempt, to be stored. */
interface Result {
  readonly delivery: Delivery;
  readonly outcome: Outcome;
  readonly now: number;
}

/**
 * Sends waiting deliveries, one lane per channel, so that no channel delays another. A delivery stays in flight until
 * its outcome is stored: a failing disk delays a sent delivery and does not repeat it.
 */
export class Dispatcher {
  private readonly lanes = new Map<string, Lane>();
  private readonly unstored: Result[] = [];
  private readonly running = new Set<Promise<void>>();
  private readonly closing = new AbortController();

  constructor(private readonly deps: DispatcherDeps) {}

  /** Sends all that the lanes allow at `now`. */
  run(now: number): void {
    if (this.closing.signal.aborted) return;
    for (const result of this.unstored.splice(0)) this.track(this.store(result));
    for (const channel of this.deps.channels.list()) if (channel.settings.enabled) this.fill(channel, now);
  }

  inFlight(channel: string): ReadonlySet<number> {
    return this.lane(channel).inFlight;
  }

  forget(channel: string): void {
    this.lanes.delete(channel);
  }

  /** Sends at once, past the queue. */
  async sendNow(channel: Channel, notice: Delivery['notice']): Promise<Outcome> {
    const { clock, channels, sender, state } = this.deps;
    const outcome = await sender.send(channel, notice, this.closing.signal);
    const health = channels.healthAfter(channel.id, errorOf(outcome), clock());
    await state.commit(() => channels.storeHealth(channel.id, health));
    channels.showHealth(channel.id, health);
    return outcome;
  }

  /** Aborts deliveries in flight; they wait for the next start. */
  async close(): Promise<void> {
    this.closing.abort();
    while (this.running.size > 0) await Promise.all(this.running);
    for (const result of this.unstored.splice(0)) await this.store(result);
  }

  private fill(channel: Channel, now: number): void {
    const { deliveries, bounds } = this.deps;
    const lane = this.lane(channel.id);
    const room = lane.room(now, channel.settings.perMinute, bounds.concurrency);
    if (room <= 0) return;
    for (const delivery of deliveries.due(channel.id, now, room, lane.inFlight)) {
      lane.begin(delivery.id, now);
      this.track(this.attempt(channel, delivery));
    }
  }

  private async attempt(channel: Channel, delivery: Delivery): Promise<void> {
    const outcome = await this.deps.sender.send(channel, delivery.notice, this.closing.signal);
    // An attempt that `close` aborted says nothing about the channel.
    if (this.closing.signal.aborted && outcome.kind !== 'sent') return;
    await this.store({ delivery, outcome, now: this.deps.clock() });
  }

  private async store(result: Result): Promise<void> {
    const { state, channels, stats, log } = this.deps;
    const { delivery, outcome, now } = result;
    const { channel } = delivery;
    const known = channels.get(channel) !== undefined;
    const health = channels.healthAfter(channel, errorOf(outcome), now);
    const wait = this.waitAfter(result);
    try {
      await state.commit(() => {
        this.write(result, wait);
        if (known) channels.storeHealth(channel, health);
      });
    } catch (error) {
      stats.failedWrites += 1;
      log.error({ err: error, delivery: delivery.id }, 'cannot store the outcome of a delivery yet');
      this.unstored.push(result);
      return;
    }
    this.count(result, wait);
    if (known) this.tellHealth(channel, health);
    const lane = this.lane(channel);
    lane.inFlight.delete(delivery.id);
    const asked = outcome.kind === 'retry' ? outcome.askedMs : null;
    if (asked !== null) lane.leaveAlone(now, Math.min(asked, this.deps.bounds.retry.mostAskedMs));
    const after = channels.get(channel);
    if (after?.settings.enabled && !this.closing.signal.aborted) this.fill(after, this.deps.clock());
  }

  /** Milliseconds to the next attempt; null when the delivery is over. */
  private waitAfter({ delivery, outcome }: Result): number | null {
    const { bounds, random } = this.deps;
    const attempts = delivery.attempts + 1;
    if (outcome.kind !== 'retry' || attempts >= bounds.retry.attempts) return null;
    return retryDelay(attempts, outcome.askedMs, random(), bounds.retry);
  }

  private write({ delivery, outcome, now }: Result, wait: number | null): void {
    const { deliveries } = this.deps;
    const attempts = delivery.attempts + 1;
    if (outcome.kind === 'sent') deliveries.finish(delivery.id, 'sent', attempts, now, outcome.note);
    else if (wait === null) deliveries.finish(delivery.id, 'dead', attempts, now, outcome.error);
    else deliveries.fail(delivery.id, attempts, now, now + wait, outcome.error);
  }

  private count({ delivery, outcome }: Result, wait: number | null): void {
    const { stats, log } = this.deps;
    if (outcome.kind === 'sent') stats.sent += 1;
    else stats.failedAttempts += 1;
    if (outcome.kind === 'sent' || wait !== null) return;
    stats.dead += 1;
    const { id, channel } = delivery;
    log.warn(
      { channel, delivery: id, error: outcome.error },
      'a notification was given up; it can be sent again through the API',
    );
  }

  private tellHealth(channel: string, health: Health): void {
    const { channels, log } = this.deps;
    const before = channels.health(channel).failingSince;
    channels.showHealth(channel, health);
    if (before === null && health.failingSince !== null) {
      log.warn({ channel, error: health.error }, 'a notification channel has begun to fail');
    }
    if (before !== null && health.failingSince === null) log.info(`notification channel ${channel} works again`);
  }

  private lane(channel: string): Lane {
    const known = this.lanes.get(channel);
    if (known) return known;
    const now = this.deps.clock();
    const lane = new Lane(this.deps.deliveries.triedSince(channel, now - 60_000, now));
    this.lanes.set(channel, lane);
    return lane;
  }

  private track(work: Promise<void>): void {
    const done = work
      .catch((error) => this.deps.log.error({ err: error }, 'a notification channel stopped on an error'))
      .finally(() => this.running.delete(done));
    this.running.add(done);
  }
}

function errorOf(outcome: Outcome): string | null {
  return outcome.kind === 'sent' ? null : outcome.error;
}
