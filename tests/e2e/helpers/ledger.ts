import { readingsTopic } from '../../../src/model/wire/topic.js';
import type { PacketSource } from '../../bench/load/connection.js';
import { type PublishTemplate, publishTemplate } from '../../bench/load/packets.js';

const DAY_MS = 86_400_000;
const FIRST = 10_000;
const MOST = 8_999_999;

/** The two metrics in every message of a ledger; both carry the message's value. */
export const LEDGER_METRICS = ['active_power_kw', 'import_energy_kwh'] as const;

/** One message: what was sent for which device. */
interface LedgerEntry {
  readonly device: string;
  readonly ts: number;
  readonly value: number;
}

/**
 * The messages of one gateway, each with a time and a value of its own, and which of them were acknowledged. What was
 * sent and not acknowledged is sent again, unchanged, once `resend` is called: as a gateway with a buffer does.
 * Every third message is a day late, so that several days of history are written at once.
 */
export class Ledger implements PacketSource {
  readonly maxPacketBytes: number;
  acknowledged = 0;
  /** By message number: 0 never sent, 1 sent, 2 acknowledged. */
  private readonly status: number[] = [];
  private readonly inFlight = new Map<number, number>();
  private again: number[] = [];
  private readonly packets: readonly PublishTemplate[];

  /** `startTs` is the time of the first message, epoch ms; the n-th is n ms later, so stay behind the present. */
  constructor(
    park: string,
    readonly devices: readonly string[],
    private readonly startTs: number,
  ) {
    const values = LEDGER_METRICS.map((metric) => `"${metric}":${'0'.repeat(8)}`).join();
    const payload = Buffer.from(`{"ts":${'0'.repeat(13)},"values":{${values}}}`);
    this.packets = devices.map((device) => publishTemplate(readingsTopic(park, 'energy', device), payload));
    this.maxPacketBytes = Math.max(...this.packets.map(({ bytes }) => bytes.length));
  }

  get sent(): number {
    return this.status.length;
  }

  write(into: Buffer, at: number, packetId: number): number {
    const n = this.again.shift() ?? this.status.push(1) - 1;
    if (n > MOST) throw new RangeError('the ledger is full');
    this.inFlight.set(packetId, n);
    const { ts, value } = this.entry(n);
    const { bytes, idAt, payloadAt } = this.packets[n % this.packets.length] as PublishTemplate;
    bytes.copy(into, at);
    into.writeUInt16BE(packetId, at + idAt);
    into.write(String(ts), at + payloadAt + 6, 'latin1');
    for (const metric of LEDGER_METRICS) {
      const valueAt = into.indexOf(`"${metric}":`, at + payloadAt) + metric.length + 3;
      into.write(value.toFixed(2), valueAt, 'latin1');
    }
    return at + bytes.length;
  }

  acked(packetId: number): void {
    const n = this.inFlight.get(packetId);
    if (n === undefined) return;
    this.inFlight.delete(packetId);
    if (this.status[n] !== 2) this.acknowledged += 1;
    this.status[n] = 2;
  }

  /** The connection is gone: what it had not acknowledged goes first on the next one. */
  resend(): void {
    this.again = [...this.inFlight.values(), ...this.again].sort((a, b) => a - b);
    this.inFlight.clear();
  }

  /** Of one device, by time: the value, and whether it was acknowledged. */
  expected(device: string): Map<number, { readonly value: number; readonly acknowledged: boolean }> {
    const all = new Map<number, { value: number; acknowledged: boolean }>();
    this.status.forEach((status, n) => {
      const entry = this.entry(n);
      if (entry.device === device) all.set(entry.ts, { value: entry.value, acknowledged: status === 2 });
    });
    return all;
  }

  private entry(n: number): LedgerEntry {
    const late = n % 3 === 2 ? DAY_MS : 0;
    return {
      device: this.devices[n % this.devices.length] as string,
      ts: this.startTs - late + n,
      value: (FIRST * 100 + n) / 100,
    };
  }
}
