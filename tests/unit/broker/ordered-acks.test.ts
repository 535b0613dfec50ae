import { Duplex, PassThrough } from 'node:stream';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { InFlight } from '../../../src/broker/lane/in-flight.js';
import { OrderedAcks } from '../../../src/broker/lane/ordered-acks.js';

const deferred = () => {
  let resolve!: () => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<void>((yes, no) => {
    [resolve, reject] = [yes, no];
  });
  return { promise, resolve, reject };
};
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('OrderedAcks', () => {
  it('acknowledges in the order of arrival, whatever is stored first, and one commit with one write', async () => {
    const stream = new PassThrough();
    const writes: number[][] = [];
    stream.on('data', (bytes: Buffer) =>
      writes.push(Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readUInt16BE(4 * i + 2))),
    );
    const counted: number[] = [];
    const acks = new OrderedAcks(stream, new InFlight(stream), (count) => counted.push(count));
    const [first, second] = [deferred(), deferred()];
    acks.add(1, first.promise);
    acks.add(2, second.promise);
    acks.add(3, second.promise);
    acks.add(4, first.promise);

    second.resolve();
    await settle();
    expect(writes).toEqual([]);
    first.resolve();
    await settle();
    expect(writes.flat()).toEqual([1, 2, 3, 4]);
    expect(counted).toEqual([1, 2, 1]);
  });

  it('acknowledges what was stored around a message that was not, and then ends the connection', async () => {
    const stream = new PassThrough();
    const acked: number[] = [];
    stream.on('data', (bytes: Buffer) => {
      for (let at = 0; at < bytes.length; at += 4) acked.push(bytes.readUInt16BE(at + 2));
    });
    const acks = new OrderedAcks(stream, new InFlight(stream), () => undefined);
    const [before, refused, behind] = [deferred(), deferred(), deferred()];
    acks.add(1, before.promise);
    acks.add(2, refused.promise);
    acks.add(3, behind.promise);
    refused.reject(new Error('no room'));
    await settle();
    expect(stream.writableEnded).toBe(false);
    before.resolve();
    await settle();
    expect(stream.writableEnded).toBe(false);
    behind.resolve();
    await settle();
    expect(acked).toEqual([1, 3]);
    expect(stream.writableEnded).toBe(true);
    stream.destroy();
  });
});

describe('InFlight', () => {
  it('cuts a connection off that the other side does not close', () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const stream = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
    const inFlight = new InFlight(stream);
    inFlight.begin();
    inFlight.refuse();
    expect([inFlight.ended, stream.writableEnded, stream.destroyed]).toEqual([true, true, false]);
    vi.advanceTimersByTime(60_000);
    expect(stream.destroyed).toBe(true);
  });

  it('goes on as long as nothing is refused', () => {
    const stream = new PassThrough();
    const inFlight = new InFlight(stream);
    for (let n = 0; n < 3; n += 1) {
      inFlight.begin();
      inFlight.acknowledged();
    }
    expect([inFlight.ended, stream.writableEnded]).toEqual([false, false]);
  });
});
