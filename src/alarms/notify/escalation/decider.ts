import type { Database } from '../../../sqlite.js';
import type { Priority } from '../../model/class.js';
import { type Reach, reachOf } from '../../model/notify/channel.js';
import { advance, type Escalation, follow, type Telling, waitingSince } from '../../model/notify/escalation.js';
import type { NotifiedEvent } from '../../model/notify/event.js';
import type { EscalationPolicy } from '../../model/notify/policy.js';
import type { NotifyBounds } from '../bounds.js';
import type { ChannelBook } from '../channels/book.js';
import type { DeliveryStore } from '../delivery/store.js';
import { EscalationStore } from './store.js';

interface DeciderDeps {
  readonly db: Database;
  readonly channels: ChannelBook;
  readonly deliveries: DeliveryStore;
  readonly inFlight: (channel: string) => ReadonlySet<number>;
  readonly bounds: NotifyBounds;
}

/** What one transaction decided, for counters and callbacks once it is durable: nothing yet. */
const nothing = () => ({
  events: 0,
  missedEvents: 0,
  queued: 0,
  dropped: [] as Priority[],
  refused: 0,
  /** Alarms whose next level was told, in order. */
  escalated: [] as { readonly alarm: string; readonly level: number }[],
  /** Alarms followed, more or fewer. */
  grown: 0,
  /** There may be more due. */
  more: false,
});
export type Decisions = ReturnType<typeof nothing>;

/** Decides who is told what, and puts it in the queue in the same transaction. */
export class Decider {
  readonly store: EscalationStore;

  constructor(private readonly deps: DeciderDeps) {
    this.store = new EscalationStore(deps.db);
  }

  /** Inside a transaction of the caller's. `followed`: how many alarms are followed before it. */
  decide(events: readonly NotifiedEvent[], policy: EscalationPolicy, now: number, followed: number): Decisions {
    const made = nothing();
    this.followEvents(events, policy, now, followed, made);
    const channels = this.deps.channels.list().map(({ id, settings }) => ({ id, ...settings }));
    const reach = reachOf(channels);
    const due = this.store.due(now, policy, this.deps.bounds.batch);
    for (const known of due) this.reached(waitingSince(known, now), policy, reach, now, made);
    made.more = due.length === this.deps.bounds.batch;
    return made;
  }

  private followEvents(
    events: readonly NotifiedEvent[],
    policy: EscalationPolicy,
    now: number,
    followed: number,
    made: Decisions,
  ): void {
    let cursor = this.store.cursor();
    for (const event of events) {
      if (cursor !== null && event.seq <= cursor) continue;
      made.missedEvents += cursor === null ? 0 : event.seq - cursor - 1;
      cursor = event.seq;
      made.events += 1;
      const known = this.store.get(event.alarm.id);
      const { escalation, telling } = follow(known, event, now);
      if (telling) this.tell(telling, now, made);
      if (escalation === null) {
        if (known === null) continue;
        this.store.remove(event.alarm.id);
        made.grown -= 1;
        continue;
      }
      const full = followed + made.grown >= this.deps.bounds.escalations;
      if (known === null && full && event.alarm.priority !== 'critical') {
        made.refused += 1;
        continue;
      }
      if (known === null) made.grown += 1;
      this.store.put(escalation, policy);
    }
    if (made.events > 0 && cursor !== null) this.store.putCursor(cursor);
  }

  private reached(known: Escalation, policy: EscalationPolicy, reach: Reach, now: number, made: Decisions): void {
    const decided = advance(policy, known, reach, now);
    // A policy that lost levels leaves nothing due; storing works the time out anew.
    const { escalation, telling } = decided ?? { escalation: known, telling: null };
    if (escalation) this.store.put(escalation, policy);
    if (!telling) return;
    this.tell(telling, now, made);
    if (telling.level > 1) made.escalated.push({ alarm: known.alarm.id, level: telling.level });
  }

  private tell({ key, channels, ...notice }: Telling, now: number, made: Decisions): void {
    const { deliveries, inFlight } = this.deps;
    for (const channel of channels) {
      // Told, and removed since.
      if (this.deps.channels.get(channel) === undefined) continue;
      const dropped = deliveries.enqueue(channel, { id: `${key}-${channel}`, ...notice }, now, inFlight(channel));
      made.queued += 1;
      if (dropped !== null) made.dropped.push(dropped);
    }
  }
}
