/** Bounds of what has come and is not yet stored, in bytes. */
interface WaitingBounds {
  readonly connectionBytes: number;
  readonly gatewayBytes: number;
  /** Of all together. Beyond it a gateway is still given `shareBytes`, so that no other can keep it out. */
  readonly totalBytes: number;
  readonly shareBytes: number;
}

interface Share {
  bytes: number;
  connections: number;
}

/**
 * Counts what came from the gateways and is not yet in the journal. A connection that has as much as it may, or whose
 * gateway has, is not read from until there is room again: its sender is held back, nothing is thrown away.
 */
export class WaitingBytes {
  readonly stats = { bytes: 0, waits: 0 };
  private readonly shares = new Map<string, Share>();
  private readonly waiting = new Set<ConnectionBytes>();
  private waking = false;

  constructor(private readonly bounds: WaitingBounds) {}

  /** What one connection of `gateway` has; `onRoom` is called when it was full and no longer is. */
  enter(gateway: string, onRoom: () => void): ConnectionBytes {
    const share = this.shares.get(gateway) ?? { bytes: 0, connections: 0 };
    this.shares.set(gateway, share);
    share.connections += 1;
    return new ConnectionBytes(this, gateway, share, onRoom);
  }

  /** Whether the connection must wait; one that must is told when it need not any more. */
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

  /** The connection is gone; what it brought is counted until it is stored. */
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

  /** In the order in which they came to wait; who fills up again waits behind the others. */
  private wake(): void {
    this.waking = false;
    for (const connection of [...this.waiting]) {
      if (this.isOver(connection)) continue;
      this.waiting.delete(connection);
      connection.onRoom();
    }
  }
}

/** What came on one connection and is not yet stored. */
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
