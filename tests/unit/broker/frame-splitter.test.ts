import fc from 'fast-check';
import { generate, type Packet } from 'mqtt-packet';
import { describe, expect, it } from 'vitest';
import { FrameSplitter, FrameTooLarge } from '../../../src/broker/frame-splitter.js';

const LIMITS = { packetBytes: 100_000, connectBytes: 1_000 };
const CONNECT: Packet = {
  cmd: 'connect',
  protocolId: 'MQTT',
  protocolVersion: 4,
  clientId: 'c',
  clean: true,
  keepalive: 0,
};

/** A splitter whose taker wants what `wanted` says, and what it took. */
function splitter(wanted: (frame: Buffer) => boolean = () => true) {
  const taken: Buffer[] = [];
  const one = new FrameSplitter(LIMITS);
  one.taker = {
    take(chunk, start, end) {
      const body = Buffer.from(chunk.subarray(start, end));
      if (!wanted(body)) return false;
      taken.push(body);
      return true;
    },
  };
  return { one, taken };
}

/** Feeds `bytes` cut at `cuts`, and gives all that passed. */
function feed(one: FrameSplitter, bytes: Buffer, cuts: readonly number[]): Buffer {
  const ends = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b).concat(bytes.length);
  let from = 0;
  const passed = ends.map((end) => {
    const part = one.split(bytes.subarray(from, end));
    from = end;
    return part ?? Buffer.alloc(0);
  });
  return Buffer.concat(passed);
}

const packets = fc.array(
  fc.oneof(
    fc.record({
      cmd: fc.constant('publish' as const),
      topic: fc.constantFrom('a', 'parks/p/energy/d/readings'),
      payload: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
      qos: fc.constantFrom(0 as const, 1 as const, 2 as const),
      retain: fc.boolean(),
      dup: fc.constant(false),
      messageId: fc.integer({ min: 1, max: 65_535 }),
    }),
    fc.constant({ cmd: 'pingreq' as const }),
    fc.record({
      cmd: fc.constant('publish' as const),
      topic: fc.constant('large'),
      payload: fc.constant(Buffer.alloc(20_000)),
      qos: fc.constant(1 as const),
      retain: fc.constant(false),
      dup: fc.constant(false),
      messageId: fc.integer({ min: 1, max: 65_535 }),
    }),
  ),
  { maxLength: 20 },
);
const cuts = fc.array(fc.nat(), { maxLength: 12 });

describe('FrameSplitter', () => {
  it('passes every byte on unchanged while nobody takes packets, wherever they are cut', () => {
    fc.assert(
      fc.property(packets, cuts, (list, at) => {
        const bytes = Buffer.concat([CONNECT, ...list].map((packet) => generate(packet)));
        expect(feed(new FrameSplitter(LIMITS), bytes, at).equals(bytes)).toBe(true);
      }),
    );
  });

  it('takes each wanted packet whole or passes it whole: nothing is lost, doubled or reordered on either way', () => {
    fc.assert(
      fc.property(packets, cuts, (list, at) => {
        const frames = [CONNECT, ...list].map((packet) => generate(packet));
        const { one, taken } = splitter((body) => body.length % 2 === 0);
        const passed = feed(one, Buffer.concat(frames), at);
        let [inPassed, inTaken] = [0, 0];
        for (const frame of frames) {
          const body = taken[inTaken];
          if (body !== undefined && frame.subarray(frame.length - body.length).equals(body) && frame[0] === 0x32) {
            inTaken += 1;
          } else {
            expect(passed.subarray(inPassed, inPassed + frame.length).equals(frame)).toBe(true);
            inPassed += frame.length;
          }
        }
        expect([inPassed, inTaken]).toEqual([passed.length, taken.length]);
      }),
    );
  });

  it('offers what is sent again (DUP), and neither QoS 0, QoS 2 nor what is to be retained', () => {
    const { one, taken } = splitter();
    one.split(generate(CONNECT));
    const base = { cmd: 'publish' as const, topic: 't', payload: 'x', messageId: 7, dup: false, retain: false };
    one.split(generate({ ...base, qos: 1, dup: true }));
    expect(taken).toHaveLength(1);
    for (const packet of [
      { ...base, qos: 0 as const },
      { ...base, qos: 2 as const },
      { ...base, qos: 1 as const, retain: true },
    ]) {
      expect(one.split(generate(packet))).not.toBeNull();
    }
    expect(taken).toHaveLength(1);
  });

  it('takes nothing out behind a publish of the same bytes that the broker has to acknowledge first', () => {
    const { one, taken } = splitter((body) => body.includes('wanted'));
    const publish = (payload: string) =>
      generate({ cmd: 'publish', topic: 't', payload, qos: 1, messageId: 1, dup: false, retain: false });
    one.split(generate(CONNECT));
    const bytes = Buffer.concat([publish('other'), publish('wanted')]);
    expect(one.split(bytes)?.equals(bytes)).toBe(true);
    expect(taken).toEqual([]);
    expect(one.split(publish('wanted'))).toBeNull();
  });

  it.each([
    ['a first packet above the bound of a CONNECT', Buffer.from([0x10, 0xe9, 0x07]), 1_001],
    ['a length of more than four bytes', Buffer.from([0x10, 0x80, 0x80, 0x80, 0x80]), 0],
  ])('refuses %s before its body came', (_name, bytes, announced) => {
    expect(() => new FrameSplitter(LIMITS).split(bytes)).toThrow(expect.objectContaining({ announced }));
  });

  it('refuses a later packet above its bound, however its length is cut', () => {
    const { one } = splitter();
    one.split(generate(CONNECT));
    expect(one.split(Buffer.from([0x32, 0xa1]))).toBeNull();
    expect(one.split(Buffer.from([0x8d]))).toBeNull();
    expect(() => one.split(Buffer.from([0x06]))).toThrow(FrameTooLarge);
  });
});
