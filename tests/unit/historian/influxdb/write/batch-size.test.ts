import { expect, it } from 'vitest';
import { BatchSize } from '../../../../../src/historian/influxdb/write/batch-size.js';

const KIB = 1024;

it('grows while batches are full and answered quickly, up to a bound', () => {
  const size = new BatchSize();
  const seen = Array.from({ length: 6 }, () => {
    size.wrote(size.bytes, 100);
    return size.bytes / KIB;
  });
  expect(seen).toEqual([512, 1024, 2048, 4096, 4096, 4096]);
});

it('stays where a server is slow', () => {
  const size = new BatchSize();
  size.wrote(size.bytes, 5_000);
  expect(size.bytes).toBe(256 * KIB);
});

it('comes back when there is little to do', () => {
  const size = new BatchSize();
  for (let i = 0; i < 4; i += 1) size.wrote(size.bytes, 100);
  size.wrote(10 * KIB, 5);
  expect(size.bytes).toBe(256 * KIB);
});

it('halves at each complaint, down to a bound, and stays there until there is little to do', () => {
  const size = new BatchSize();
  size.tooMuch();
  size.tooMuch();
  expect(size.bytes).toBe(64 * KIB);
  size.wrote(size.bytes, 100);
  expect(size.bytes).toBe(64 * KIB);
  for (let i = 0; i < 20; i += 1) size.tooMuch();
  expect(size.bytes).toBe(16 * KIB);
  size.wrote(KIB, 5);
  for (let i = 0; i < 20; i += 1) size.wrote(size.bytes, 100);
  expect(size.bytes).toBe(4096 * KIB);
});

it('grows while catching up, though lines are shorter than the journal and two writes are on their way', () => {
  const size = new BatchSize();
  const underWay = [size.bytes, size.bytes];
  for (let i = 0; i < 8; i += 1) {
    size.wrote(0.6 * (underWay.shift() as number), 100);
    underWay.push(size.bytes);
  }
  expect(size.bytes).toBe(4096 * KIB);
});
