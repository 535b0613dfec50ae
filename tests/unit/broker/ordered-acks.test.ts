import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { OrderedAcks } from '../../../src/broker/ordered-acks.js';

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
    const acks = new OrderedAcks(stream, (count) => counted.push(count));
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

  it('acknowledges nothing that was not stored, nor what came behind it, and ends the connection', async () => {
    const stream = new PassThrough();
    const bytes: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => bytes.push(chunk));
    const acks = new OrderedAcks(stream, () => undefined);
    const [lost, later] = [deferred(), deferred()];
    acks.add(1, lost.promise);
    acks.add(2, later.promise);
    lost.reject(new Error('disk full'));
    later.resolve();
    await settle();
    expect(stream.destroyed).toBe(true);
    expect(bytes).toEqual([]);
  });
});
