import { createHash } from 'node:crypto';

interface Message {
  readonly digest: number;
  readonly stored: Promise<void>;
}

/** Messages of QoS 2 that one client sent and has not released (PUBREL), MQTT 3.1.1 section 4.3.3. */
export class Unreleased {
  private readonly messages = new Map<number, Message>();
  /** Ids of an earlier connection; each counts no more once it is used anew. */
  private earlier = new Set<number>();

  get size(): number {
    return this.messages.size;
  }

  /** The client is connected again. */
  resume(): void {
    this.earlier = new Set(this.messages.keys());
  }

  /**
   * What became of the message when it came before, else undefined. On one connection its id alone tells; after a
   * reconnect a client may count from 1 again, so that the message must be marked as sent again and be the same.
   */
  find(id: number, sentAgain: boolean, topic: string, payload: Buffer): Promise<void> | undefined {
    const message = this.messages.get(id);
    if (message === undefined) return undefined;
    if (!this.earlier.has(id) || (sentAgain && message.digest === digestOf(topic, payload))) return message.stored;
    this.release(id);
    return undefined;
  }

  add(id: number, topic: string, payload: Buffer, stored: Promise<void>): void {
    const message = { digest: digestOf(topic, payload), stored };
    this.messages.set(id, message);
    // What was not stored is new when it comes again.
    stored.catch(() => {
      if (this.messages.get(id) === message) this.release(id);
    });
  }

  release(id: number): void {
    this.messages.delete(id);
    this.earlier.delete(id);
  }
}

/** Six bytes of a hash, as a number: they are compared with those of one other message. */
function digestOf(topic: string, payload: Buffer): number {
  return createHash('sha256').update(topic).update('\0').update(payload).digest().readUIntBE(0, 6);
}

/**
 * What the clients of each gateway have not released, also while they are away: no session is kept otherwise, but a
 * client that never got its PUBREC sends the message again, and it must not count twice. The clients seen longest ago go
 * first.
 */
export class UnreleasedBook {
  private readonly gateways = new Map<string, Map<string, Unreleased>>();

  constructor(private readonly clientsPerGateway: number) {}

  /** Of a client that connects; `clean` begins anew, MQTT-3.1.2-6. */
  of(gateway: string, client: string, clean: boolean): Unreleased {
    const clients = this.gateways.get(gateway) ?? new Map<string, Unreleased>();
    this.gateways.set(gateway, clients);
    const received = (clean ? undefined : clients.get(client)) ?? new Unreleased();
    received.resume();
    clients.delete(client);
    if (!clean) clients.set(client, received);
    for (const [oldest] of clients) {
      if (clients.size <= this.clientsPerGateway) break;
      clients.delete(oldest);
    }
    if (clients.size === 0) this.gateways.delete(gateway);
    return received;
  }

  forget(gateway: string): void {
    this.gateways.delete(gateway);
  }
}
