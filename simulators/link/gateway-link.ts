import mqtt, { type MqttClient } from 'mqtt';
import { rejectionsTopic, statusTopic } from '../../src/model/wire/topic.js';
import { Queue } from './queue.js';

interface GatewayCredentials {
  readonly park: string;
  readonly gateway: string;
  readonly secret: string;
}

export interface LinkOptions extends GatewayCredentials {
  /** `mqtt://`, `mqtts://`, `ws://` or `wss://`; the link calls a function at each connection. */
  readonly broker: string | (() => string);
  readonly now: () => number;
  /** Most messages buffered; beyond, the link drops the oldest. */
  readonly capacity?: number;
  /** Most messages that wait for their PUBACK at a time. */
  readonly inFlight?: number;
  readonly reconnectMs?: number;
  readonly connectTimeoutMs?: number;
  /** Longest wait, at close, for a broker that does not answer. */
  readonly goodbyeMs?: number;
}

/** `dropped`: pushed out of a full buffer, or pending when the link closed. */
export type Outcome = 'acknowledged' | 'dropped';

/** Receives the service's rejections, as published on the rejections topic. */
export type RejectionListener = (payload: string) => void;

interface Message {
  readonly topic: string;
  readonly payload: string | Buffer;
  readonly settle: (outcome: Outcome) => void;
}

/** A gateway could not sign in; `cause` is the client's error. */
class SignInError extends Error {
  override readonly name = 'SignInError';
}

/**
 * One gateway's connection: QoS 1, will and retained status, and a bounded buffer that survives an outage. After a
 * reconnect it resends, in order, everything unacknowledged.
 */
export class GatewayLink {
  readonly stats = { sent: 0, acknowledged: 0, dropped: 0, resent: 0, connections: 0 };
  private readonly waiting = new Queue<Message>();
  private readonly unacknowledged = new Set<Message>();
  private readonly capacity: number;
  private readonly inFlight: number;
  private client: MqttClient | null = null;
  private wanted = false;
  private retry: NodeJS.Timeout | undefined;
  private settled: (() => void)[] = [];
  private onRejection: RejectionListener | null = null;

  constructor(private readonly options: LinkOptions) {
    this.capacity = options.capacity ?? 10_000;
    this.inFlight = options.inFlight ?? 64;
  }

  get park(): string {
    return this.options.park;
  }

  get gateway(): string {
    return this.options.gateway;
  }

  get online(): boolean {
    return this.client?.connected ?? false;
  }

  /** Messages that have not been acknowledged yet. */
  get pending(): number {
    return this.waiting.length + this.unacknowledged.size;
  }

  /** @throws SignInError when the broker cannot be reached or does not take the credentials */
  connect(): Promise<void> {
    this.wanted = true;
    return this.open();
  }

  /** Subscribes to the rejections of this gateway's messages. */
  async listenToRejections(listener: RejectionListener): Promise<void> {
    this.onRejection = listener;
    if (this.client?.connected) await this.client.subscribeAsync(this.rejections, { qos: 1 });
  }

  /** Buffers a message and sends it in its turn. */
  publish(topic: string, payload: string | Buffer): Promise<Outcome> {
    return new Promise((settle) => {
      this.waiting.push({ topic, payload, settle });
      if (this.waiting.length > this.capacity) this.drop(this.waiting.shift());
      this.pump();
    });
  }

  /** Cuts the connection as a power failure does, so that the broker sends the will; stays offline until `restore`. */
  cut(): void {
    this.wanted = false;
    clearTimeout(this.retry);
    this.closed();
  }

  restore(): Promise<void> {
    return this.connect();
  }

  /** Resolves when no message is pending. */
  async idle(): Promise<void> {
    while (this.pending > 0) await new Promise<void>((resolve) => this.settled.push(resolve));
  }

  /** Publishes the offline status and disconnects; drops pending messages. */
  async close(): Promise<void> {
    this.wanted = false;
    clearTimeout(this.retry);
    const { client } = this;
    if (client?.connected) await within(this.options.goodbyeMs ?? 2_000, this.sayGoodbye(client));
    this.closed();
    for (let message = this.waiting.shift(); message; message = this.waiting.shift()) this.drop(message);
  }

