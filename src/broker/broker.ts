import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Aedes, type AedesOptions, type Client, type ConnectPacket } from 'aedes';
import type { Ingest } from '../ingest/port.js';
import { HOUR_MS } from '../model/time/duration.js';
import { statusTopic } from '../model/wire/topic.js';
import type { GatewaySignIn } from '../registry/port.js';
import { BROKER_BOUNDS, type BrokerBounds } from './bounds.js';
import { Connections } from './connections.js';
import { emitterThatNeverWaits } from './emitter.js';
import { Keepalive } from './keepalive.js';
import { FrameSplitter } from './lane/frame-splitter.js';
import { interceptReads } from './lane/intercept-reads.js';
import { PublishLane } from './lane/publish-lane.js';
import { UnreleasedBook } from './lane/unreleased.js';
import { WaitingBytes } from './lane/waiting-bytes.js';
import { retainedOnly } from './persistence.js';
import { type BrokerStats, newBrokerStats, type Refusal } from './port.js';
import { Presence } from './presence.js';
import { Refusals, RefusedError } from './refusals.js';
import { Sessions } from './sessions.js';
import { signIn } from './sign-in.js';
import { judgePublish, judgeSubscribe, MAX_TOPIC_LEVELS } from './topic-rules.js';

interface BrokerOptions {
  readonly gateways: GatewaySignIn;
  readonly ingest: Ingest;
  readonly clock: () => number;
  readonly onRefused: (refusal: Refusal) => void;
  readonly bounds?: Partial<BrokerBounds>;
  /** Milliseconds of a monotonic clock, for keep-alive. */
  readonly uptime?: () => number;
}

/** State of a connection that exists before the gateway signs in. */
interface Connection {
  readonly splitter: FrameSplitter;
  readonly resume: () => void;
  readonly known: () => void;
  /** Whether its CONNECT asked for a new session. */
  clean: boolean;
}

/** Signs gateways in, checks their topics, and holds each PUBACK of readings until ingest has stored them. */
export class EmbeddedBroker {
  readonly stats: BrokerStats;
  private readonly bounds: BrokerBounds;
  private readonly sessions: Sessions;
  private readonly presence: Presence;
  private readonly fanOut = emitterThatNeverWaits();
  private readonly keepalive: Keepalive;
  private readonly connections: Connections;
  private readonly refusals: Refusals;
  private readonly waiting: WaitingBytes;
  private readonly unreleased: UnreleasedBook;
  private readonly byStream = new WeakMap<Duplex, Connection>();
  private readonly aedes: Aedes;

  private constructor(private readonly options: BrokerOptions) {
    const bounds = { ...BROKER_BOUNDS, ...options.bounds };
    this.bounds = bounds;
    this.sessions = new Sessions(bounds.connectionsPerGateway);
    this.presence = new Presence(options.gateways, this.sessions, options.clock);
    this.keepalive = new Keepalive(options.uptime ?? (() => performance.now()));
    this.connections = new Connections(bounds.connections);
    this.unreleased = new UnreleasedBook(bounds.connectionsPerGateway);
    this.waiting = new WaitingBytes({
      connectionBytes: bounds.waitingBytesPerConnection,
      gatewayBytes: bounds.waitingBytesPerGateway,
      totalBytes: bounds.waitingBytes,
      shareBytes: bounds.waitingBytesAlways,
    });
    this.stats = newBrokerStats(this.waiting);
    this.refusals = new Refusals(this.stats, this.sessions, options.onRefused);
    this.aedes = new Aedes({
      mq: this.fanOut.emitter,
      persistence: retainedOnly(),
      connectTimeout: bounds.connectTimeoutMs,
      maxTopicLevels: MAX_TOPIC_LEVELS,
      maxClientsIdLength: 1_000,
      // The splitter passes aedes no byte between CONNECT and CONNACK, and never a PUBLISH.
      queueLimit: 1,
      maxInflightInbound: 1,
      // With our own emitter this only bounds the listeners of a connection; 0 means no bound.
      concurrency: 0,
      // `stallMs` judges a slow client: by whether it reads anything, not by whether it reads all.
      drainTimeout: HOUR_MS,
      // Any keep-alive, or none, MQTT-3.1.2-24; keepalive.ts enforces it.
      keepaliveLimit: 0,
      preConnect: this.preConnect,
      authenticate: signIn(this.options.gateways, {
        sessions: this.sessions,
        presence: this.presence,
        connections: this.connections,
        refusals: this.refusals,
        stats: this.stats,
        onEnded: (client) => this.byStream.get(client.conn)?.resume(),
      }),
      authorizePublish: this.authorizeWill,
      authorizeSubscribe: this.authorizeSubscribe,
      authorizeForward: this.authorizeForward,
    });
    this.aedes.on('clientReady', (client) => this.openLane(client));
    this.aedes.on('clientError', (client, error) => this.refusals.failed(client, error));
    this.aedes.on('connectionError', (client, error) => this.refusals.failed(client, error));
    this.aedes.on('unsubscribe', (filters, client) => {
      for (const filter of filters) this.sessions.of(client)?.filters.delete(filter);
    });
    options.gateways.onRevoked((gateway, removedFrom) => {
      for (const client of this.sessions.clientsOf(gateway)) client.close();
      if (removedFrom !== undefined) this.forget(gateway, removedFrom);
    });
  }

