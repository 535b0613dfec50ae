import { readingsTopic } from '../../../src/model/wire/topic.js';
import type { PacketSource } from './connection.js';
import { type PublishTemplate, publishTemplate } from './packets.js';

const EPOCH_DIGITS = 13;

/** Smoke detectors of one park that report in turn, each the opposite of its last report. */
export class FireDevices implements PacketSource {
  readonly maxPacketBytes: number;
  private readonly names: readonly string[];
  /** Of each device: the packet that raises, the packet that clears. */
  private readonly packets: readonly (readonly [PublishTemplate, PublishTemplate])[];
  private turn = 0;
  private ts = 0;

  constructor(park: string, count: number) {
    this.names = Array.from({ length: count }, (_, i) => `bench-smoke-${i + 1}`);
    this.packets = this.names.map((name) => {
      const topic = readingsTopic(park, 'fire', name);
      const packet = (on: boolean) =>
        publishTemplate(topic, Buffer.from(`{"ts":${'0'.repeat(EPOCH_DIGITS)},"values":{"smoke_alarm":${on}}}`));
      return [packet(true), packet(false)] as const;
    });
    this.maxPacketBytes = Math.max(...this.packets.flat().map(({ bytes }) => bytes.length));
  }

  /** Fixes the time of the next packet, epoch ms, and says by which device and time its alarm event will be known. */
  nextKey(now: number): string {
    this.ts = now;
    return `${this.names[this.turn % this.names.length]} ${now}`;
  }

  write(into: Buffer, at: number, packetId: number): number {
    const pair = this.packets[this.turn % this.packets.length] as readonly [PublishTemplate, PublishTemplate];
    const { bytes, idAt, payloadAt } = pair[Math.floor(this.turn / this.packets.length) % 2] as PublishTemplate;
    this.turn += 1;
    bytes.copy(into, at);
    into.writeUInt16BE(packetId, at + idAt);
    into.write(String(this.ts), at + payloadAt + 6, 'latin1');
    return at + bytes.length;
  }
}
