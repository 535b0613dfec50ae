import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Bucket,
  type Carry,
  emptyBucket,
  mergeBuckets,
  NO_CARRY,
  sameBucket,
  sameCarry,
} from '../../../../../src/historian/rollup/model/bucket.js';
import type { FoldedMetric } from '../../../../../src/historian/rollup/model/fold.js';
import { fold, GAUGE, HOUR, METER, MINUTE, type Point, T0 } from './helpers.js';

const HOURS = 12;
const END = T0 + HOURS * HOUR;

/** What meters do: they run, stick (also at zero), glitch, restart, roll over, fall silent. */
const spell = fc.record({
  kind: fc.constantFrom('run', 'run', 'stuck', 'stuck-at-zero', 'glitch', 'reset', 'rollover', 'silence', 'jump'),
  readings: fc.integer({ min: 1, max: 25 }),
  everyMinutes: fc.constantFrom(1, 4, 10, 15, 16, 60),
  fraction: fc.double({ min: 0, max: 1, noNaN: true }),
});
const METER_MAX = 10_000;

const points: fc.Arbitrary<Point[]> = fc.array(spell, { minLength: 1, maxLength: 12 }).map((spells) => {
  const made: Point[] = [];
  let ts = T0;
  let register = 9_000.25;
  for (const { kind, readings, everyMinutes, fraction } of spells) {
    if (kind === 'reset') register = fraction;
    if (kind === 'rollover') register = METER_MAX - fraction;
    if (kind === 'jump') register = fraction * METER_MAX;
    if (kind === 'silence') ts += readings * 20 * MINUTE;
    else {
      for (let i = 0; i < readings && ts < END; i += 1) {
        if (kind !== 'stuck') register = (register + fraction * everyMinutes * 0.9) % METER_MAX;
        const odd = kind === 'glitch' && i % 2 === 0 ? fraction * 3 : kind === 'stuck-at-zero' ? 0 : register;
        made.push([ts, odd]);
        ts += everyMinutes * MINUTE;
      }
    }
  }
  return made.filter(([at]) => at < END);
});
/** Whole hours at which the work is broken off and taken up again. */
const breaks = fc.uniqueArray(fc.integer({ min: 1, max: HOURS - 1 }), { maxLength: HOURS - 1 });

const stored = <T>(state: T): T => JSON.parse(JSON.stringify(state));

function inPieces(metric: FoldedMetric, all: readonly Point[], at: readonly number[]) {
  const edges = [0, ...[...at].sort((a, b) => a - b), HOURS].map((hour) => T0 + hour * HOUR);
  const buckets: { bucket: Bucket; carry: Carry }[] = [];
  let carry = NO_CARRY;
  for (const [i, from] of edges.slice(0, -1).entries()) {
    const piece = fold(metric, all, { from, to: edges[i + 1]!, carry: stored(carry) });
    buckets.push(...piece.buckets);
    carry = piece.carry;
  }
  return { buckets, carry };
}

describe('the fold, for any readings', () => {
  for (const [name, metric] of [
    ['a gauge', GAUGE],
    ['a counter', METER],
  ] as const) {
    it(`makes the same of ${name} to the last bit, wherever it is broken off and taken up again`, () => {
      fc.assert(
        fc.property(points, breaks, (all, at) => {
          expect(inPieces(metric, all, at)).toEqual(fold(metric, all, { to: END }));
        }),
        { numRuns: 500 },
      );
    });
  }

  it('hands on with each bucket what a fold from there needs', () => {
    fc.assert(
      fc.property(points, fc.nat(100), (all, which) => {
        const { buckets } = fold(METER, all, { to: END });
        fc.pre(buckets.length > 0);
        const { bucket, carry } = buckets[which % buckets.length]!;
        const from = bucket.start + HOUR;
        fc.pre(from < END);
        const rest = fold(METER, all, { from, to: END, carry });
        expect(rest.buckets).toEqual(buckets.filter((one) => one.bucket.start >= from));
      }),
    );
  });

  it('counts every reading once, and never more time than there is', () => {
    fc.assert(
      fc.property(points, (all) => {
        const buckets = fold(GAUGE, all, { to: END }).buckets.map(({ bucket }) => bucket);
        expect(buckets.reduce((count, bucket) => count + bucket.count, 0)).toBe(all.length);
        for (const { coveredMs, count } of buckets) {
          expect(coveredMs).toBeLessThanOrEqual(HOUR);
          expect(count > 0 || coveredMs > 0).toBe(true);
        }
      }),
    );
  });
});

describe('buckets added up', () => {
  const same = (a: Bucket, b: Bucket) =>
    sameBucket({ ...a, sum: 0, integral: 0, delta: 0 }, { ...b, sum: 0, integral: 0, delta: 0 });

  it('say what one bucket of all their time says', () => {
    fc.assert(
      fc.property(points, (all) => {
        const day = { start: T0, end: END };
        const [whole] = fold(METER, all, { to: END, cut: () => day }).buckets;
        const merged = mergeBuckets(
          T0,
          fold(METER, all, { to: END }).buckets.map(({ bucket }) => bucket),
        );
        expect(same(merged, whole?.bucket ?? emptyBucket(T0))).toBe(true);
        for (const key of ['sum', 'integral', 'delta'] as const) {
          const exact = whole?.bucket[key] ?? 0;
          expect(Math.abs(merged[key] - exact)).toBeLessThanOrEqual(Math.abs(exact) * 1e-12);
        }
      }),
    );
  });

  it('take no notice of an empty one, before or behind', () => {
    const [{ bucket } = {}] = fold(METER, [[T0 + MINUTE, 5]], { to: T0 + HOUR }).buckets;
    expect(mergeBuckets(T0, [emptyBucket(T0), bucket!])).toEqual(bucket);
    expect(mergeBuckets(T0, [bucket!, emptyBucket(T0 + HOUR)])).toEqual(bucket);
    expect(sameBucket(emptyBucket(T0), emptyBucket(T0))).toBe(true);
  });
});

describe('what is handed on', () => {
  it('is the same only where everything that follows would be', () => {
    fc.assert(
      fc.property(points, (all) => {
        const { buckets } = fold(METER, all, { to: END });
        for (const { carry } of buckets) expect(sameCarry(carry, stored(carry))).toBe(true);
      }),
    );
    const counter = { last: { ts: 1, value: 1 }, doubtful: null, beforeRollover: null, latestTs: 1 };
    const base: Carry = { last: { ts: 1, value: 1 }, counter };
    const others: Carry[] = [
      { ...base, last: { ts: 1, value: 2 } },
      { ...base, counter: null },
      { ...base, counter: { ...counter, latestTs: 2 } },
      { ...base, counter: { ...counter, last: null } },
      { ...base, counter: { ...counter, doubtful: { ts: 1, value: 0 } } },
      { ...base, counter: { ...counter, beforeRollover: { point: { ts: 1, value: 1 }, counted: 3 } } },
    ];
    for (const other of others) expect(sameCarry(base, other)).toBe(false);
    expect(sameCarry(base, stored(base))).toBe(true);
  });
});