  static async start(options: BrokerOptions): Promise<EmbeddedBroker> {
    const broker = new EmbeddedBroker(options);
    await broker.aedes.listen();
    return broker;
  }

  /** Takes a connection over, from any listener. */
  accept(stream: Duplex, address: string, request?: IncomingMessage): void {
    const known = this.connections.enter(address);
    if (known === null) {
      this.stats.connectionsRefused += 1;
      stream.destroy();
      return;
    }
    this.stats.connected += 1;
    this.stats.connections += 1;
    stream.once('close', () => {
      this.stats.connected -= 1;
      this.connections.leave();
      known();
    });
    this.keepalive.watch(stream);
    this.watchStall(request?.socket ?? stream, stream);
    const { packetBytes, connectPacketBytes: connectBytes } = this.bounds;
    const splitter = new FrameSplitter({ packetBytes, connectBytes });
    const resume = interceptReads(stream, splitter, {
      state: () => {
        const inFlight = this.sessions.of(client)?.inFlight;
        if (inFlight?.ended) return 'discard';
        return stream.writableNeedDrain || splitter.waits || inFlight?.refusing ? 'wait' : 'read';
      },
      onRead: () => this.keepalive.noteRead(stream),
      onWait: (waits) => this.keepalive.hold(stream, waits),
      onBroken: (error) => {
        this.refusals.broken(client, error);
        stream.destroy();
      },
    });
    this.byStream.set(stream, { splitter, resume, known, clean: true });
    const client: Client & { address?: string } = this.aedes.handle(stream, request as IncomingMessage);
    client.address = address;
  }

  /** Whether any client has a subscription: without one, the broker need not publish messages that are not retained. */
  get hasSubscribers(): boolean {
    return this.fanOut.hasSubscribers();
  }

  publish(topic: string, payload: string | Uint8Array, options: { retain?: boolean; qos?: 0 | 1 } = {}): void {
    this.stats.published += 1;
    this.send(topic, Buffer.from(payload), options.qos ?? 0, options.retain ?? false);
  }

  private send(topic: string, payload: Buffer, qos: 0 | 1 | 2, retain: boolean): void {
    this.aedes.publish({ cmd: 'publish', topic, payload, qos, retain, dup: false }, () => undefined);
  }

  async close(): Promise<void> {
    this.keepalive.close();
    await new Promise<void>((resolve) => this.aedes.close(resolve));
  }

  /**
   * Prefixes client ids with the user name, so that no gateway can disconnect another by using its client id. Drops
   * sessions at a disconnect, because a client could otherwise fill the memory by staying away.
   */
  private readonly preConnect: NonNullable<AedesOptions['preConnect']> = (client, packet: ConnectPacket, done) => {
    this.keepalive.expect(client.conn, packet.keepalive ?? 0);
    // The broker neither reads from the client nor answers it before the CONNACK.
    this.keepalive.hold(client.conn, true);
    const connection = this.byStream.get(client.conn);
    if (connection !== undefined) connection.clean = packet.clean !== false || !packet.clientId;
    packet.keepalive = 0;
    packet.clientId = `${packet.username ?? ''}/${packet.clientId || randomUUID()}`;
    packet.clean = true;
    done(null, true);
  };

