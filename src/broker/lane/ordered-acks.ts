import type { Duplex } from 'node:stream';
import type { InFlight } from './in-flight.js';

/** First bytes of the acknowledgements; QoS 0 has none. */
export const ACK = { none: 0, puback: 0x40, pubrec: 0x50, pubcomp: 0x70 } as const;
export type Ack = (typeof ACK)[keyof typeof ACK];
const ACK_BYTES = 4;

/** Messages that share one group commit. */
interface Group {
  readonly stored: Promise<void>;
  /** Packet ids, each with the first byte of its acknowledgement above its lower 16 bits. */
  readonly acks: number[];
  messages: number;
  bytes: number;
  outcome: 'open' | 'stored' | 'refused';
}

/**
 * Acknowledges a connection's messages in the order of their arrival (MQTT-4.6.0-2), with one write for those of a
 * group commit. A message that could not be stored gets no acknowledgement and ends the connection: its sender resends
 * it.
 */
export class OrderedAcks {
  private readonly groups: Group[] = [];

  constructor(
    private readonly stream: Duplex,
    private readonly inFlight: InFlight,
    private readonly onSettled: (messages: number, bytes: number) => void,
  ) {}

  /**
   * Acknowledges `id` once `stored` resolves, after everything that arrived before it. Then reports `messages` and
   * `bytes` to `onSettled`, with 0 messages for a refusal.
   */
  add(id: number, stored: Promise<void>, ack: Ack = ACK.puback, messages = 1, bytes = 0): void {
    const last = this.groups.at(-1);
    if (last !== undefined && last.stored === stored && last.outcome === 'open') {
      if (ack !== ACK.none) last.acks.push((ack << 16) | id);
      last.messages += messages;
      last.bytes += bytes;
      return;
    }
    const acks = ack === ACK.none ? [] : [(ack << 16) | id];
    const group: Group = { stored, acks, messages, bytes, outcome: 'open' };
    this.groups.push(group);
    this.inFlight.begin();
    stored.then(
      () => this.settle(group, 'stored'),
      () => this.settle(group, 'refused'),
    );
  }

  private settle(group: Group, outcome: 'stored' | 'refused'): void {
    group.outcome = outcome;
    if (outcome === 'refused') this.inFlight.willRefuse();
    for (let first = this.groups[0]; first && first.outcome !== 'open'; first = this.groups[0]) {
      this.groups.shift();
      if (first.outcome === 'refused') {
        this.onSettled(0, first.bytes);
        this.inFlight.refuse();
      } else {
        this.acknowledge(first.acks);
        this.onSettled(first.messages, first.bytes);
        this.inFlight.acknowledged();
      }
    }
  }

  private acknowledge(acks: readonly number[]): void {
    if (acks.length === 0 || this.stream.destroyed || !this.stream.writable) return;
    const bytes = Buffer.allocUnsafe(ACK_BYTES * acks.length);
    let at = 0;
    for (const ack of acks) {
      bytes[at] = ack >> 16;
      bytes[at + 1] = 2;
      bytes.writeUInt16BE(ack & 0xffff, at + 2);
      at += ACK_BYTES;
    }
    this.stream.write(bytes);
  }
}
