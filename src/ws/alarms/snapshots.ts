import type { FeedPeer } from '../peer.js';

/** A snapshot while it is being sent: the same bytes for all who asked for the same thing at the same event. */
interface Snapshot {
  readonly seq: number;
  readonly text: Buffer;
}

interface Held extends Snapshot {
  readonly key: string;
  readonly readers: Set<FeedPeer>;
}

/**
 * Snapshots in memory, bounded by bytes: when too many are being sent, the next waits until one has been sent. When that
 * takes too long, the client that has been reading one for longest is closed.
 */
export class Snapshots {
  private readonly held = new Map<string, Held>();
  private bytes = 0;
  private waiting: (() => void)[] = [];
  private impatience: NodeJS.Timeout | null = null;

  constructor(private readonly limits: { readonly snapshotBytes: number; readonly stallMs: number }) {}

  /**
   * Lends what `write` makes of the state at `seq()` until `giveBack`; waits for room, so the event may be a later one than
   * at the call. Null when the client has gone meanwhile.
   */
  async lend(
    peer: FeedPeer,
    filterKey: string,
    seq: () => number,
    write: () => string,
    wanted: () => boolean,
  ): Promise<Snapshot | null> {
    while (wanted()) {
      const key = `${seq()} ${filterKey}`;
      let held = this.held.get(key);
      if (!held && (this.held.size === 0 || this.bytes < this.limits.snapshotBytes)) {
        held = { key, seq: seq(), text: Buffer.from(write()), readers: new Set() };
        this.held.set(key, held);
        this.bytes += held.text.length;
      }
      if (held) {
        held.readers.add(peer);
        return held;
      }
      await this.room();
    }
    return null;
  }

  giveBack(peer: FeedPeer, snapshot: Snapshot): void {
    const held = snapshot as Held;
    held.readers.delete(peer);
    if (held.readers.size > 0 || this.held.get(held.key) !== held) return;
    this.held.delete(held.key);
    this.bytes -= held.text.length;
    if (this.impatience) clearTimeout(this.impatience);
    this.impatience = null;
    const waiting = this.waiting;
    this.waiting = [];
    for (const go of waiting) go();
  }

  close(): void {
    if (this.impatience) clearTimeout(this.impatience);
  }

  private room(): Promise<void> {
    this.impatience ??= setTimeout(() => {
      this.impatience = null;
      for (const { readers } of this.held.values()) {
        for (const reader of readers) reader.closeSlow();
        break;
      }
    }, this.limits.stallMs);
    return new Promise((resolve) => this.waiting.push(resolve));
  }
}
