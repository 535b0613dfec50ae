import type { WriteTime } from '../../model/time/rfc3339.js';
import { writeNow } from '../../state/port.js';
import type { NotifiedEvent } from '../model/notify/event.js';
import type { EscalationPolicy } from '../model/notify/policy.js';
import type { Text } from '../model/rule/rule.js';
import { utcTime } from '../model/wire.js';
import { NOTIFY_BOUNDS, type NotifyBounds, type NotifyParts } from './bounds.js';
import { ChannelBook, FailureReport } from './channels/book.js';
import { testNotice, viewOf } from './channels/channel.js';
import { Dispatcher } from './delivery/dispatcher.js';
import { DeliveryStore } from './delivery/store.js';
import { Decider } from './escalation/decider.js';
import { EventQueue } from './escalation/event-queue.js';
import { PolicyBook } from './escalation/policy-book.js';
import {
  type ChannelInput,
  type ChannelView,
  type Delivery,
  type DeliveryQuery,
  type Notifications,
  NotifyError,
  newNotifyStats,
  type PolicyVersion,
  type TestResult,
} from './port.js';
import { NoticeSender } from './send/sender.js';

export interface NotifierDeps extends Omit<NotifyParts, 'stats' | 'bounds'> {
  /** Reads stored alarm events, rising. */
  readonly events: (query: { readonly afterSeq: number; readonly limit: number }) => readonly NotifiedEvent[];
  /** Sequence number of the newest event. Events before the very first start are not told. */
  readonly headSeq: () => number;
  /** Called once per level beyond the first, after it is told. */
  readonly escalate: (alarm: string, level: number) => void;
  /** Called at every tick for each channel: seconds for which no attempt has succeeded; 0 while it works. */
  readonly onChannelHealth: (channel: string, failingSeconds: number) => void;
  /** Writes times for people; UTC when left out. */
  readonly time?: WriteTime;
  readonly parkName?: (park: string) => Text | undefined;
  /** Further certificate authorities for mail servers, PEM. */
  readonly mailCa?: string;
  readonly bounds?: Partial<NotifyBounds>;
}

/**
 * Tells people of alarms: follows the stored events from its own cursor, decides by the escalation policy, and sends
 * through a durable queue, at least once, under stable ids.
 */
export class Notifier implements Notifications {
  readonly stats = newNotifyStats();
  private readonly book: ChannelBook;
  private readonly policyBook: PolicyBook;
  private readonly queue: DeliveryStore;
  private readonly dispatcher: Dispatcher;
  private readonly decider: Decider;
  private readonly eventQueue: EventQueue;
  private readonly healthWatch: FailureReport;
  private readonly testing = new Set<string>();
  private closed = false;

  constructor(private readonly deps: NotifierDeps) {
    const { state, clock, onChannelHealth, mailCa, time = utcTime, parkName = () => undefined } = deps;
    const bounds = { ...NOTIFY_BOUNDS, ...deps.bounds };
    const parts = { ...deps, bounds, stats: this.stats };
    const channels = new ChannelBook(parts);
    const deliveries = new DeliveryStore(state.db, bounds);
    this.book = channels;
    this.policyBook = new PolicyBook(parts);
    this.queue = deliveries;
    const sender = new NoticeSender({ clock, bounds, mailCa, time, parkName });
    const dispatcher = new Dispatcher({ ...parts, channels, deliveries, sender });
    this.dispatcher = dispatcher;
    const inFlight = (channel: string) => dispatcher.inFlight(channel);
    const decider = new Decider({ db: state.db, channels, deliveries, bounds, inFlight });
    this.decider = decider;
    const policy = () => this.policyBook.newest.policy;
    this.eventQueue = new EventQueue({ ...parts, decider, deliveries, dispatcher, policy });
    this.healthWatch = new FailureReport(this.book, onChannelHealth);
    if (this.decider.store.cursor() === null) writeNow(state, () => this.decider.store.putCursor(deps.headSeq()));
    this.stats.escalations = this.decider.store.count();
  }

  /** Accepts durable events, in order; the next group commit decides on them. */
  onEvents(events: readonly NotifiedEvent[]): void {
    if (this.closed) return;
    this.eventQueue.hand(events);
  }

