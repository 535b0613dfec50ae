import type { Duplex } from 'node:stream';

const PUBACK = 0x40;
const PUBACK_BYTES = 4;

/** Packet ids that share one group commit. */
interface Group {
  readonly stored: Promise<void>;
  readonly ids: number[];
  settled: boolean;
}

/**
 * Writes PUBACKs in the order in which the messages came (MQTT-4.6.0-2), those of one group commit with one write. A
 * message that could not be stored ends the connection: without a PUBACK its sender sends it again.
 */
export class OrderedAcks {
  private readonly groups: Group[] = [];

  constructor(
    private readonly stream: Duplex,
    private readonly onAcked: (count: number) => void,
  ) {}

  /** Acknowledges `id` once `stored` resolves, after everything that came before it. */
  add(id: number, stored: Promise<void>): void {
    const last = this.groups.at(-1);
    if (last !== undefined && last.stored === stored && !last.settled) {
      last.ids.push(id);
      return;
    }
    const group: Group = { stored, ids: [id], settled: false };
    this.groups.push(group);
    stored.then(
      () => {
        group.settled = true;
        this.flush();
      },
      () => this.stream.destroy(),
    );
  }

  private flush(): void {
    while (this.groups[0]?.settled) {
      const { ids } = this.groups.shift() as Group;
      if (this.stream.destroyed || !this.stream.writable) continue;
      const acks = Buffer.allocUnsafe(PUBACK_BYTES * ids.length);
      let at = 0;
      for (const id of ids) {
        acks[at] = PUBACK;
        acks[at + 1] = 2;
        acks.writeUInt16BE(id, at + 2);
        at += PUBACK_BYTES;
      }
      this.stream.write(acks);
      this.onAcked(ids.length);
    }
  }
}
