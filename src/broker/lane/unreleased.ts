import { createHash } from 'node:crypto';

interface Message {
  readonly digest: number;
  readonly stored: Promise<void>;
}

/** Messages of QoS 2 that one client sent and has not released with a PUBREL, MQTT 3.1.1 section 4.3.3. */
export class Unreleased {
  private readonly messages = new Map<number, Message>();
  /** Ids from an earlier connection; a new message with such an id replaces the old one. */
  private earlier = new Set<number>();

  get size(): number {
    return this.messages.size;
  }

  /** Call it when the client reconnects. */
  resume(): void {
    this.earlier = new Set(this.messages.keys());
  }

  /**
   * The promise of an earlier message with this id, else undefined. On one connection the id is enough. After a
   * reconnect a client may count from 1 again: then the message must also have DUP set and the same content.
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
    // A message that was not stored counts as new when the client resends it.
    stored.catch(() => {
      if (this.messages.get(id) === message) this.release(id);
    });
  }

  release(id: number): void {
    this.messages.delete(id);
    this.earlier.delete(id);
  }
}

/** Six bytes of a hash, as a number; six suffice, because it is compared with one other message only. */
function digestOf(topic: string, payload: Buffer): number {
  return createHash('sha256').update(topic).update('\0').update(payload).digest().readUIntBE(0, 6);
}

/**
 * Keeps what the clients of each gateway have not released, also while they are away. The broker keeps no other session
 * state, but a client without its PUBREC resends the message, which must not count twice. Evicts the clients that
 * connected longest ago first.
 */
export class UnreleasedBook {
  private readonly gateways = new Map<string, Map<string, Unreleased>>();

  constructor(private readonly clientsPerGateway: number) {}

  /** The messages of a client that connects; `clean` starts with none, MQTT-3.1.2-6. */
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
