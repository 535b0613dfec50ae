import fc from 'fast-check';
import { generate, type Packet } from 'mqtt-packet';
import { describe, expect, it } from 'vitest';
import { FrameSplitter, FrameTooLargeError } from '../../../src/broker/lane/frame-splitter.js';

const LIMITS = { packetBytes: 100_000, connectBytes: 1_000 };
const CONNECT: Packet = {
  cmd: 'connect',
  protocolId: 'MQTT',
  protocolVersion: 4,
  clientId: 'c',
  clean: true,
  keepalive: 0,
};

interface Taken {
  readonly first: number;
  readonly body: Buffer;
}

/** A splitter with a receiver, and what it was given. */
function splitter() {
  const taken: Taken[] = [];
  const one = new FrameSplitter(LIMITS);
  one.receiver = {
    isFull: () => false,
    accept: (first, bytes, start, end) => void taken.push({ first, body: Buffer.from(bytes.subarray(start, end)) }),
  };
  return { one, taken };
}

const isPublish = (frame: Buffer) => frame[0]! >> 4 === 3;
/** A frame without its first byte and its length. */
function bodyOf(frame: Buffer): Buffer {
  let at = 1;
  while (frame[at]! >= 0x80) at += 1;
  return frame.subarray(at + 1);
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
  it('passes the CONNECT on and keeps all behind it until somebody takes packets, wherever it is cut', () => {
    fc.assert(
      fc.property(packets, cuts, (list, at) => {
        const connect = generate(CONNECT);
        const bytes = Buffer.concat([connect, ...list.map((packet) => generate(packet))]);
        const one = new FrameSplitter(LIMITS);
        let rest = Buffer.alloc(0);
        const ends = [...new Set(at.map((cut) => cut % bytes.length))].sort((a, b) => a - b).concat(bytes.length);
        let from = 0;
        const passed = ends.map((end) => {
          // What has to wait is given back before more is read.
          const part = Buffer.concat([rest, bytes.subarray(from, end)]);
          from = end;
          const out = part.length > 0 ? one.split(part) : null;
          rest = Buffer.from(one.giveRest() ?? Buffer.alloc(0));
          return out ?? Buffer.alloc(0);
        });
        expect(Buffer.concat(passed).equals(connect)).toBe(true);
        expect(rest.equals(bytes.subarray(connect.length))).toBe(true);
      }),
    );
  });

  it('takes every PUBLISH whole and passes all else whole: nothing lost, doubled or reordered on either way', () => {
    fc.assert(
      fc.property(packets, cuts, (list, at) => {
        const frames = list.map((packet) => generate(packet));
        const { one, taken } = splitter();
        one.split(generate(CONNECT));
        const passed = feed(one, Buffer.concat(frames), at);
        const wanted = frames.filter(isPublish);
        expect(taken.map(({ first }) => first)).toEqual(wanted.map((frame) => frame[0]));
        expect(taken.every(({ body }, i) => body.equals(bodyOf(wanted[i]!)))).toBe(true);
        expect(passed.equals(Buffer.concat(frames.filter((frame) => !isPublish(frame))))).toBe(true);
      }),
    );
  });

  it('stops before the next packet when its taker is full, and goes on with what it kept', () => {
    const { one, taken } = splitter();
    one.split(generate(CONNECT));
    const publish = (payload: string) =>
      generate({ cmd: 'publish', topic: 't', payload, qos: 1, messageId: 1, dup: false, retain: false });
    let full = false;
    one.receiver = {
      isFull: () => full,
      accept: (first, bytes, start, end) => {
        taken.push({ first, body: Buffer.from(bytes.subarray(start, end)) });
        full = true;
      },
    };
    const bytes = Buffer.concat([publish('a'), generate({ cmd: 'pingreq' }), publish('b')]);
    expect(one.split(bytes)).toBeNull();
    expect([taken.length, one.waits]).toEqual([1, true]);
    full = false;
    const rest = one.giveRest();
    expect(one.split(rest!)?.equals(generate({ cmd: 'pingreq' }))).toBe(true);
    expect([taken.length, one.giveRest()]).toEqual([2, null]);
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
    expect(() => one.split(Buffer.from([0x06]))).toThrow(FrameTooLargeError);
  });
});
