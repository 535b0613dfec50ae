import { performance } from 'node:perf_hooks';
import type { AlarmEvent } from '../../alarms/model/alarm.js';
import type { FeedPeer } from '../peer.js';
import { alarmFilter, alarmSubscribeSchema, onSubscribe } from '../subscription.js';
import { AlarmWriter } from './alarm-writer.js';
import { EventPages } from './event-pages.js';
import { FanOut } from './fan-out.js';
import { Floods } from './floods.js';
import { RecentEvents } from './recent-events.js';
import { Snapshots } from './snapshots.js';
import { type AlarmFeedOptions, AlarmSubscriber, type FeedParts } from './subscriber.js';

/** The clients of `/ws/alarms`. The feed writes each event once and sends it in short turns, so that ingest goes on. */
export class AlarmFeed {
  private readonly parts: FeedParts;
  private readonly stops: (() => void)[];

  constructor(private readonly options: AlarmFeedOptions) {
    const { alarms, load, registry, limits, stats, time, onFault, stopwatch = () => performance.now() } = options;
    const floods = load ? new Floods(load, registry, time) : null;
    const writer = new AlarmWriter(time, registry.parksNamed);
    const recent = new RecentEvents(alarms.headSeq(), limits.recentBytes);
    this.parts = {
      alarms,
      writer,
      recent,
      pages: new EventPages(alarms, (event) => writer.entry(event), limits),
      fanOut: new FanOut(recent, limits, stopwatch, stats, onFault),
      snapshots: new Snapshots(limits),
      floods,
      limits,
      stats,
      onFault,
    };
    this.stops = [alarms.onEvent((event) => this.tell(event))];
    if (floods) this.stops.push(floods.onChange((frame, concerns) => this.parts.fanOut.tellAll(frame, concerns)));
  }

  add(peer: FeedPeer): void {
    const subscriber = new AlarmSubscriber(peer, this.parts);
    peer.onClose(() => subscriber.leave());
    onSubscribe(peer, alarmSubscribeSchema, (message) => {
      const filter = alarmFilter(message, peer.signedIn.principal, this.options.registry);
      subscriber.follow(filter, message.since ?? null);
    });
  }

  close(): void {
    for (const stop of this.stops) stop();
    this.parts.fanOut.close();
    this.parts.snapshots.close();
  }

  private tell(event: AlarmEvent): void {
    const { recent, writer, fanOut } = this.parts;
    recent.append(writer.entry(event));
    fanOut.wake(event.alarm.priority === 'critical');
  }
}
