/** Bounds of what has come and is not yet stored, in bytes. */
export interface RoomBounds {
  readonly connectionBytes: number;
  readonly gatewayBytes: number;
  /** Of all together. Beyond it a gateway is still given `shareBytes`, so that no other can keep it out. */
  readonly totalBytes: number;
  readonly shareBytes: number;
}

interface Share {
  bytes: number;
  places: number;
}

/**
 * Keeps account of what is under way from the gateways to the journal. A connection that has as much as it may, or whose
 * gateway has, is not read from until there is room again: its sender is held back, nothing is thrown away.
 */
export class Room {
  readonly stats = { bytes: 0, waits: 0 };
  private readonly shares = new Map<string, Share>();
  private readonly waiting = new Set<Place>();
  private waking = false;

  constructor(private readonly bounds: RoomBounds) {}

  /** The place of one connection of `gateway`; `onRoom` is called when it was full and no longer is. */
  enter(gateway: string, onRoom: () => void): Place {
    const share = this.shares.get(gateway) ?? { bytes: 0, places: 0 };
    this.shares.set(gateway, share);
    share.places += 1;
    return new Place(this, gateway, share, onRoom);
  }

  /** Whether the connection must wait; one that must is told when it need not any more. */
  isFull(place: Place): boolean {
    if (!this.isOver(place)) return false;
    if (!this.waiting.has(place)) {
      this.stats.waits += 1;
      this.waiting.add(place);
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
  leave(place: Place): void {
    this.waiting.delete(place);
  }

  forget(gateway: string): void {
    this.shares.delete(gateway);
  }

  private isOver({ bytes, share }: Place): boolean {
    const { connectionBytes, gatewayBytes, totalBytes, shareBytes } = this.bounds;
    if (bytes >= connectionBytes || share.bytes >= gatewayBytes) return true;
    return this.stats.bytes >= totalBytes && share.bytes >= shareBytes;
  }

  /** In the order in which they came to wait; who fills up again waits behind the others. */
  private wake(): void {
    this.waking = false;
    for (const place of [...this.waiting]) {
      if (this.isOver(place)) continue;
      this.waiting.delete(place);
      place.onRoom();
    }
  }
}

/** What one connection has under way. */
export class Place {
  bytes = 0;

  constructor(
    private readonly room: Room,
    private readonly gateway: string,
    readonly share: Share,
    readonly onRoom: () => void,
  ) {}

  isFull(): boolean {
    return this.room.isFull(this);
  }

  take(bytes: number): void {
    this.bytes += bytes;
    this.share.bytes += bytes;
    this.room.stats.bytes += bytes;
  }

  free(bytes: number): void {
    this.bytes -= bytes;
    this.share.bytes -= bytes;
    this.room.free(bytes);
    this.tidy();
  }

  leave(): void {
    this.share.places -= 1;
    this.room.leave(this);
    this.tidy();
  }

  private tidy(): void {
    if (this.share.places === 0 && this.share.bytes === 0) this.room.forget(this.gateway);
  }
}
