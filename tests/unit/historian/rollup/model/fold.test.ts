import { describe, expect, it } from 'vitest';
import { MAX_HOLD_MS, statisticOf } from '../../../../../src/historian/rollup/model/bucket.js';
import { cutHours } from '../../../../../src/historian/rollup/model/calendar.js';
import { fold, GAUGE, HOUR, METER, MINUTE, type Point, T0 } from './helpers.js';

const at = (minutes: number, value: number): Point => [T0 + minutes * MINUTE, value];
const bucketsOf = (points: readonly Point[], to = T0 + 2 * HOUR) => fold(GAUGE, points, { to }).buckets;

describe('the fold of readings into buckets', () => {
  it('counts, adds up and finds first, last, least and greatest', () => {
    const [{ bucket } = {}] = bucketsOf([at(10, 10), at(20, 30), at(40, 20)], T0 + HOUR);
    expect(bucket).toMatchObject({ start: T0, count: 3, sum: 60, min: 10, max: 30, delta: 0 });
    expect(bucket).toMatchObject({ first: 10, firstTs: T0 + 10 * MINUTE, last: 20, lastTs: T0 + 40 * MINUTE });
  });

  it('weighs each value by the time until the next, at most 15 minutes', () => {
    const [{ bucket } = {}] = bucketsOf([at(0, 100), at(5, 40), at(40, 10)], T0 + HOUR);
    expect(bucket?.coveredMs).toBe((5 + 15 + 15) * MINUTE);
    expect(bucket?.integral).toBe((100 * 5 + 40 * 15 + 10 * 15) * MINUTE);
  });

  it('makes a bucket without a reading where only a held value reaches into it', () => {
    const [first, second, third] = bucketsOf([at(55, 8)], T0 + 3 * HOUR);
    expect(first?.bucket).toMatchObject({ count: 1, coveredMs: 5 * MINUTE });
    expect(second?.bucket).toMatchObject({ start: T0 + HOUR, count: 0, sum: 0, coveredMs: 10 * MINUTE });
    expect(second?.bucket).toMatchObject({ min: Number.NaN, last: Number.NaN, lastTs: Number.NaN });
    expect(second?.bucket.integral).toBe(8 * 10 * MINUTE);
    expect(second?.carry).toEqual(first?.carry);
    expect(third).toBeUndefined();
  });

  it('makes no bucket after a value that has held exactly to its end', () => {
    expect(bucketsOf([[T0 + HOUR - MAX_HOLD_MS, 1]])).toHaveLength(1);
    expect(bucketsOf([[T0 + HOUR - MAX_HOLD_MS + 1, 1]])).toHaveLength(2);
  });

  it('lets a value hold to the end of the range at most', () => {
    const [{ bucket } = {}] = bucketsOf([at(10, 4)], T0 + 12 * MINUTE);
    expect(bucket?.coveredMs).toBe(2 * MINUTE);
  });

  it('puts a reading on an edge into the bucket it begins', () => {
    const counts = bucketsOf([at(0, 1), [T0 + HOUR - 1, 2], at(60, 3)]).map(({ bucket }) => bucket.count);
    expect(counts).toEqual([2, 1]);
  });

  it('begins with the value that the buckets before handed on, and counts nothing of their time', () => {
    const carry = { last: { ts: T0 - 5 * MINUTE, value: 7 }, counter: null };
    const [{ bucket } = {}] = fold(GAUGE, [at(4, 1)], { to: T0 + HOUR, carry }).buckets;
    expect(bucket?.integral).toBe((7 * 4 + 1 * 15) * MINUTE);
  });

  it('counts a counter on from where the buckets before left it, a doubtful reading included', () => {
    const points = [at(0, 500), at(50, 510), at(59, 3), at(70, 512), at(80, 515)];
    const first = fold(METER, points, { to: T0 + HOUR });
    const second = fold(METER, points, { from: T0 + HOUR, to: T0 + 2 * HOUR, carry: first.carry });
    expect(first.buckets.map(({ bucket }) => bucket.delta)).toEqual([10]);
    expect(second.buckets.map(({ bucket }) => bucket.delta)).toEqual([5]);
  });

  it('counts nothing for what is no counter, and keeps no state of one', () => {
    const { buckets, carry } = fold(GAUGE, [at(0, 1), at(10, 9)], { to: T0 + HOUR });
    expect(buckets[0]?.bucket.delta).toBe(0);
    expect(carry).toEqual({ last: { ts: T0 + 10 * MINUTE, value: 9 }, counter: null });
  });

  it('cuts in other buckets than hours as well', () => {
    const cut = (ts: number) => (ts < T0 + 30 * MINUTE ? { start: T0, end: T0 + 30 * MINUTE } : cutHours(ts));
    const { buckets } = fold(GAUGE, [at(10, 1), at(40, 2)], { to: T0 + HOUR, cut });
    expect(buckets.map(({ bucket }) => bucket.sum)).toEqual([1, 2]);
  });
});

describe('what a bucket says', () => {
  const [{ bucket } = {}] = bucketsOf([at(0, 100), at(5, 40)], T0 + HOUR);

  it('is each statistic of its readings', () => {
    const say = (statistic: Parameters<typeof statisticOf>[1]) => statisticOf(bucket!, statistic);
    expect([say('mean'), say('time_weighted_mean')]).toEqual([70, (100 * 5 + 40 * 15) / 20]);
    expect([say('min'), say('max'), say('first'), say('last')]).toEqual([40, 100, 100, 40]);
    expect([say('sum'), say('count'), say('delta')]).toEqual([140, 2, 0]);
  });

  it('is nothing without a reading, though a value reaches into it', () => {
    const [, held] = bucketsOf([at(55, 8)]);
    expect(held?.bucket.coveredMs).toBeGreaterThan(0);
    expect(statisticOf(held!.bucket, 'time_weighted_mean')).toBeNull();
    expect(statisticOf(held!.bucket, 'count')).toBeNull();
  });

  it('is the last value where none held for any time', () => {
    expect(statisticOf({ ...bucket!, integral: 0, coveredMs: 0 }, 'time_weighted_mean')).toBe(40);
  });
});
