/** Bounds of the waiting bytes, received and not yet stored. */
interface WaitingBounds {
  readonly connectionBytes: number;
  readonly gatewayBytes: number;
  /** Of all gateways. Beyond it each gateway may still have `shareBytes`, so that no other can shut it out. */
  readonly totalBytes: number;
  readonly shareBytes: number;
}

interface Share {
  bytes: number;
  connections: number;
}

/**
 * Counts the bytes that arrived from gateways and are not yet in the journal. The broker stops reading from a
 * connection at its bound or its gateway's: TCP then holds the sender back, and nothing is lost.
 */
export class WaitingBytes {
  readonly stats = { bytes: 0, waits: 0 };
  private readonly shares = new Map<string, Share>();
  private readonly waiting = new Set<ConnectionBytes>();
  private waking = false;

  constructor(private readonly bounds: WaitingBounds) {}

  /** Counts one connection of `gateway`; calls `onRoom` when the connection was full and has room again. */
  enter(gateway: string, onRoom: () => void): ConnectionBytes {
    const share = this.shares.get(gateway) ?? { bytes: 0, connections: 0 };
    this.shares.set(gateway, share);
    share.connections += 1;
    return new ConnectionBytes(this, gateway, share, onRoom);
  }

  /** Whether the connection must wait; if so, `onRoom` is called later. */
  isFull(connection: ConnectionBytes): boolean {
    if (!this.isOver(connection)) return false;
    if (!this.waiting.has(connection)) {
      this.stats.waits += 1;
      this.waiting.add(connection);
    }
    return true;
  }

  free(bytes: number): void {
    this.stats.bytes -= bytes;
    if (this.waiting.size === 0 || this.waking) return;
    this.waking = true;
    setImmediate(() => this.wake());
  }

  /** The connection has closed; its bytes count until they are stored. */
  leave(connection: ConnectionBytes): void {
    this.waiting.delete(connection);
  }

  forget(gateway: string): void {
    this.shares.delete(gateway);
  }

  private isOver({ bytes, share }: ConnectionBytes): boolean {
    const { connectionBytes, gatewayBytes, totalBytes, shareBytes } = this.bounds;
    if (bytes >= connectionBytes || share.bytes >= gatewayBytes) return true;
    return this.stats.bytes >= totalBytes && share.bytes >= shareBytes;
  }

  /** Wakes connections in the order in which they began to wait; one that fills up again goes to the end. */
  private wake(): void {
    this.waking = false;
    for (const connection of [...this.waiting]) {
      if (this.isOver(connection)) continue;
      this.waiting.delete(connection);
      connection.onRoom();
    }
  }
}

/** Bytes of one connection that are not yet stored. */
export class ConnectionBytes {
  bytes = 0;

  constructor(
    private readonly all: WaitingBytes,
    private readonly gateway: string,
    readonly share: Share,
    readonly onRoom: () => void,
  ) {}

  isFull(): boolean {
    return this.all.isFull(this);
  }

  add(bytes: number): void {
    this.bytes += bytes;
    this.share.bytes += bytes;
    this.all.stats.bytes += bytes;
  }

  free(bytes: number): void {
    this.bytes -= bytes;
    this.share.bytes -= bytes;
    this.all.free(bytes);
    this.tidy();
  }

  leave(): void {
    this.share.connections -= 1;
    this.all.leave(this);
    this.tidy();
  }

  private tidy(): void {
    if (this.share.connections === 0 && this.share.bytes === 0) this.all.forget(this.gateway);
  }
}
