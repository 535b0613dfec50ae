import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Comparison, levelHeld, levelMet } from '../../../../../src/alarms/model/rule/comparison.js';

const level = (setpoint: number, deadband: number) =>
  ({ name: `${setpoint}`, setpoint, deadband, priority: 'medium' }) as const;
const high = (inclusive: boolean): Comparison => ({ side: 'high', inclusive, levels: [level(72, 4), level(80, 5)] });
const low = (inclusive: boolean): Comparison => ({
  side: 'low',
  inclusive,
  levels: [level(0.2, 0.02), level(0.1, 0.02)],
});
const state: Comparison = { side: 'equal', inclusive: true, levels: [level(1, 0)] };

describe('the level that a measure meets', () => {
  it.each<[string, Comparison, readonly (readonly [measure: number, level: number])[]]>([
    [
      'above, the setpoint complies',
      high(false),
      [
        [72, 0],
        [72.01, 1],
        [80, 1],
        [80.01, 2],
        [-1e9, 0],
        [1e9, 2],
      ],
    ],
    [
      'above, the setpoint counts',
      high(true),
      [
        [71.99, 0],
        [72, 1],
        [79.99, 1],
        [80, 2],
      ],
    ],
    [
      'below, the setpoint complies',
      low(false),
      [
        [0.2, 0],
        [0.19, 1],
        [0.1, 1],
        [0.09, 2],
        [-5, 2],
      ],
    ],
    [
      'below, the setpoint counts',
      low(true),
      [
        [0.21, 0],
        [0.2, 1],
        [0.1, 2],
      ],
    ],
    [
      'a state',
      state,
      [
        [0, 0],
        [1, 1],
        [2, 0],
      ],
    ],
  ])('%s', (_, comparison, cases) => {
    expect(cases.map(([measure]) => [measure, levelMet(comparison, measure)])).toEqual(cases);
  });
});

describe('the level that a measure holds', () => {
  it.each<[string, Comparison, number, readonly (readonly [measure: number, level: number])[]]>([
    [
      'at 2, above',
      high(false),
      2,
      [
        [80, 2],
        [75.01, 2],
        [75, 1],
        [68.01, 1],
        [68, 0],
      ],
    ],
    [
      'at 2, above and inclusive',
      high(true),
      2,
      [
        [75, 2],
        [74.99, 1],
        [68, 1],
        [67.99, 0],
      ],
    ],
    [
      'at 1, a level above is not held by its deadband',
      high(false),
      1,
      [
        [81, 2],
        [79, 1],
        [68.01, 1],
        [68, 0],
      ],
    ],
    [
      'at 0, nothing is held by a deadband',
      high(false),
      0,
      [
        [71, 0],
        [72.01, 1],
      ],
    ],
    [
      'at 2, below',
      low(false),
      2,
      [
        [0.11, 2],
        [0.12, 1],
        [0.21, 1],
        [0.22, 0],
      ],
    ],
    [
      'a state has no deadband',
      state,
      1,
      [
        [1, 1],
        [0, 0],
        [2, 0],
      ],
    ],
    [
      'at a level that a newer version of the rule does not have',
      high(false),
      4,
      [
        [76, 2],
        [60, 0],
      ],
    ],
  ])('%s', (_, comparison, standing, cases) => {
    expect(cases.map(([measure]) => [measure, levelHeld(comparison, standing, measure)])).toEqual(cases);
  });

  it('ends at the decimal that people compute, whatever binary makes of it', () => {
    const end = (side: 'high' | 'low', setpoint: number, deadband: number, measure: number) =>
      levelHeld({ side, inclusive: false, levels: [level(setpoint, deadband)] }, 1, measure);
    expect(0.1 + 0.02).not.toBe(0.12);
    expect(end('low', 0.1, 0.02, 0.12)).toBe(0);
    expect(end('low', 0.1, 0.02, 0.1199)).toBe(1);
    expect(0.3 - 0.1).not.toBe(0.2);
    expect(end('high', 0.3, 0.1, 0.2)).toBe(0);
    expect(end('high', 0.3, 0.1, 0.2001)).toBe(1);
    expect(end('high', 235.4, 1, 234.4)).toBe(0);
  });

  const comparison = fc
    .record({
      side: fc.constantFrom('high', 'low'),
      inclusive: fc.boolean(),
      setpoints: fc.uniqueArray(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 4 }),
      deadband: fc.nat(10),
    })
    .map(({ side, inclusive, setpoints, deadband }): Comparison => {
      const rising = setpoints.toSorted((a, b) => (side === 'high' ? a - b : b - a));
      return { side, inclusive, levels: rising.map((setpoint) => level(setpoint, deadband)) };
    });

  it('is what is met or more, never above what stands or is met, and monotone in the measure', () => {
    fc.assert(
      fc.property(
        comparison,
        fc.nat(4),
        fc.integer({ min: -70, max: 70 }),
        fc.nat(20),
        (one, standing, measure, more) => {
          const [met, held] = [levelMet(one, measure), levelHeld(one, standing, measure)];
          expect(held).toBeGreaterThanOrEqual(met);
          expect(held).toBeLessThanOrEqual(Math.max(met, standing));
          const worse = one.side === 'high' ? measure + more : measure - more;
          expect(levelMet(one, worse)).toBeGreaterThanOrEqual(met);
          expect(levelHeld(one, standing, worse)).toBeGreaterThanOrEqual(held);
        },
      ),
    );
  });
});
