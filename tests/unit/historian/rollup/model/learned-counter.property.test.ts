import fc from 'fast-check';
import { expect, it } from 'vitest';
import { mergeBuckets, NO_CARRY, sameCarry } from '../../../../../src/historian/rollup/model/bucket.js';
import { ENERGY, history, STEP } from '../../../model/counter/history.js';
import { fold, HOUR, type Point, T0 } from './helpers.js';

const stored = <T>(state: T): T => JSON.parse(JSON.stringify(state));

it('hours of a counter whose bound is learned are the same wherever the work was broken off, and add up to any span', () => {
  fc.assert(
    fc.property(history, fc.nat(), ({ readings }, where) => {
      const points = readings.map((value, i): Point => [T0 + i * STEP, value]);
      const end = T0 + Math.ceil((readings.length * STEP) / HOUR) * HOUR;
      const cutAt = T0 + (where % ((end - T0) / HOUR)) * HOUR;
      const whole = fold(ENERGY, points, { to: end });
      const first = fold(ENERGY, points, { to: cutAt, carry: NO_CARRY });
      const rest = fold(ENERGY, points, { from: cutAt, to: end, carry: stored(first.carry) });
      expect([...first.buckets, ...rest.buckets]).toEqual(whole.buckets);
      expect(sameCarry(rest.carry, stored(whole.carry))).toBe(true);

      const [span] = fold(ENERGY, points, { to: end, cut: () => ({ start: T0, end }) }).buckets;
      const hours = mergeBuckets(
        T0,
        whole.buckets.map(({ bucket }) => bucket),
      );
      expect(hours.delta).toBeCloseTo(span!.bucket.delta, 6);
    }),
    { numRuns: 300 },
  );
});

it('what a counter has learned is a part of what is handed on', () => {
  const last = { ts: 1, value: 1 };
  const counter = { last, doubtful: null, beforeRollover: null, latestTs: 1 };
  const usual = { rate: 32, day: 20_000, rises: 4 };
  const of = (detail?: object) => ({ last, counter: { ...counter, ...(detail && { detail }) } });
  expect(sameCarry(of({ usual }), stored(of({ usual: { day: 20_000, rises: 4, rate: 32 } })))).toBe(true);
  for (const other of [of(), of({ usual: { ...usual, rate: 64 } }), of({ usual, mark: 2 }), of({ usual, left: [] })]) {
    expect(sameCarry(of({ usual }), other)).toBe(false);
    expect(sameCarry(other, of({ usual }))).toBe(false);
  }
});
