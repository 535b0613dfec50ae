import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CounterIncrements } from '../../../../src/model/counter/counter.js';
import { withMaxRate } from '../../../../src/model/counter/max-rates.js';
import { HOUR_MS } from '../../../../src/model/time/duration.js';
import { ENERGY } from './history.js';

const { PARK_TEST_RUNS } = process.env;
const PARAMETERS = PARK_TEST_RUNS === undefined ? { numRuns: 300, seed: 1 } : { numRuns: Number(PARK_TEST_RUNS) };
const TOP = ENERGY.rollover!;
/** Of so many readings in a row one to three are wrong. */
const WINDOW = 8;
/** What waits in the last digits. */
const WAITS = 0.05;
type Wrong = 'zero' | 'up' | 'down' | 'near the modulus' | 'slightly off' | 'equal ones' | 'to zero, then up';
type Spots = 'inside' | 'after three readings' | 'the last ones';
const WRONG: readonly Wrong[] = [
  ...(['zero', 'up', 'down', 'near the modulus', 'slightly off', 'equal ones', 'to zero, then up'] as const),
];

const share = fc.integer({ min: 1, max: 999 }).map((thousandth) => thousandth / 1000);

/** A register that truly rises, with one to three of eight readings in a row replaced. */
const meter = (hours: number, wrong: Wrong, spots: Spots) =>
  fc
    .record({
      peak: fc.constantFrom(0.5, 4, 37, 300),
      start: fc.oneof(share, fc.integer({ min: -200, max: -40 })),
      steps: fc.array(fc.integer({ min: 20, max: 100 }), { minLength: 60, maxLength: 60 }),
      lead: fc.integer({ min: 8, max: 30 }),
      at: fc.uniqueArray(fc.integer({ min: 0, max: WINDOW - 1 }), { minLength: 1, maxLength: 3 }),
      far: fc.array(share, { minLength: WINDOW, maxLength: WINDOW }),
    })
    .map(({ peak, start, steps, lead: ahead, at, far }) => {
      const lead = spots === 'after three readings' ? 3 : ahead;
      const length = lead + WINDOW + (spots === 'the last ones' ? 0 : 20);
      const most = peak * hours;
      const wrongAt = new Set(at.map((one) => lead + one));
      if (spots === 'the last ones') wrongAt.add(lead + WINDOW - 1);
      let register = start < 0 ? TOP + start * most : TOP * 0.8 * start;
      let [first, last, nth] = [register, register, 0];
      const points = Array.from({ length }, (_, i): [number, number] => {
        if (i > 0) register = Math.min(TOP - 1, Math.round(register * 100 + most * steps[i]!) / 100);
        if (i === 0) first = register;
        const ts = i * hours * HOUR_MS;
        if (!wrongAt.has(i)) last = register;
        if (!wrongAt.has(i)) return [ts, register];
        const from = wrong === 'equal ones' ? far[0]! : far[i - lead]!;
        nth += 1;
        return [ts, misread(wrong, register, from, nth, most)];
      });
      return { points, truth: last - first, most, peak, wrongOnes: wrongAt.size };
    });

function misread(wrong: Wrong, register: number, far: number, nth: number, most: number): number {
  const up = register + (TOP - register) * far;
  if (wrong === 'zero' || (wrong === 'to zero, then up' && nth % 2 === 1)) return 0;
  if (wrong === 'up' || wrong === 'to zero, then up') return up;
  if (wrong === 'down') return register * far;
  if (wrong === 'near the modulus') return TOP - 100 * far;
  if (wrong === 'slightly off') return Math.max(0, register + (far - 0.5) * 40 * most);
  return far < 0.5 ? TOP * far * 0.5 : TOP * (0.9 + far / 10);
}

/**
 * What passes for each interval since the last right reading, in true steps: a learned rate is a power of two, up to twice
 * the true one; twice that is nothing odd, and teaches as much again. A register that is read often counts eight times
 * the usual at once, and pays it back within hours. No reading tells such a wrong one apart when it comes.
 */
const INTERVALS = [
  ['quarter of an hour', 0.25, 32],
  ['hour', 1, 12],
  ['day', 24, 12],
] as const;

describe.each(INTERVALS)(
  'a register read every %s, one to three of eight readings of which are wrong',
  (_, hours, passes) => {
    const cases = (['inside', 'the last ones', 'after three readings'] as const).flatMap((spots) =>
      WRONG.map((wrong) => [spots, wrong] as const),
    );
    it.each(cases)('counts what it truly consumed: %s, %s', (spots, wrong) => {
      fc.assert(
        fc.property(meter(hours, wrong, spots), ({ points, truth, most, peak, wrongOnes }) => {
          // With three readings nothing is known of its size: what the metric has as usual passes until it is paid back.
          const isKnown = spots !== 'after three readings';
          const bounds = isKnown ? [ENERGY, withMaxRate(ENERGY, peak * 1.01)] : [withMaxRate(ENERGY, peak * 1.01)];
          for (const of of bounds) {
            const counter = new CounterIncrements(of);
            const counted = points.reduce((sum, [ts, value]) => sum + counter.push(ts, value).increment, 0);
            const bound = passes * most * (wrongOnes + 1) + WAITS;
            expect(Math.abs(counted - truth)).toBeLessThanOrEqual(bound);
          }
        }),
        PARAMETERS,
      );
    });
  },
);

/** Steps within which a wrong reading looks like a right one, and which later ones make up for. */
const NEAR = 2.5;

it.each([
  ['hour', 'inside', 1, 3],
  ['day', 'inside', 24, 3],
  ['hour', 'the last ones', 1, 50],
  ['day', 'the last ones', 24, 50],
] as const)('a register of unknown size read every %s seldom counts too much: %s', (_, spots, hours, few) => {
  for (const wrong of WRONG) {
    const beyond = fc
      .sample(meter(hours, wrong, spots), { numRuns: 1_000, seed: 1 })
      .filter(({ points, truth, most }) => {
        const counter = new CounterIncrements(ENERGY);
        const counted = points.reduce((sum, [ts, value]) => sum + counter.push(ts, value).increment, 0);
        return Math.abs(counted - truth) > NEAR * most + WAITS;
      });
    expect(beyond.length, wrong).toBeLessThanOrEqual(few);
  }
});