  private async sayGoodbye(client: MqttClient): Promise<void> {
    await client.publishAsync(this.status, this.statusText(false), { qos: 1, retain: true });
    await client.endAsync();
  }

  private get status(): string {
    return statusTopic(this.options.park, this.options.gateway);
  }

  private get rejections(): string {
    return rejectionsTopic(this.options.park, this.options.gateway);
  }

  private statusText(online: boolean): string {
    return JSON.stringify({ online, ts: this.options.now() });
  }

  private open(): Promise<void> {
    const { gateway, secret, connectTimeoutMs = 10_000 } = this.options;
    const broker = typeof this.options.broker === 'string' ? this.options.broker : this.options.broker();
    const client = mqtt.connect(broker, {
      protocolVersion: 4,
      clientId: gateway,
      username: gateway,
      password: secret,
      clean: true,
      keepalive: 30,
      reconnectPeriod: 0,
      connectTimeout: connectTimeoutMs,
      queueQoSZero: false,
      will: { topic: this.status, payload: Buffer.from(this.statusText(false)), qos: 1, retain: true },
    });
    this.client = client;
    client.on('message', (_topic, payload) => this.onRejection?.(payload.toString()));
    return new Promise((resolve, reject) => {
      let reason: Error | undefined;
      client.on('error', (error) => {
        reason = error;
      });
      client.on('connect', () => {
        this.connected(client);
        resolve();
      });
      client.on('close', () => {
        reject(new SignInError(`gateway ${gateway}: ${describe(reason, broker)}`, { cause: reason }));
        if (this.client !== client) return;
        this.closed();
        this.retryLater();
      });
    });
  }

  private connected(client: MqttClient): void {
    this.stats.connections += 1;
    client.publish(this.status, this.statusText(true), { qos: 1, retain: true });
    if (this.onRejection) client.subscribe(this.rejections, { qos: 1 });
    this.pump();
  }

  private closed(): void {
    const { client } = this;
    this.client = null;
    client?.end(true);
    if (this.unacknowledged.size === 0) return;
    this.stats.resent += this.unacknowledged.size;
    this.waiting.putBack([...this.unacknowledged]);
    this.unacknowledged.clear();
  }

  private retryLater(): void {
    if (!this.wanted || this.stats.connections === 0) return;
    this.retry = setTimeout(() => {
      this.open().catch(() => undefined);
    }, this.options.reconnectMs ?? 1_000);
  }

  private pump(): void {
    const { client } = this;
    if (!client?.connected) return;
    while (this.unacknowledged.size < this.inFlight) {
      const message = this.waiting.shift();
      if (message === undefined) return;
      this.unacknowledged.add(message);
      this.stats.sent += 1;
      client.publish(message.topic, message.payload, { qos: 1 }, (error) => {
        if (!error) this.acknowledge(message);
      });
    }
  }

  private acknowledge(message: Message): void {
    if (!this.unacknowledged.delete(message)) return;
    this.stats.acknowledged += 1;
    message.settle('acknowledged');
    this.notify();
    this.pump();
  }

  private drop(message: Message | undefined): void {
    if (message === undefined) return;
    this.stats.dropped += 1;
    message.settle('dropped');
    this.notify();
  }

  private notify(): void {
    const listeners = this.settled;
    this.settled = [];
    for (const listener of listeners) listener();
  }
}

/** Waits for `work` to settle, but no longer than `ms`. */
async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work.catch(() => undefined), timeout]);
  clearTimeout(timer);
}

function describe(reason: Error | undefined, broker: string): string {
  const code = (reason as { code?: number | string } | undefined)?.code;
  if (code === 4 || code === 5) return 'the broker does not take this id and secret';
  if (code === 'ECONNREFUSED') return `nothing listens at ${broker}`;
  return reason?.message || `no answer from ${broker}`;
}
