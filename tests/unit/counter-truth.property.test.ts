import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CounterIncrements } from '../../src/domain/counter.js';
import { ENERGY, history, STEP } from './counter-history.js';

const RUNS = Number(process.env.PARK_TEST_RUNS ?? 500);

it('a counter counts what was consumed, whatever its readings do for a while', { timeout: 600_000 }, () => {
  fc.assert(
    fc.property(history, ({ readings, truth, lost, peak, early }) => {
      const counter = new CounterIncrements(ENERGY);
      let counted = 0;
      readings.forEach((value, i) => {
        const { increment } = counter.push(i * STEP, value);
        expect(increment).toBeGreaterThanOrEqual(0);
        counted += increment;
      });
      // A step may be in doubt at the end, and the last digits wait. A fall to zero so near the modulus that an ordinary
      // rise would reach it looks like a roll-over, and a roll-over among odd readings like a restart.
      expect(counted).toBeLessThanOrEqual(truth + early + peak + 0.03);
      expect(counted).toBeGreaterThanOrEqual(truth - lost - early - 2 * peak - 0.05);
    }),
    { numRuns: RUNS },
  );
});
