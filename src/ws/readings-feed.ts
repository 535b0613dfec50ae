import type { WriteTime } from '../alarms/model/wire.js';
import { deviceOf } from '../model/ids.js';
import type { DeviceReadings, Domain } from '../model/reading.js';
import type { RegistryLookups } from '../registry/port.js';
import type { Peer } from './peer.js';
import type { WsStats } from './port.js';
import { parksInScope, parseMessage, type ReadingsSubscribe, readingsSubscribeSchema } from './subscription.js';

interface ReadingsFeedOptions {
  readonly onReadings: (listener: (message: DeviceReadings) => void) => void;
  readonly registry: Pick<RegistryLookups, 'parks'>;
  readonly time: WriteTime;
  readonly stats: WsStats;
}

/** What one client wants; what is left out does not limit. */
interface Wanted {
  readonly parks?: ReadonlySet<string>;
  readonly domains?: ReadonlySet<Domain>;
  readonly devices?: ReadonlySet<string>;
}

/** The clients of `/ws/readings`: live values as they become durable, without replay; history is the API's. */
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
    peer.onMessage((data, binary) => {
      const message = parseMessage(readingsSubscribeSchema, data, binary);
      if (typeof message === 'string') {
        peer.refuse('invalid_subscribe', message);
        return;
      }
      peer.subscribed();
      this.wanted.set(peer, this.wantedBy(message, peer));
      peer.send(Buffer.from('{"type":"subscribed"}'));
    });
  }

  close(): void {
    this.closed = true;
  }

  private wantedBy({ parks: asked, domains, devices }: ReadingsSubscribe, peer: Peer): Wanted {
    const parks = parksInScope(peer.signedIn.principal, asked, this.options.registry);
    return {
      ...(parks && { parks }),
      ...(domains?.length && { domains: new Set(domains) }),
      ...(devices?.length && { devices: new Set(devices) }),
    };
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