  private openLane(client: Client): void {
    const session = this.sessions.of(client);
    const connection = this.byStream.get(client.conn);
    if (session === undefined || connection === undefined || client.conn.destroyed) return;
    const waiting = this.waiting.enter(session.gateway, connection.resume);
    client.conn.once('close', () => waiting.leave());
    connection.splitter.receiver = new PublishLane({
      stream: client.conn,
      session,
      ingest: this.options.ingest,
      waiting,
      unreleased: this.unreleased.of(session.gateway, client.id, connection.clean),
      maxUnreleased: this.bounds.unreleasedPerClient,
      onAcked: (count) => {
        session.counters.messages += count;
        this.presence.seen(client, session);
      },
      onStatus: ({ topic, payload, qos, retain }) => {
        const kind = this.presence.status(client, payload, retain);
        if (kind !== 'stale') this.send(topic, payload, qos, retain && kind !== 'plain');
      },
      onRefused: (topic, reason) => this.refusals.topic(client, `publish to ${topic}: ${reason}`),
      hasSubscribers: this.fanOut.hasSubscribers,
      forward: (topic, payload, qos) => this.send(topic, payload, qos, false),
    });
    connection.known();
    this.keepalive.hold(client.conn, false);
    connection.resume();
  }

  /** Wills are the only client messages that aedes sees. */
  private readonly authorizeWill: NonNullable<AedesOptions['authorizePublish']> = (client, packet, done) => {
    const session = this.sessions.of(client);
    if (client === null || session === undefined) return done(new RefusedError('not signed in'));
    const payload = Buffer.from(packet.payload);
    const { kind, ...verdict } = judgePublish(packet.topic, session);
    if (kind === 'refused') {
      const { reason } = verdict as { reason: string };
      this.refusals.topic(client, `will on ${packet.topic}: ${reason}`);
      return done(new RefusedError(reason));
    }
    if (kind === 'status') {
      const status = this.presence.status(client, payload, packet.retain);
      if (status === 'plain') packet.retain = false;
      return done(status === 'stale' ? new RefusedError('stale will') : null);
    }
    // A retained reading stays when it is no longer true, and one for each invented topic would fill the memory.
    packet.retain = false;
    const { gateway, park } = session;
    this.options.ingest.accept({ gateway, park, topic: packet.topic, payload }).then(
      () => done(null),
      () => done(new RefusedError('not stored')),
    );
  };

  private readonly authorizeSubscribe: NonNullable<AedesOptions['authorizeSubscribe']> = (client, wanted, done) => {
    const session = this.sessions.of(client);
    if (session === undefined) return done(new RefusedError('not signed in'));
    const { filters } = session;
    const isOneTooMany = !filters.has(wanted.topic) && filters.size >= this.bounds.subscriptionsPerConnection;
    const reason = isOneTooMany ? 'too many subscriptions on this connection' : judgeSubscribe(wanted.topic, session);
    if (reason === null) {
      filters.add(wanted.topic);
      return done(null, wanted);
    }
    this.refusals.topic(client, `subscribe to ${wanted.topic}: ${reason}`);
    done(new RefusedError(reason));
  };

  private readonly authorizeForward: NonNullable<AedesOptions['authorizeForward']> = (client, packet) => {
    if (client.conn.writableLength <= this.bounds.unreadBytes) return packet;
    if (!client.closed) {
      this.stats.slowSubscribersClosed += 1;
      client.close();
    }
    return null;
  };

  /** The time-out starts again whenever the socket sends or receives any bytes. */
  private watchStall(socket: Duplex, stream: Duplex): void {
    if (!(socket instanceof Socket)) return;
    socket.setTimeout(this.bounds.stallMs);
    socket.on('timeout', () => {
      if (stream.writableLength === 0) return;
      this.stats.stalledClosed += 1;
      stream.destroy();
    });
  }

  /** Removes all that the broker keeps of a deleted gateway. */
  private forget(gateway: string, park: string): void {
    this.stats.perGateway.delete(gateway);
    this.unreleased.forget(gateway);
    this.send(statusTopic(park, gateway), Buffer.alloc(0), 0, true);
  }
}
