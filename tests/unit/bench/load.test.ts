import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AckParser } from '../../bench/load/acks.js';
import { MeterMessages, READINGS_PER_MESSAGE } from '../../bench/load/meter.js';

/** Publish packets hold the topic's length after a fixed header of three bytes (128 ≤ remaining length < 16,384). */
function payloadOf(packet: Buffer): unknown {
  const topicLength = packet.readUInt16BE(3);
  return JSON.parse(packet.subarray(3 + 2 + topicLength + 2).toString());
}

describe('the load generator', () => {
  it('reads every PUBACK once, however the stream is cut', () => {
    const ids = fc.array(fc.integer({ min: 1, max: 65_535 }), { maxLength: 50 });
    fc.assert(
      fc.property(ids, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (sent, cuts) => {
        const others = [Buffer.from([0xd0, 0]), Buffer.from([0x30, 7, 0, 1, 0x40, 0x40, 2, 0, 9])];
        const acks = sent.flatMap((id, i) => [Buffer.from([0x40, 2, id >> 8, id & 0xff]), others[i % 2] as Buffer]);
        const stream = Buffer.concat([Buffer.from([0x20, 2, 0, 0]), ...acks]);
        const seen: number[] = [];
        let accepted = 0;
        const parser = new AckParser({ onConnack: () => accepted++, onPuback: (id) => seen.push(id) });
        for (let at = 0, i = 0; at < stream.length; i += 1) {
          const size = cuts[i % cuts.length] as number;
          parser.push(stream.subarray(at, at + size));
          at += size;
        }
        expect(accepted).toBe(1);
        expect(seen).toEqual(sent);
      }),
    );
  });

  it('patches meter messages to valid JSON with ten values, the time of now, and times that never repeat', () => {
    const now = Date.parse('2026-11-23T08:00:00.123+08:00');
    const meter = new MeterMessages('oh-diandu', 'load-m1', 7);
    const packets = [now, now, now + 60_000].map((at, i) => {
      const into = Buffer.alloc(meter.length);
      expect(meter.write(into, 0, 258 + i, at)).toBe(meter.length);
      return into;
    });
    const items = packets.map((packet) => payloadOf(packet) as { ts: string; values: Record<string, number> });
    expect(items.map((item) => Date.parse(item.ts))).toEqual([now, now + 1, now + 60_000]);
    for (const { values } of items) expect(Object.keys(values)).toHaveLength(READINGS_PER_MESSAGE);
    const energy = items.map((item) => item.values.import_energy_kwh as number);
    expect(energy).toEqual([...energy].sort((a, b) => a - b));
    expect(new Set(items.map((item) => item.values.active_power_kw)).size).toBe(3);
    const first = packets[0] as Buffer;
    expect(first.readUInt16BE(3 + 2 + first.readUInt16BE(3))).toBe(258);
  });
});
