import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openSignal } from '../../../../../src/alarms/model/signal/open.js';
import { RATE_SAMPLES } from '../../../../../src/alarms/model/signal/rate.js';
import type { RateSpec } from '../../../../../src/alarms/model/signal/spec.js';
import { CONTEXT, expectRows, readingOf, S, START } from './helpers.js';

const RISE: RateSpec = { kind: 'rate', windowS: 300, per: 'minute', direction: 'rise' };

describe('rate', () => {
  it('is the slope per minute from the oldest reading of the window, once half the window is seen', () => {
    expectRows(RISE, [
      [0, 10, null],
      [60, 12, null],
      [120, 14, null],
      [149, 14, null],
      // 6 in 150 s
      [150, 16, 2.4],
      [240, 18, 2],
      // 10 in 300 s: the edge belongs to the window
      [300, 20, 2],
      // The reading at 0 has left: 20 - 12 in 300 s
      [360, 20, 1.6],
      // The one at 60 has left: 14 - 14 in 300 s
      [420, 14, 0],
    ]);
  });

  it('undoes binary rounding, so that a slope at the setpoint meets it', () => {
    expectRows({ ...RISE, direction: 'fall' }, [
      [0, 0.3, null],
      [100, 0.29, null],
      [200, 0.27, 0.009],
      [300, 0.25, 0.01],
    ]);
  });

  it.each([
    ['rise', -60],
    ['fall', 60],
    ['either', 60],
  ] as const)('counts a fall of 1 a minute as %s per hour: %f', (direction, expected) => {
    expectRows({ kind: 'rate', windowS: 120, per: 'hour', direction }, [
      [0, 5, null],
      [60, 4, expected],
    ]);
  });

  it('starts anew after a gap, and only then', () => {
    expectRows(RISE, [
      [0, 10, null],
      [100, 10, null],
      [200, 20, 3],
      [301, 90, null],
      [400, 90, null],
      [500, 90, 0],
    ]);
  });

  it('ignores readings that are not good, which do not bridge a gap either', () => {
    expectRows(RISE, [
      [0, 10, null],
      [90, 10, null],
      [150, 900, null, { flag: 'D' }],
      [160, 900, null, { quality: 'out_of_range' }],
      [180, 10, 0],
      [270, 20, 2.22222222222],
      [330, 0, null, { flag: 'M' }],
      [371, 20, null],
    ]);
  });

  it('is the slope between the last two readings, where they are further apart than the window', () => {
    expectRows({ ...RISE, windowS: 30 }, [
      [0, 10, null],
      [60, 12, 2],
      [150, 15, 2],
      // Further apart than without interruption
      [260, 30, null],
      [270, 30, null],
      [280, 31, 3],
    ]);
  });

  it('lets a later reading of the same time replace the earlier', () => {
    expectRows(RISE, [
      [0, 99, null],
      [0, 10, null],
      [100, 15, null],
      [200, 20, 3],
    ]);
  });

  it('towards a value is the slope of the line through all of the window where that leads there in time, else 0', () => {
    const towards = { value: 30, withinS: 600 };
    expectRows({ ...RISE, windowS: 120, towards }, [
      [0, 10, null],
      [60, 11, null],
      [120, 12, 0],
      [180, 15, 2],
      [240, 18, 3],
      [300, 18, 1.5],
      [360, 18, 0],
    ]);
    expectRows({ ...RISE, windowS: 120, direction: 'fall', towards: { value: 5, withinS: 600 } }, [
      [0, 20, null],
      [60, 18, null],
      [120, 16, 2],
      [180, 18, 0],
    ]);
  });

  it('towards a value knows the trend of readings that are further apart than its window', () => {
    const sparse: RateSpec = { ...RISE, windowS: 30, towards: { value: 30, withinS: 600 } };
    expectRows(sparse, [
      [0, 10, null],
      [90, 10, null],
      [180, 22, 4],
      [270, 22, 4],
      [360, 22, 0],
    ]);
    // What has not been seen for its whole window yet counts by the square of the part that has.
    expectRows({ ...sparse, windowS: 240 }, [
      [0, 10, null],
      [60, 14, null],
      [120, 18, 0],
      [180, 22, 2.25],
      [240, 26, 4],
    ]);
  });

  const streams = fc.record({
    windowS: fc.integer({ min: 10, max: 400 }),
    steps: fc.array(fc.tuple(fc.integer({ min: 0, max: 110_000 }), fc.integer({ min: -50, max: 50 })), {
      maxLength: 80,
    }),
  });

  it('agrees with a model that keeps all: exactly where slices hold one reading, else within one slice', () => {
    fc.assert(
      fc.property(streams, fc.boolean(), ({ windowS, steps }, sparse) => {
        const spec: RateSpec = { ...RISE, windowS };
        const windowMs = windowS * S;
        const sliceMs = windowMs / (RATE_SAMPLES - 1);
        const signal = openSignal(spec, null, CONTEXT);
        let stretch: { at: number; value: number }[] = [];
        let at = START;
        for (const [stepMs, value] of steps) {
          const step = sparse ? Math.max(stepMs, Math.ceil(sliceMs) + 1) : Math.max(1, stepMs % 3_000);
          at += step;
          if (step > CONTEXT.maxGapMs) stretch = [];
          stretch.push({ at, value });
          const within = stretch.filter((point) => point.at >= at - windowMs);
          // Of what comes more rarely than that, the last two.
          const inside = within.length > 1 ? within : stretch.slice(-2);
          const got = signal.measure({ ...readingOf(0, value), ts: at }, at);
          const slopes = inside
            .filter((point) => point.at <= inside[0]!.at + (sparse ? 0 : sliceMs) && at - point.at >= windowMs / 2)
            .map((point) => ((value - point.value) * 60_000) / (at - point.at));
          if (got === null) expect(at - inside[0]!.at).toBeLessThan(windowMs / 2 + (sparse ? 0 : sliceMs));
          else expect(slopes.some((slope) => Math.abs(slope - got) <= 1e-9 * Math.max(1, Math.abs(slope)))).toBe(true);
        }
      }),
    );
  });

  it('keeps a bounded number of readings, however many come', () => {
    const signal = openSignal({ ...RISE, windowS: 10 }, null, CONTEXT);
    let most = 0;
    for (let ms = 0; ms < 30_000; ms += 7) {
      signal.measure({ ...readingOf(0, Math.sin(ms) * 1e-7), ts: START + ms }, START + ms);
      const memory = signal.save()!;
      most = Math.max(most, (memory.numbers.length - 1) / 2);
      expect(JSON.stringify(memory).length).toBeLessThan(2_048);
    }
    expect(most).toBeLessThanOrEqual(RATE_SAMPLES);
    expect(most).toBeGreaterThanOrEqual(RATE_SAMPLES - 2);
  });
});
