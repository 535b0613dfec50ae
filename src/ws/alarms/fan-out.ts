import type { AlarmFilter } from '../../alarms/model/filter.js';
import { type Left, Pace, type PaceLimits } from '../pace.js';
import type { FeedPeer } from '../peer.js';
import type { WsStats } from '../port.js';
import { type FilterGroup, FilterGroups } from './filter-group.js';
import type { RecentEvents } from './recent-events.js';

/** A client that is told of events as they happen, and the event up to which it knows everything. */
export interface LiveClient {
  readonly peer: FeedPeer;
  readonly group: FilterGroup;
  /** Takes the client back when recent events do not reach back to it any more. */
  readonly owner: { fallBack(client: LiveClient): void };
  seq: number;
}

/**
 * Tells live clients of new events. A client is either up to date, due, or taking what was written to it last; one that
 * takes long simply gets more at once when it is done, so nothing is queued for it and it holds nobody up. The due are
 * served in turn, each with everything it does not know yet in one write.
 */
export class FanOut {
  private upToDate = new Set<LiveClient>();
  private due = new Set<LiveClient>();
  private taking = new Set<LiveClient>();
  /** Clients to be served until everyone who was due has the newest urgent event. */
  private urgent = 0;
  private readonly groups: FilterGroups;
  private readonly pace: Pace;

  constructor(
    private readonly recent: RecentEvents,
    limits: PaceLimits & { readonly pieceBytes: number },
    private readonly now: () => number,
    private readonly stats: Pick<WsStats, 'fellBack'>,
    private readonly onFault: (error: unknown) => void,
  ) {
    this.groups = new FilterGroups(recent, limits.pieceBytes);
    this.pace = new Pace((until) => this.serveDue(until), limits, now);
  }

  /** Clients that are live, and different filters among them. */
  get size(): { readonly clients: number; readonly groups: number } {
    return { clients: this.upToDate.size + this.due.size + this.taking.size, groups: this.groups.size };
  }

  /** From now on the client gets everything after `seq`, which recent events hold. */
  add(peer: FeedPeer, filter: AlarmFilter, seq: number, owner: LiveClient['owner']): LiveClient {
    const client = { peer, group: this.groups.join(filter), owner, seq };
    if (seq >= this.recent.last) this.upToDate.add(client);
    else {
      this.due.add(client);
      this.pace.wake(false);
    }
    return client;
  }

  /** What was written to it still goes out; nothing more does. */
  remove(client: LiveClient): void {
    const was = this.upToDate.delete(client) || this.due.delete(client) || this.taking.delete(client);
    if (was) this.groups.leave(client.group);
  }

  /** Writes whole frames to every live client that they concern, between what it is told of events. */
  tellAll(frame: Buffer, concerns: (filter: AlarmFilter) => boolean): void {
    for (const clients of [this.upToDate, this.due, this.taking]) {
      for (const { peer, group } of clients) if (concerns(group.filter)) peer.write(frame, 1, () => undefined);
    }
  }

  /** Recent events have grown. */
  wake(urgent: boolean): void {
    if (this.due.size === 0) [this.due, this.upToDate] = [this.upToDate, this.due];
    else {
      for (const client of this.upToDate) this.due.add(client);
      this.upToDate.clear();
    }
    if (this.due.size === 0) return;
    if (urgent) this.urgent = this.due.size;
    this.pace.wake(urgent);
  }

  close(): void {
    this.pace.stop();
  }

  private serveDue(until: number): Left {
    for (const client of this.due) {
      this.due.delete(client);
      try {
        this.serve(client);
      } catch (error) {
        // One client's fault is not the others'.
        this.onFault(error);
        client.peer.fail();
      }
      this.urgent = Math.max(0, this.urgent - 1);
      if (this.now() >= until) break;
    }
    if (this.due.size > 0) return this.urgent > 0 ? 'urgent' : 'more';
    this.urgent = 0;
    return 'nothing';
  }

  private serve(client: LiveClient): void {
    if (client.seq < this.recent.base) {
      this.groups.leave(client.group);
      this.stats.fellBack += 1;
      client.owner.fallBack(client);
      return;
    }
    const { frames, messages, upTo } = client.group.piece(client.seq);
    client.seq = upTo;
    if (frames === null) {
      this.settle(client);
      return;
    }
    this.taking.add(client);
    const taken = client.peer.write(frames, messages, () => {
      if (this.taking.delete(client)) this.settle(client);
    });
    // Most take it at once: no need to wait until they say so.
    if (taken && this.taking.delete(client)) this.settle(client);
  }

  private settle(client: LiveClient): void {
    if (client.seq >= this.recent.last) this.upToDate.add(client);
    else {
      this.due.add(client);
      this.pace.wake(false);
    }
  }
}
