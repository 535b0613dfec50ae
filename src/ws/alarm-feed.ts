import type { Alarms } from '../alarms/port.js';
import type { Alarm, AlarmEvent } from '../domain/alarm/alarm.js';
import { type AlarmFilter, matches } from '../domain/alarm/filter.js';
import { alarmToWire, type WriteTime } from '../domain/alarm/wire.js';
import type { RegistryLookups } from '../registry/port.js';
import type { WsLimits } from './limits.js';
import type { Peer } from './peer.js';
import type { WsStats } from './port.js';
import { alarmFilter, alarmSubscribeSchema, parseMessage } from './subscription.js';

export interface AlarmFeedOptions {
  readonly alarms: Pick<Alarms, 'standing' | 'events' | 'headSeq' | 'oldestSeq' | 'onEvent'>;
  readonly registry: Pick<RegistryLookups, 'parks'>;
  readonly time: WriteTime;
  readonly limits: WsLimits;
  readonly stats: WsStats;
}

const GAP = Buffer.from('{"type":"gap"}');

/** The clients of `/ws/alarms`; each event is written once for all of them. */
export class AlarmFeed {
  private readonly live = new Set<AlarmSubscriber>();
  private readonly written = new WeakMap<Alarm, string>();
  private readonly stop: () => void;

  constructor(readonly options: AlarmFeedOptions) {
    this.stop = options.alarms.onEvent((event) => this.tell(event));
  }

  add(peer: Peer): void {
    const subscriber = new AlarmSubscriber(peer, this);
    peer.onClose(() => this.live.delete(subscriber));
    peer.onMessage((data, binary) => {
      const message = parseMessage(alarmSubscribeSchema, data, binary);
      if (typeof message === 'string') {
        peer.refuse('invalid_subscribe', message);
        return;
      }
      peer.subscribed();
      this.live.delete(subscriber);
      const filter = alarmFilter(message, peer.signedIn.principal, this.options.registry);
      void subscriber.follow(filter, message.since ?? null);
    });
  }

  close(): void {
    this.stop();
  }

  /** From now on the subscriber is told of every event as it happens. */
  goLive(subscriber: AlarmSubscriber): void {
    this.live.add(subscriber);
  }

  snapshot(filter: AlarmFilter): Buffer {
    const alarms = this.options.alarms.standing(filter).map((alarm) => this.write(alarm));
    return Buffer.from(`{"type":"snapshot","seq":${this.options.alarms.headSeq()},"alarms":[${alarms.join()}]}`);
  }

  frame({ seq, event, alarm }: AlarmEvent): Buffer {
    return Buffer.from(`{"type":"alarm","seq":${seq},"event":"${event}","alarm":${this.write(alarm)}}`);
  }

  private tell(event: AlarmEvent): void {
    let frame: Buffer | null = null;
    for (const subscriber of this.live) {
      if (!matches(subscriber.filter, event.alarm)) continue;
      frame ??= this.frame(event);
      subscriber.peer.send(frame);
    }
  }

  private write(alarm: Alarm): string {
    let text = this.written.get(alarm);
    if (text === undefined) {
      text = JSON.stringify(alarmToWire(alarm, this.options.time));
      this.written.set(alarm, text);
    }
    return text;
  }
}

/**
 * One client of the feed. It gets a snapshot or what it missed, read page by page from the record of events as fast as
 * it takes them; once it has the newest event it goes live in the same turn, so that none is lost or told twice.
 */
class AlarmSubscriber {
  filter: AlarmFilter = {};
  private turn = 0;

  constructor(
    readonly peer: Peer,
    private readonly feed: AlarmFeed,
  ) {}

  /** A later call takes the place of an earlier one. */
  async follow(filter: AlarmFilter, since: number | null): Promise<void> {
    const { alarms, limits, stats } = this.feed.options;
    this.filter = filter;
    this.turn += 1;
    const turn = this.turn;
    const current = () => this.peer.open && turn === this.turn;

    let seq = since;
    while (current()) {
      if (seq === null || seq > alarms.headSeq() || seq + 1 < alarms.oldestSeq()) {
        if (seq !== null) {
          stats.gaps += 1;
          this.peer.send(GAP);
        }
        seq = alarms.headSeq();
        stats.snapshots += 1;
        await this.peer.sendAndWait(this.feed.snapshot(filter));
      } else if (seq === alarms.headSeq()) {
        this.feed.goLive(this);
        return;
      } else {
        seq = await this.replay(seq, limits.replayPage);
      }
    }
  }

  /** Sends the next page of events after `seq` that pass the filter; resolves to the last one read once they left. */
  private async replay(seq: number, limit: number): Promise<number> {
    const page = this.feed.options.alarms.events({ afterSeq: seq, limit });
    const frames = page.filter((event) => matches(this.filter, event.alarm)).map((event) => this.feed.frame(event));
    const last = frames.pop();
    for (const frame of frames) this.peer.send(frame);
    if (last) await this.peer.sendAndWait(last);
    else await new Promise((resolve) => setImmediate(resolve));
    return page.at(-1)?.seq ?? seq;
  }
}
