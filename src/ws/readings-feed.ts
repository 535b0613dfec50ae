import { given } from '../http/given.js';
import { deviceOf } from '../model/ids.js';
import type { DeviceReadings, Domain } from '../model/reading.js';
import type { WriteTime } from '../model/time/rfc3339.js';
import type { RegistryLookups } from '../registry/port.js';
import type { Peer } from './peer.js';
import type { WsStats } from './port.js';
import { named, onSubscribe, type ReadingsSubscribe, readingsSubscribeSchema, requestedParks } from './subscription.js';

interface ReadingsFeedOptions {
  readonly onReadings: (listener: (message: DeviceReadings) => void) => void;
  readonly registry: Pick<RegistryLookups, 'parks'>;
  readonly time: WriteTime;
  readonly stats: WsStats;
}

/** A client's selection; a field left out does not limit. */
interface Wanted {
  readonly parks?: ReadonlySet<string>;
  readonly domains?: ReadonlySet<Domain>;
  readonly devices?: ReadonlySet<string>;
}

/** The clients of `/ws/readings`: live values once durable, without replay; the API has the history. */
export class ReadingsFeed {
  private readonly wanted = new Map<Peer, Wanted>();
  private closed = false;

  constructor(private readonly options: ReadingsFeedOptions) {
    options.onReadings((message) => {
      if (this.wanted.size > 0 && !this.closed) this.tell(message);
    });
  }

  add(peer: Peer): void {
    peer.onClose(() => this.wanted.delete(peer));
    onSubscribe(peer, readingsSubscribeSchema, (message) => {
      this.wanted.set(peer, this.wantedBy(message, peer));
      peer.send(Buffer.from('{"type":"subscribed"}'));
    });
  }

  close(): void {
    this.closed = true;
  }

  private wantedBy({ parks, domains, devices }: ReadingsSubscribe, peer: Peer): Wanted {
    const inScope = requestedParks(peer.signedIn.principal, parks, this.options.registry);
    return given({ parks: inScope, domains: named(domains), devices: named(devices) });
  }

  private tell(message: DeviceReadings): void {
    const id = deviceOf(message.device);
    let frame: Buffer | null = null;
    for (const [peer, { parks, domains, devices }] of this.wanted) {
      if (parks && !parks.has(message.park)) continue;
      if (domains && !domains.has(message.domain)) continue;
      if (devices && !devices.has(id)) continue;
      frame ??= this.write(message, id);
      peer.send(frame);
    }
  }

  private write({ park, domain, receivedAt, readings }: DeviceReadings, device: string): Buffer {
    const { time } = this.options;
    const values = readings.map(({ metric, ts, value, flag, quality }) => ({
      metric,
      ts: time(ts),
      value,
      flag,
      quality,
    }));
    return Buffer.from(
      JSON.stringify({ type: 'readings', park, domain, device, receivedAt: time(receivedAt), readings: values }),
    );
  }
}
