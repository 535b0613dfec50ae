import type { AlarmFilter } from '../../alarms/model/filter.js';
import { type Left, Pace, type PaceLimits } from '../pace.js';
import type { FeedPeer } from '../peer.js';
import type { WsStats } from '../port.js';
import { type FilterGroup, FilterGroups } from './filter-group.js';
import type { RecentEvents } from './recent-events.js';

/** A client that gets events live, and the last event that it has. */
export interface LiveClient {
  readonly peer: FeedPeer;
  readonly group: FilterGroup;
  /** Takes the client back when recent events no longer include its next one. */
  readonly owner: { fallBack(client: LiveClient): void };
  seq: number;
}

/**
 * Sends new events to live clients. A client is up to date, due, or still taking its last write; a slow one gets more
 * at once when it is ready, so that the service queues nothing for it and it delays no other. Due clients are served in
 * turn, each with all its missing events in one write.
 */
export class FanOut {
  private upToDate = new Set<LiveClient>();
  private due = new Set<LiveClient>();
  private taking = new Set<LiveClient>();
  /** Clients to serve until every due one has the newest urgent event. */
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

  /** Live clients, and different filters among them. */
  get size(): { readonly clients: number; readonly groups: number } {
    return { clients: this.upToDate.size + this.due.size + this.taking.size, groups: this.groups.size };
  }

  /** Sends the client everything after `seq`, which recent events must hold, from now on. */
  add(peer: FeedPeer, filter: AlarmFilter, seq: number, owner: LiveClient['owner']): LiveClient {
    const client = { peer, group: this.groups.join(filter), owner, seq };
    if (seq >= this.recent.last) this.upToDate.add(client);
    else {
      this.due.add(client);
      this.pace.wake(false);
    }
    return client;
  }

  /** Stops sending to the client; its last write still goes out. */
  remove(client: LiveClient): void {
    const was = this.upToDate.delete(client) || this.due.delete(client) || this.taking.delete(client);
    if (was) this.groups.leave(client.group);
  }

  /** Writes whole frames, between events, to every live client whose filter `concerns` accepts. */
  tellAll(frame: Buffer, concerns: (filter: AlarmFilter) => boolean): void {
    for (const clients of [this.upToDate, this.due, this.taking]) {
      for (const { peer, group } of clients) if (concerns(group.filter)) peer.write(frame, 1, () => undefined);
    }
  }

  /** Starts to send new recent events. */
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
        // One client's fault must not stop the others.
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
    // Most clients take the write at once, without a callback.
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
