import type { Duplex } from 'node:stream';
import type { Underway } from './underway.js';

const PUBACK = 0x40;
const PUBACK_BYTES = 4;

/** Packet ids that share one group commit. */
interface Group {
  readonly stored: Promise<void>;
  readonly ids: number[];
  outcome: 'open' | 'stored' | 'refused';
}

/**
 * Writes PUBACKs in the order in which the messages came (MQTT-4.6.0-2), those of one group commit with one write. A
 * message that could not be stored gets none, and ends the connection: its sender sends it again.
 */
export class OrderedAcks {
  private readonly groups: Group[] = [];

  constructor(
    private readonly stream: Duplex,
    private readonly underway: Underway,
    private readonly onAcked: (count: number) => void,
  ) {}

  /** Acknowledges `id` once `stored` resolves, after everything that came before it. */
  add(id: number, stored: Promise<void>): void {
    const last = this.groups.at(-1);
    if (last !== undefined && last.stored === stored && last.outcome === 'open') {
      last.ids.push(id);
      return;
    }
    const group: Group = { stored, ids: [id], outcome: 'open' };
    this.groups.push(group);
    this.underway.begin();
    stored.then(
      () => this.settle(group, 'stored'),
      () => this.settle(group, 'refused'),
    );
  }

  private settle(group: Group, outcome: 'stored' | 'refused'): void {
    group.outcome = outcome;
    for (let first = this.groups[0]; first && first.outcome !== 'open'; first = this.groups[0]) {
      this.groups.shift();
      if (first.outcome === 'refused') {
        this.underway.refuse();
      } else {
        this.acknowledge(first.ids);
        this.underway.acknowledged();
      }
    }
  }

  private acknowledge(ids: readonly number[]): void {
    if (this.stream.destroyed || !this.stream.writable) return;
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
