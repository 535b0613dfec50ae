import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BAD_SHARE_SLICES } from '../../../../../src/alarms/model/signal/bad-share.js';
import { openSignal } from '../../../../../src/alarms/model/signal/open.js';
import type { BadShareSpec } from '../../../../../src/alarms/model/signal/spec.js';
import { CONTEXT, expectRows, readingOf, S, START } from './helpers.js';

/** Slices of 10 s. */
const SPEC: BadShareSpec = { kind: 'bad_share', windowS: 300, minReadings: 4 };

describe('bad_share', () => {
  it('is the per cent of readings that are not good, once there are enough', () => {
    expectRows(SPEC, [
      [0, 1, null],
      [10, 1, null, { flag: 'D' }],
      [20, 1, null],
      [30, 1, 25],
      [40, 1, 40, { quality: 'out_of_range' }],
      [50, 1, 50, { flag: 'B' }],
      [60, 1, 42.8571428571],
    ]);
  });

  it('forgets what left the window, and needs enough readings again', () => {
    expectRows({ ...SPEC, minReadings: 2 }, [
      [0, 1, null, { flag: 'D' }],
      [9, 1, 100, { flag: 'D' }],
      // 30 slices: the one from 0 to 10 s is the oldest that counts
      [299, 1, 66.6666666667],
      [300, 1, 0],
      [601, 1, null],
      [602, 1, 50, { flag: 'T' }],
      [90_000, 1, null, { flag: 'T' }],
    ]);
  });

  it('leaves maintenance and calibration out of both counts', () => {
    expectRows({ ...SPEC, minReadings: 2 }, [
      [0, 1, null],
      [10, 1, 50, { flag: 'D' }],
      [20, 1, null, { flag: 'M' }],
      [30, 1, null, { flag: 'C' }],
      [40, 1, 66.6666666667, { flag: 'F' }],
    ]);
  });

  it('counts a reading sent again once, by its later verdict', () => {
    expectRows({ ...SPEC, minReadings: 1 }, [
      [0, 1, 0],
      [10, 1, 50, { flag: 'D' }],
      [10, 1, 50, { flag: 'D' }],
      [10, 1, 0],
      [10, 1, 50, { flag: 'T' }],
      // Sent again when its slice is no longer the newest
      [25, 1, 0, { tsS: 10 }],
    ]);
  });

  it('agrees with a model that keeps all readings', () => {
    const steps = fc.array(
      fc.record({
        stepMs: fc.oneof(fc.integer({ min: 1, max: 20_000 }), fc.integer({ min: 1, max: 400_000 })),
        flag: fc.constantFrom('N', 'N', 'D', 'M', 'T' as const),
      }),
      { maxLength: 80 },
    );
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 5 }), (list, minReadings) => {
        const signal = openSignal({ ...SPEC, minReadings }, null, CONTEXT);
        const seen: { slice: number; bad: boolean }[] = [];
        let at = START;
        for (const { stepMs, flag } of list) {
          at += stepMs;
          const slice = Math.floor(at / (10 * S));
          if (flag !== 'M') seen.push({ slice, bad: flag !== 'N' });
          const inside = seen.filter((one) => one.slice > slice - BAD_SHARE_SLICES);
          const share = (inside.filter((one) => one.bad).length / inside.length) * 100;
          const got = signal.measure({ ...readingOf(0, 1, { flag: flag as 'N' }), ts: at }, at);
          if (flag === 'M' || inside.length < minReadings) expect(got).toBeNull();
          else expect(got).toBeCloseTo(share, 8);
        }
      }),
    );
  });
});
