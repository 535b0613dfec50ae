import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openSignal } from '../../../../../src/alarms/model/signal/open.js';
import { CONTEXT, expectRows, readingOf, S, START } from './helpers.js';

describe('unchanged', () => {
  it('is the seconds since the value changed, 0 at a change', () => {
    expectRows({ kind: 'unchanged' }, [
      [0, 7.1, 0],
      [60, 7.1, 60],
      [120, 7.1, 120],
      [121.5, 7.1, 121.5],
      [180, 7.2, 0],
      [240, 7.2, 60],
      [300, 7.1, 0],
    ]);
  });

  it('starts anew after a gap: a stuck sensor keeps sending', () => {
    expectRows({ kind: 'unchanged' }, [
      [0, 5, 0],
      [100, 5, 100],
      [201, 5, 0],
      [301, 5, 100],
    ]);
  });

  it('does not look at readings that are not good', () => {
    expectRows({ kind: 'unchanged' }, [
      [0, 5, 0],
      [50, 9, null, { flag: 'D' }],
      [60, 9, null, { quality: 'out_of_range' }],
      [100, 5, 100],
      [190, 5, null, { flag: 'C' }],
      [201, 5, 0],
    ]);
  });

  it('allows for jitter within the tolerance, and tells a slow drift from it', () => {
    expectRows({ kind: 'unchanged', tolerance: 0.5 }, [
      [0, 5, 0],
      [60, 5.5, 60],
      [120, 4.5, 120],
      [180, 5.25, 180],
      [240, 5.75, 0],
      [300, 6.25, 60],
      [360, 6.5, 0],
    ]);
  });

  it('agrees with a model that looks back over all readings', () => {
    const steps = fc.array(
      fc.record({
        stepMs: fc.integer({ min: 0, max: 120_000 }),
        value: fc.constantFrom(1, 1, 1, 2),
        good: fc.constantFrom(true, true, true, false),
      }),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(steps, (list) => {
        const signal = openSignal({ kind: 'unchanged' }, null, CONTEXT);
        const seen: { at: number; value: number }[] = [];
        let at = START;
        for (const { stepMs, value, good } of list) {
          at += stepMs;
          const given = { ...readingOf(0, value, good ? {} : { flag: 'D' as const }), ts: at };
          if (good) seen.push({ at, value });
          let first = seen.length - 1;
          while (first > 0 && seen[first - 1]!.value === value && seen[first]!.at - seen[first - 1]!.at <= 100 * S) {
            first -= 1;
          }
          expect(signal.measure(given, at)).toBe(good ? (at - seen[first]!.at) / S : null);
        }
      }),
    );
  });
});

describe('counter_still', () => {
  it('is the seconds since the counter rose, 0 when it rises', () => {
    expectRows({ kind: 'counter_still' }, [
      [0, 1000, 0],
      [60, 1000, 60],
      [120, 1000, 120],
      [180, 1000.1, 0],
      [240, 1000.1, 60],
    ]);
  });

  it('starts anew after a gap, and does not look at readings that are not good', () => {
    expectRows({ kind: 'counter_still' }, [
      [0, 1000, 0],
      [90, 1000, 90],
      [100, 9999, null, { flag: 'D' }],
      [190, 1000, 190],
      [291, 1000, 0],
    ]);
  });

  it('takes neither a short fall nor the recovery from it for a rise', () => {
    expectRows({ kind: 'counter_still' }, [
      [0, 1000, 0],
      [60, 0, 60],
      [120, 1000, 120],
      [180, 900, 180],
      [240, 0, 240],
      [300, 0, 300],
      [360, 1000, 360],
      [420, 1001, 0],
    ]);
  });

  it('does not take the wavering of an idle register for a rise, and a slow one for idle', () => {
    expectRows({ kind: 'counter_still' }, [
      [0, 100, 0],
      [60, 100.02, 60],
      [120, 100.01, 120],
      [180, 100, 180],
      [240, 100.02, 240],
      [300, 100.01, 300],
      [360, 100.03, 0],
      [420, 100.01, 60],
      [480, 100.04, 120],
      [540, 100.06, 0],
    ]);
  });

  it('goes on from a reset or a swap once the counter rises from there', () => {
    expectRows({ kind: 'counter_still' }, [
      [0, 1000, 0],
      [60, 3, 60],
      [120, 3, 120],
      [180, 4, 0],
      [240, 4, 60],
      [300, 5, 0],
    ]);
  });
});
