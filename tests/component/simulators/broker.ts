import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { Aedes, type PublishPacket } from 'aedes';
import { onTestFinished } from 'vitest';
import { GatewayLink, type LinkOptions } from '../../../simulators/link/gateway-link.js';

export const SECRET = 'a-secret-of-a-gateway';

export interface Received {
  readonly topic: string;
  readonly payload: string;
  readonly qos: number;
  readonly retain: boolean;
}

/** A bare broker on a free port of the loopback that takes every gateway with `SECRET` and keeps what it is sent. */
export class TestBroker {
  readonly received: Received[] = [];
  /** While true, publishes wait for their PUBACK. */
  holding = false;
  private held: (() => void)[] = [];
  private readonly sockets = new Set<Socket>();

  private constructor(
    readonly aedes: Aedes,
    private readonly server: Server,
  ) {}

  static async start(): Promise<TestBroker> {
    const aedes = await Aedes.createBroker();
    const server = createServer(aedes.handle);
    const broker = new TestBroker(aedes, server);
    server.on('connection', (socket) => {
      broker.sockets.add(socket);
      socket.on('close', () => broker.sockets.delete(socket));
    });
    aedes.authenticate = (_client, _user, password, done) => done(null, password?.toString() === SECRET);
    aedes.authorizePublish = (_client, packet, done) => {
      broker.keep(packet);
      if (broker.holding) broker.held.push(() => done(null));
      else done(null);
    };
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => broker.stop());
    return broker;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  readings(): Received[] {
    return this.received.filter(({ topic }) => topic.endsWith('/readings'));
  }

  status(): unknown[] {
    return this.received.filter(({ topic }) => topic.endsWith('/status')).map(({ payload }) => JSON.parse(payload));
  }

  release(): void {
    this.holding = false;
    for (const done of this.held.splice(0)) done();
  }

  /** Breaks every connection, as a restart of the broker does. */
  breakConnections(): void {
    this.held = [];
    for (const socket of this.sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    this.breakConnections();
    await new Promise<void>((resolve) => this.aedes.close(resolve));
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private keep({ topic, payload, qos, retain }: PublishPacket): void {
    this.received.push({ topic, payload: payload.toString(), qos, retain });
  }
}

/** A gateway of park `p1`, closed when the test ends. */
export function linkTo(broker: TestBroker, options: Partial<LinkOptions> = {}): GatewayLink {
  const link = new GatewayLink({
    broker: broker.url,
    park: 'p1',
    gateway: 'gw-p1',
    secret: SECRET,
    now: Date.now,
    reconnectMs: 20,
    ...options,
  });
  onTestFinished(() => link.close());
  return link;
}
