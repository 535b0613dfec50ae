import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { Aedes, type AedesOptions, type Client, type ConnectPacket, type PublishPacket } from 'aedes';
import type { Ingest } from '../ingest/port.js';
import type { GatewaySignIn } from '../registry/port.js';
import { emitterThatNeverWaits } from './emitter.js';
import { FrameSplitter } from './frame-splitter.js';
import { Keepalive } from './keepalive.js';
import { retainedOnly } from './persistence.js';
import type { BrokerStats, GatewayCounters, Refusal } from './port.js';
import { Presence } from './presence.js';
import { PublishLane } from './publish-lane.js';
import { readThrough } from './read-through.js';
import { type Session, Sessions } from './sessions.js';
import { judgePublish, judgeSubscribe } from './topic-rules.js';

/** Bounds of what a client may do; every one has a counter in BrokerStats. */
export interface BrokerBounds {
  readonly connections: number;
  readonly connectionsPerGateway: number;
  readonly subscriptionsPerConnection: number;
  /** Bytes of one MQTT packet; the contract's 256 KiB are judged by ingest, which can say so. */
  readonly packetBytes: number;
  readonly connectPacketBytes: number;
  /** Bytes a subscriber may leave unread before it is closed. */
  readonly unreadBytes: number;
  readonly connectTimeoutMs: number;
}

export const BROKER_BOUNDS: BrokerBounds = {
  connections: 5_000,
  connectionsPerGateway: 8,
  subscriptionsPerConnection: 100,
  packetBytes: 1024 * 1024,
  connectPacketBytes: 16 * 1024,
  unreadBytes: 1024 * 1024,
  connectTimeoutMs: 10_000,
};

export interface BrokerOptions {
  readonly gateways: GatewaySignIn;
  readonly ingest: Ingest;
  readonly clock: () => number;
  readonly onRefused: (refusal: Refusal) => void;
  readonly bounds?: Partial<BrokerBounds>;
  /** Milliseconds of a clock that does not jump, for keep-alive. */
  readonly uptime?: () => number;
}

/** An error we made on purpose: already counted, the connection ends. */
class Refused extends Error {
  override readonly name = 'Refused';
}

const BAD_USER_NAME_OR_PASSWORD = 4;
const MAX_NAME_IN_LOG = 80;

/** Signs gateways in, judges their topics, and holds each PUBACK of readings until ingest has them on disk. */
export class EmbeddedBroker {
  readonly stats: BrokerStats = {
    connected: 0,
    connections: 0,
    published: 0,
    signInsRefused: 0,
    topicsRefused: 0,
    packetsTooLarge: 0,
    protocolErrors: 0,
    connectionsRefused: 0,
    slowSubscribersClosed: 0,
    perGateway: new Map(),
  };
  private readonly bounds: BrokerBounds;
  private readonly sessions: Sessions;
  private readonly presence: Presence;
  private readonly fanOut = emitterThatNeverWaits();
  private readonly keepalive: Keepalive;
  private readonly splitters = new WeakMap<Duplex, FrameSplitter>();
  private readonly aedes: Aedes;

  private constructor(private readonly options: BrokerOptions) {
    this.bounds = { ...BROKER_BOUNDS, ...options.bounds };
    this.sessions = new Sessions(this.bounds.connectionsPerGateway);
    this.presence = new Presence(options.gateways, this.sessions, options.clock);
    this.keepalive = new Keepalive(options.uptime ?? (() => performance.now()));
    this.aedes = new Aedes({
      mq: this.fanOut.emitter,
      persistence: retainedOnly(),
      connectTimeout: this.bounds.connectTimeoutMs,
      maxTopicLevels: 16,
      maxClientsIdLength: 1_000,
      preConnect: this.preConnect,
      authenticate: this.authenticate,
      authorizePublish: this.authorizePublish,
      authorizeSubscribe: this.authorizeSubscribe,
      authorizeForward: this.authorizeForward,
    });
    this.aedes.on('clientReady', (client) => this.openLane(client));
    this.aedes.on('clientError', (client, error) => this.failed(client, error));
    this.aedes.on('connectionError', (client, error) => this.failed(client, error));
    options.gateways.onRevoked((gateway) => {
      for (const client of this.sessions.clientsOf(gateway)) client.close();
    });
  }

