import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CounterIncrements } from '../../src/domain/counter.js';
import { history } from './counter-history.js';

const RUNS = Number(process.env.PARK_TEST_RUNS ?? 500);
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
    { numRuns: RUNS },
  );
});