  /** Does what is due at `now`; resolves when the decisions are durable. Call it about once a second. */
  async tick(now: number): Promise<void> {
    if (this.closed) return;
    this.healthWatch.tell(now);
    await this.eventQueue.work(now);
  }

  /** Stops and aborts deliveries in flight; before the state file closes. */
  async close(): Promise<void> {
    this.closed = true;
    await this.eventQueue.close();
    await this.dispatcher.close();
  }

  channels(): readonly ChannelView[] {
    return this.book.list().map((channel) => viewOf(channel, this.book.health(channel.id), this.queue));
  }

  channel(id: string): ChannelView | undefined {
    const channel = this.book.get(id);
    return channel && viewOf(channel, this.book.health(id), this.queue);
  }

  putChannel(id: string, input: ChannelInput, who: string): { channel: ChannelView; created: boolean } {
    const { channel, created } = this.book.put(id, input, who);
    this.dispatcher.run(this.deps.clock());
    return { channel: viewOf(channel, this.book.health(id), this.queue), created };
  }

  removeChannel(id: string, who: string): void {
    if (!this.book.get(id)) throw unknownChannel(id);
    this.policyBook.requireUnused(id);
    const now = this.deps.clock();
    this.book.remove(id, who, () => this.queue.giveUp(Number.MAX_SAFE_INTEGER, now, 'the channel was removed', id));
    this.dispatcher.forget(id);
  }

  async testChannel(id: string, who: string): Promise<TestResult> {
    const channel = this.book.get(id);
    if (!channel) throw unknownChannel(id);
    if (this.testing.has(id)) throw new NotifyError('conflict', 'test_under_way', `channel ${id} is being tested`);
    this.testing.add(id);
    try {
      const started = this.deps.clock();
      const outcome = await this.dispatcher.sendNow(channel, testNotice(id, started));
      const error = outcome.kind === 'sent' ? outcome.note : outcome.error;
      const delivered = outcome.kind === 'sent';
      const detail = { delivered, error };
      this.deps.audit.record({ who, action: 'alarm_channel.test', target: id, outcome: 'done', detail });
      return { delivered, error, tookMs: this.deps.clock() - started };
    } finally {
      this.testing.delete(id);
    }
  }

  policy(): PolicyVersion {
    return this.policyBook.newest;
  }

  policies({ before, limit }: { readonly before?: number | undefined; readonly limit: number }): PolicyVersion[] {
    return this.policyBook.list(before, limit);
  }

  putPolicy(policy: EscalationPolicy, who: string, basedOn?: number): PolicyVersion {
    const isChannel = (id: string) => this.book.get(id) !== undefined;
    return this.policyBook.put(policy, who, basedOn, isChannel, (next) => this.decider.store.reschedule(next));
  }

  deliveries(query: DeliveryQuery): readonly Delivery[] {
    return this.queue.list(query);
  }

  delivery(id: number): Delivery | undefined {
    return this.queue.get(id);
  }

  retryDelivery(id: number, who: string): Delivery {
    const { state, audit, clock } = this.deps;
    const dead = this.queue.get(id);
    if (!dead) throw missing('unknown_delivery', `there is no delivery ${id}, or it is no longer kept`);
    if (dead.state !== 'dead') {
      const message = `delivery ${id} is ${dead.state}; only dead ones are sent again`;
      throw new NotifyError('conflict', 'delivery_not_dead', message);
    }
    const { channel } = dead;
    if (!this.book.get(channel)) throw new NotifyError('conflict', 'no_channel', `channel ${channel} is gone`);
    writeNow(state, () => {
      this.queue.revive(id, clock());
      const detail = { channel, alarm: dead.notice.alarm.id };
      audit.record({ who, action: 'alarm_delivery.retry', target: `alarm-deliveries/${id}`, outcome: 'done', detail });
    });
    this.dispatcher.run(clock());
    return this.queue.get(id) ?? dead;
  }
}

const missing = (code: string, message: string) => new NotifyError('missing', code, message);
const unknownChannel = (id: string) => missing('unknown_channel', `there is no channel ${id}`);
