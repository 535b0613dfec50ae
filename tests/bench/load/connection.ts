import { connect, type Socket } from 'node:net';
import { AckParser } from './acks.js';
import { connectPacket, DISCONNECT, type Login } from './packets.js';

/** Where the packets of one connection come from. */
export interface PacketSource {
  /** No packet is longer. */
  readonly maxPacketBytes: number;
  /** Writes the next PUBLISH with this packet id at `at` and returns the offset after it. */
  write(into: Buffer, at: number, packetId: number): number;
}

/** Told when a message is acknowledged, and when the connection is lost without `end` having been called. */
export interface ConnectionEvents {
  /** `sentAt` is what `send` was given for this message. */
  onAcked(packetId: number, sentAt: number): void;
  /** Called once per chunk that held acknowledgements, after them. */
  onWindowOpen(): void;
  onLost(reason: string): void;
}

export interface ConnectionOptions {
  readonly host: string;
  readonly port: number;
  readonly login: Login;
  /** Messages that may wait for their PUBACK; packet ids run from 1 to it. */
  readonly window: number;
  readonly source: PacketSource;
  readonly events: ConnectionEvents;
}

/** A bare MQTT 3.1.1 publisher at QoS 1: packets go out as they are in one write per call, and only PUBACK is read. */
export class LoadConnection {
  /** PUBACKs for packet ids that were not in flight. */
  unexpectedAcks = 0;
  private readonly free: Uint16Array;
  private freeCount: number;
  private readonly sentAt: Float64Array;
  private scratch: Buffer;
  private ending = false;

  private constructor(
    private readonly socket: Socket,
    private readonly options: ConnectionOptions,
  ) {
    const { window } = options;
    this.free = Uint16Array.from({ length: window }, (_, i) => window - i);
    this.freeCount = window;
    this.sentAt = new Float64Array(window + 1).fill(Number.NaN);
    this.scratch = this.newScratch();
  }

  /** Signs in. Rejects when the connection or the sign-in is refused. */
  static open(options: ConnectionOptions): Promise<LoadConnection> {
    const socket = connect({ host: options.host, port: options.port, noDelay: true });
    const connection = new LoadConnection(socket, options);
    return new Promise((resolve, reject) => {
      let open = false;
      const parser = new AckParser({
        onConnack: (code) => {
          open = code === 0;
          if (open) resolve(connection);
          else reject(new Error(`${options.login.id}: sign-in refused with code ${code}`));
        },
        onPuback: (id) => connection.acknowledged(id),
      });
      socket.on('connect', () => socket.write(connectPacket(options.login)));
      socket.on('data', (chunk) => {
        const before = connection.freeCount;
        parser.push(chunk);
        if (connection.freeCount > before) options.events.onWindowOpen();
      });
      let reason = 'closed by the broker';
      socket.on('error', (error) => {
        reason = error.message;
      });
      socket.on('close', () => {
        if (!open) reject(new Error(`${options.login.id}: ${reason}`));
        else if (!connection.ending) options.events.onLost(reason);
      });
    });
  }

  get inFlight(): number {
    return this.options.window - this.freeCount;
  }

  get room(): number {
    return this.freeCount;
  }

  /**
   * Sends up to `count` messages as far as the window allows, in one write; returns how many. Their latencies count
   * from `sentAt`, `sentAt + stepMs` and so on.
   */
  send(count: number, sentAt: number, stepMs = 0): number {
    const n = Math.min(count, this.freeCount);
    if (n === 0 || this.ending || this.socket.destroyed) return 0;
    let end = 0;
    for (let i = 0; i < n; i += 1) {
      const id = this.free[--this.freeCount] as number;
      this.sentAt[id] = sentAt + i * stepMs;
      end = this.options.source.write(this.scratch, end, id);
    }
    this.socket.write(this.scratch.subarray(0, end));
    if (this.socket.writableLength > 0) this.scratch = this.newScratch();
    return n;
  }

  /** Says goodbye and closes; what is in flight stays unacknowledged. */
  async end(): Promise<void> {
    this.ending = true;
    if (this.socket.destroyed) return;
    await new Promise<void>((resolve) => {
      this.socket.once('close', () => resolve());
      this.socket.end(DISCONNECT);
      setTimeout(() => this.socket.destroy(), 1_000).unref();
    });
  }

  /** Cuts the connection without a word, as a lost gateway would. */
  destroy(): void {
    this.ending = true;
    this.socket.destroy();
  }

  private newScratch(): Buffer {
    return Buffer.allocUnsafe(this.options.window * this.options.source.maxPacketBytes);
  }

  private acknowledged(id: number): void {
    const sentAt = this.sentAt[id];
    if (sentAt === undefined || Number.isNaN(sentAt)) {
      this.unexpectedAcks += 1;
      return;
    }
    this.sentAt[id] = Number.NaN;
    this.free[this.freeCount++] = id;
    this.options.events.onAcked(id, sentAt);
  }
}
