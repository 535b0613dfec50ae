import type { AlarmFilter } from '../../alarms/model/filter.js';
import type { AlarmKpis, Alarms } from '../../alarms/port.js';
import type { WriteTime } from '../../model/time/rfc3339.js';
import type { RegistryLookups } from '../../registry/port.js';
import { textFrame } from '../frame.js';
import type { WsLimits } from '../limits.js';
import type { FeedPeer } from '../peer.js';
import type { WsStats } from '../port.js';
import type { AlarmWriter } from './alarm-writer.js';
import type { EventPages } from './event-pages.js';
import type { FanOut, LiveClient } from './fan-out.js';
import { filterKey } from './filter-group.js';
import type { Floods } from './floods.js';
import { pieceOf, type RecentEvents } from './recent-events.js';
import type { Snapshots } from './snapshots.js';

export interface AlarmFeedOptions {
  readonly alarms: Pick<Alarms, 'standing' | 'events' | 'headSeq' | 'oldestSeq' | 'onEvent'>;
  /** Without it clients get no floods. */
  readonly load?: Pick<AlarmKpis, 'floods' | 'onFlood'> | undefined;
  readonly registry: Pick<RegistryLookups, 'parks'> & Partial<Pick<RegistryLookups, 'parksNamed'>>;
  readonly time: WriteTime;
  readonly limits: WsLimits;
  readonly stats: WsStats;
  /** Receives errors of this program; the service closes the client concerned, which can resume. */
  readonly onFault: (error: unknown) => void;
  /** Monotonic milliseconds, to measure the time that sending takes. */
  readonly stopwatch?: () => number;
}

/** Parts shared by all clients of the feed. */
export interface FeedParts extends Pick<AlarmFeedOptions, 'alarms' | 'limits' | 'stats' | 'onFault'> {
  readonly writer: AlarmWriter;
  readonly recent: RecentEvents;
  readonly pages: EventPages;
  readonly fanOut: FanOut;
  readonly snapshots: Snapshots;
  readonly floods: Floods | null;
}

const GAP = textFrame('{"type":"gap"}');
const GONE = Symbol('gone');

/**
 * One client of the feed. It gets a snapshot or its missed events, read page by page from stored events as fast as it
 * takes them; it goes live as soon as recent events include its next one. One sequence number, handed over in a single
 * turn, marks its last event, so that no event is lost or sent twice.
 */
export class AlarmSubscriber {
  private live: LiveClient | null = null;
  private newest: symbol = GONE;
  private running: Promise<void> = Promise.resolve();

  constructor(
    readonly peer: FeedPeer,
    private readonly parts: FeedParts,
  ) {}

  /** Replaces the present subscription; a message in parts is finished first. */
  follow(filter: AlarmFilter, since: number | null): void {
    this.leave();
    const turn = Symbol('turn');
    this.newest = turn;
    const current = () => this.peer.open && this.newest === turn;
    this.running = this.running
      .then(() => this.run(filter, since, current))
      .catch((error) => {
        this.parts.onFault(error);
        this.peer.fail();
      });
  }

  leave(): void {
    this.newest = GONE;
    if (this.live) this.parts.fanOut.remove(this.live);
    this.live = null;
  }

  /** Returns to stored events: recent events have moved past the client. */
  fallBack(client: LiveClient): void {
    if (this.live !== client) return;
    this.live = null;
    this.follow(client.group.filter, client.seq);
  }

  private async run(filter: AlarmFilter, since: number | null, current: () => boolean): Promise<void> {
    const { alarms, recent, fanOut, floods, stats } = this.parts;
    // Writes from its live time.
    await this.peer.settled();
    let seq = since;
    while (current()) {
      if (seq === null || seq > alarms.headSeq() || seq + 1 < alarms.oldestSeq()) {
        if (seq !== null) {
          stats.gaps += 1;
          await this.peer.writeAndWait(GAP, 1);
        }
        seq = await this.sendSnapshot(filter, current);
      } else if (seq >= recent.base) {
        this.live = fanOut.add(this.peer, filter, seq, this);
        const now = floods?.now(filter);
        if (now) this.peer.write(now.frames, now.messages, () => undefined);
        return;
      } else {
        seq = await this.replay(filter, seq, current);
      }
    }
  }

  private async sendSnapshot(filter: AlarmFilter, current: () => boolean): Promise<number> {
    const { alarms, snapshots, writer, stats } = this.parts;
    const write = () => writer.snapshot(alarms.headSeq(), alarms.standing(filter), filter.sees);
    const snapshot = await snapshots.lend(this.peer, filterKey(filter), () => alarms.headSeq(), write, current);
    if (snapshot === null) return 0;
    try {
      stats.snapshots += 1;
      await this.peer.sendInParts(snapshot.text);
    } finally {
      snapshots.giveBack(this.peer, snapshot);
    }
    return snapshot.seq;
  }

  /** Sends the next page of stored events, and resolves to its last event once the client has taken it. */
  private async replay(filter: AlarmFilter, after: number, current: () => boolean): Promise<number> {
    const { pages, limits } = this.parts;
    const page = pages.after(after);
    let seq = after;
    while (current()) {
      const { frames, messages, upTo } = pieceOf(page.entries, 0, seq, filter, limits.pieceBytes);
      if (frames === null) break;
      await this.peer.writeAndWait(frames, messages);
      seq = upTo;
    }
    // Each page in its own turn, even for a fast client.
    await new Promise((resolve) => setImmediate(resolve));
    return page.end;
  }
}