  static async start(options: BrokerOptions): Promise<EmbeddedBroker> {
    const broker = new EmbeddedBroker(options);
    await broker.aedes.listen();
    return broker;
  }

  /** Takes a connection over, from whichever listener. */
  handle(stream: Duplex, address: string, request?: IncomingMessage): void {
    if (this.stats.connected >= this.bounds.connections) {
      this.stats.connectionsRefused += 1;
      stream.destroy();
      return;
    }
    this.stats.connected += 1;
    this.stats.connections += 1;
    stream.once('close', () => {
      this.stats.connected -= 1;
    });
    this.keepalive.watch(stream);
    const { packetBytes, connectPacketBytes: connectBytes } = this.bounds;
    const splitter = new FrameSplitter({ packetBytes, connectBytes });
    this.splitters.set(stream, splitter);
    const onRead = () => this.keepalive.heard(stream);
    readThrough(stream, splitter, onRead, (error) => {
      this.stats.packetsTooLarge += 1;
      const gateway = this.sessions.of(client)?.gateway ?? null;
      this.options.onRefused({ kind: 'packet', gateway, address, reason: error.message });
      stream.destroy();
    });
    const client: Client & { address?: string } = this.aedes.handle(stream, request as IncomingMessage);
    client.address = address;
  }

  /** Whether anybody subscribed to anything: else what is not retained need not be published. */
  get heard(): boolean {
    return this.fanOut.subscribed();
  }

  publish(topic: string, payload: string | Uint8Array, options: { retain?: boolean; qos?: 0 | 1 } = {}): void {
    this.stats.published += 1;
    this.send(topic, Buffer.from(payload), options.qos ?? 0, options.retain ?? false);
  }

  private send(topic: string, payload: Buffer, qos: 0 | 1, retain: boolean): void {
    this.aedes.publish({ cmd: 'publish', topic, payload, qos, retain, dup: false }, () => undefined);
  }

  async close(): Promise<void> {
    this.keepalive.close();
    await new Promise<void>((resolve) => this.aedes.close(resolve));
  }

  /**
   * Client ids are kept apart by user name, so that no gateway can push another off by taking its client id; sessions
   * are not kept over a disconnect, which would let a client fill the memory by staying away.
   */
  private readonly preConnect: NonNullable<AedesOptions['preConnect']> = (client, packet: ConnectPacket, done) => {
    this.keepalive.expect(client.conn, packet.keepalive ?? 0);
    packet.keepalive = 0;
    packet.clientId = `${packet.username ?? ''}/${packet.clientId || randomUUID()}`;
    packet.clean = true;
    done(null, true);
  };

  private readonly authenticate: NonNullable<AedesOptions['authenticate']> = (client, username, password, done) => {
    const name = username ?? '';
    const refuse = (reason: string) => {
      this.stats.signInsRefused += 1;
      this.refused('sign_in', client, reason, name);
      done(Object.assign(new Refused(reason), { returnCode: BAD_USER_NAME_OR_PASSWORD }), false);
    };
    this.options.gateways.signIn(name, password?.toString('utf8') ?? '').then(
      (gateway) => {
        if (gateway === null) return refuse('wrong user name or password');
        const scope = { gateway: gateway.id, park: gateway.park };
        if (!this.sessions.add(client, scope, this.countersOf(gateway.id))) {
          return refuse('too many connections of this gateway');
        }
        client.conn.once('close', () => this.presence.left(client));
        if (client.conn.destroyed) this.presence.left(client);
        else this.presence.arrived(client);
        done(null, true);
      },
      () => refuse('sign-in is not possible right now'),
    );
  };

