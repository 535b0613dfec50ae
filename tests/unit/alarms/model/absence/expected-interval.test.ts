import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ExpectedInterval,
  INTERVAL_STEPS,
  INTERVAL_TRUSTED,
  MAX_INTERVAL_MS,
} from '../../../../../src/alarms/model/absence/expected-interval.js';

const S = 1_000;

/** Seconds of event time, each received at once unless said otherwise. */
function learn(steps: readonly (number | readonly [tsS: number, receivedS: number])[]): number | null {
  const interval = new ExpectedInterval();
  for (const step of steps) {
    const [tsS, receivedS] = typeof step === 'number' ? [step, step] : step;
    interval.accept(tsS * S, receivedS * S);
  }
  return interval.estimateMs === null ? null : interval.estimateMs / S;
}

const every = (stepS: number, count: number, fromS = 0) => Array.from({ length: count }, (_, n) => fromS + n * stepS);

describe('the expected interval of a series', () => {
  it('is the step that it keeps, once enough of them are seen', () => {
    expect(learn([])).toBeNull();
    expect(learn(every(10, INTERVAL_TRUSTED))).toBeNull();
    expect(learn(every(10, INTERVAL_TRUSTED + 1))).toBe(10);
    expect(learn(every(900, 100))).toBe(900);
  });

  it('follows a change of the interval within the steps that it looks at', () => {
    expect(learn([...every(10, 50), ...every(60, INTERVAL_STEPS, 550)])).toBe(60);
    expect(learn([...every(60, 50), ...every(10, INTERVAL_STEPS, 3_600)])).toBe(10);
  });

  it('stands lost readings and an outage', () => {
    expect(learn(every(10, 40).filter((_, n) => n % 5 !== 3))).toBe(10);
    expect(learn([...every(10, 20), ...every(10, 6, 30_000)])).toBe(10);
  });

  it('stands two outages within sixteen messages, however long, and further ones later', () => {
    const twice = (fromS: number, gapS: number) => [
      ...every(10, 5, fromS),
      ...every(10, 6, fromS + gapS),
      ...every(10, 5, fromS + 2 * gapS),
    ];
    expect(learn(twice(0, 3_600))).toBe(10);
    expect(learn([...every(10, 30), ...twice(300, 600)])).toBe(10);
    expect(learn([...every(10, 30), ...twice(300, 86_400 * 3)])).toBe(10);
    expect(learn([...every(900, 30), ...twice(27_000, 50_000).map((s) => s * 90)])).toBe(900);
    expect(learn([...every(10, 40), ...every(10, 4, 5_000), ...every(10, 8, 9_000), ...every(10, 3, 12_000)])).toBe(10);
  });

  it('goes on in another run where the one before left it, without the time between them', () => {
    const before = new ExpectedInterval();
    for (const s of every(600, 30)) before.accept(s * S, s * S);
    const after = new ExpectedInterval(JSON.parse(JSON.stringify(before.save())));
    expect(after.estimateMs).toBe(600 * S);
    // A clock that does not jump begins anew with each run.
    for (const s of every(60, INTERVAL_STEPS)) after.accept(900_000 * S + s * S, 5 + s * S);
    expect(after.estimateMs).toBe(60 * S);
    expect(new ExpectedInterval(new ExpectedInterval().save()).estimateMs).toBeNull();
  });

  it('is that of the batches where a gateway gathers readings', () => {
    expect(learn(every(60, 100).map((tsS) => [tsS, Math.ceil((tsS + 1) / 300) * 300] as const))).toBe(300);
  });

  it('is that of event time where a backlog is handed in at once', () => {
    expect(learn(every(60, 100).map((tsS, n) => [tsS, 100_000 + n / 100] as const))).toBe(60);
  });

  it('is not changed by readings sent again or out of order', () => {
    expect(learn(every(10, 40).flatMap((tsS) => [tsS, tsS, [tsS - 15, tsS] as const]))).toBe(10);
  });

  it('is not known of a series that reports on events', () => {
    const quietThenBusy = [0, 1, 2, 3, 600, 601, 602, 603, 604, 3_000, 3_001, 3_002, 3_003, 9_000, 9_001];
    expect(learn(quietThenBusy)).toBeNull();
    const bursts = Array.from({ length: 20 }, (_, n) => every(1, 6, n * 3_600)).flat();
    for (let heard = 24; heard <= bursts.length; heard += 1) expect(learn(bursts.slice(0, heard))).toBeNull();
  });

  it('is at most a day', () => {
    expect(learn(every(400_000, 20))).toBe(MAX_INTERVAL_MS / S);
  });

  it('is exact whatever came longer ago than the steps that it looks at', () => {
    const past = fc.array(fc.integer({ min: 1, max: 100_000 }), { maxLength: 40 });
    fc.assert(
      fc.property(past, fc.integer({ min: 1, max: 3_600 }), (steps, stepS) => {
        let at = 0;
        const before = steps.map((step) => {
          at += step;
          return at;
        });
        expect(learn([...before, ...every(stepS, INTERVAL_STEPS + 1, at + 1)])).toBe(stepS);
      }),
    );
  });
});
