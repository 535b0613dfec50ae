import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CounterIncrements } from '../../../../src/model/counter/counter.js';
import { history } from './history.js';

/** The suite tries the same histories each time; with `PARK_TEST_RUNS` so many new ones are tried, by hand. */
const { PARK_TEST_RUNS } = process.env;
const PARAMETERS = PARK_TEST_RUNS === undefined ? { numRuns: 1_000, seed: 1 } : { numRuns: Number(PARK_TEST_RUNS) };
/** What waits: the jitter of the last digits, and the rounding of sums. */
const WAITS = 0.05;

it('a counter counts what was consumed, whatever its readings do for a while', { timeout: 600_000 }, () => {
  fc.assert(
    fc.property(history, ({ of, points, truth, hidden, unknown }) => {
      const counter = new CounterIncrements(of);
      let counted = 0;
      for (const [ts, value] of points) {
        const { increment } = counter.push(ts, value);
        expect(increment).toBeGreaterThanOrEqual(0);
        counted += increment;
      }
      expect(counted).toBeLessThanOrEqual(truth + unknown + WAITS);
      expect(counted).toBeGreaterThanOrEqual(truth - hidden - WAITS);
    }),
    PARAMETERS,
  );
});