  private readonly authorizePublish: NonNullable<AedesOptions['authorizePublish']> = (client, packet, done) => {
    const session = this.sessions.of(client);
    if (client === null || session === undefined) return done(new Refused('not signed in'));
    const verdict = judgePublish(packet.topic, session);
    if (verdict.kind === 'refused') {
      this.stats.topicsRefused += 1;
      this.refused('topic', client, `publish to ${packet.topic}: ${verdict.reason}`);
      return done(new Refused(verdict.reason));
    }
    if (verdict.kind === 'status') return done(this.presence.status(client, packet) ? null : new Refused('stale will'));
    this.acceptReadings(client, session, packet, done);
  };

  private acceptReadings(client: Client, session: Session, packet: PublishPacket, done: (error?: Error) => void): void {
    const { gateway, park, underway } = session;
    // Without an answer the gateway sends it again.
    if (underway.ended) return;
    // A retained reading would outlive its moment, and one per made-up topic would fill the memory.
    packet.retain = false;
    const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
    session.pending += 1;
    underway.begin();
    this.options.ingest.accept({ gateway, park, topic: packet.topic, payload }).then(
      () => {
        session.counters.bytes += payload.length;
        this.acked(client, session, 1);
        done();
        session.pending -= 1;
        underway.acknowledged();
      },
      () => underway.refuse(),
    );
  }

  private openLane(client: Client): void {
    const session = this.sessions.of(client);
    const splitter = this.splitters.get(client.conn);
    if (session === undefined || splitter === undefined) return;
    splitter.taker = new PublishLane({
      stream: client.conn,
      session,
      ingest: this.options.ingest,
      onAcked: (count) => this.acked(client, session, count),
      subscribed: this.fanOut.subscribed,
      forward: (topic, payload) => this.send(topic, payload, 1, false),
    });
  }

  private acked(client: Client, session: Session, count: number): void {
    session.counters.messages += count;
    this.presence.seen(client, session);
  }

  private readonly authorizeSubscribe: NonNullable<AedesOptions['authorizeSubscribe']> = (client, wanted, done) => {
    const session = this.sessions.of(client);
    if (session === undefined) return done(new Refused('not signed in'));
    session.subscriptions += 1;
    const reason =
      session.subscriptions > this.bounds.subscriptionsPerConnection
        ? 'too many subscriptions on this connection'
        : judgeSubscribe(wanted.topic, session);
    if (reason === null) return done(null, wanted);
    this.stats.topicsRefused += 1;
    this.refused('topic', client, `subscribe to ${wanted.topic}: ${reason}`);
    done(new Refused(reason));
  };

  private readonly authorizeForward: NonNullable<AedesOptions['authorizeForward']> = (client, packet) => {
    if (client.conn.writableLength <= this.bounds.unreadBytes) return packet;
    if (!client.closed) {
      this.stats.slowSubscribersClosed += 1;
      client.close();
    }
    return null;
  };

  private countersOf(gateway: string): GatewayCounters {
    const known = this.stats.perGateway.get(gateway);
    if (known !== undefined) return known;
    const counters = { messages: 0, bytes: 0, refused: 0 };
    this.stats.perGateway.set(gateway, counters);
    return counters;
  }

  private failed(client: Client, error: Error): void {
    if (error instanceof Refused || client.conn.readableEnded || client.conn.writableEnded) return;
    this.stats.protocolErrors += 1;
    this.refused('protocol', client, error.message);
  }

  private refused(kind: Refusal['kind'], client: Client & { address?: string }, reason: string, name?: string): void {
    const session = this.sessions.of(client);
    const gateway = session?.gateway ?? name ?? null;
    if (session !== undefined) session.counters.refused += 1;
    this.options.onRefused({
      kind,
      gateway: gateway?.slice(0, MAX_NAME_IN_LOG) ?? null,
      address: client.address ?? '',
      reason: reason.slice(0, 300),
    });
  }
}
