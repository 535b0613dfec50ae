import fc from 'fast-check';
import { metric } from '../../src/domain/catalogue/index.js';

export const STEP = 15 * 60_000;
export const ENERGY = metric('energy', 'import_energy_kwh')!;
const MODULUS = ENERGY.rollover!;

type Kind = 'zero' | 'down' | 'up' | 'stuck up' | 'runs down' | 'jitter';

/**
 * A meter of some size, which uses something between a fifth of its peak and its peak in each step. Odd spells of up to
 * three readings begin at least six readings apart, after the meter has become known.
 */
export const history = fc
  .record({
    peak: fc.constantFrom(0.3, 5, 80, 2_000),
    start: fc.oneof(fc.integer({ min: 1_000, max: 50_000_000 }), fc.integer({ min: -50, max: -10 })),
    use: fc.array(fc.integer({ min: 20, max: 100 }), { minLength: 12, maxLength: 80 }),
    spells: fc.array(
      fc.record({
        after: fc.integer({ min: 6, max: 20 }),
        length: fc.integer({ min: 1, max: 3 }),
        kind: fc.constantFrom<Kind>('zero', 'down', 'up', 'stuck up', 'runs down', 'jitter'),
        far: fc.integer({ min: 10, max: 90 }).map((percent) => percent / 100),
      }),
      { maxLength: 4 },
    ),
    resetAt: fc.option(fc.integer({ min: 8, max: 60 })),
  })
  .map(({ peak, start: from, use, spells, resetAt }) => {
    const start = from < 0 ? MODULUS + from * peak : from;
    const odd = new Map<number, { kind: Kind; far: number; nth: number }>();
    let at = 0;
    for (const { after, length, kind, far } of spells) {
      at += after;
      for (let nth = 0; nth < length; nth += 1) odd.set(at + nth, { kind, far, nth });
      at += length;
    }
    let register = start;
    let truth = 0;
    let lost = 0;
    const readings: number[] = [start];
    use.forEach((share, i) => {
      const consumed = (peak * share) / 100;
      truth += consumed;
      // The register restarts in the middle of a step, apart from the odd spells: what came before is lost for all.
      const quiet = [-2, -1, 0, 1, 2, 3].every((near) => !odd.has(i + 1 + near));
      // From a small value the new total would soon stand where the old one was.
      if (i === resetAt && quiet && register > 20 * peak) {
        register = consumed / 2;
        lost += consumed / 2;
      } else register = (register + consumed) % MODULUS;
      readings.push(register);
    });
    for (const [i, { kind, far, nth }] of odd) {
      const value = readings[i];
      // What is odd by no more than some steps may pass for steps.
      if (value === undefined || i >= readings.length - 1 || value < 20 * peak) continue;
      const away = Math.min(MODULUS * 0.4, Math.max(200 * peak, value)) * far;
      readings[i] = {
        zero: 0,
        down: value * (1 - far) * (nth === 1 ? 0.5 : 1),
        up: (value + 100 * peak + away * (nth === 1 ? 0.3 : 1)) % MODULUS,
        'stuck up': ((readings[i - nth] ?? value) + (nth === 0 ? 100 * peak + away : 0)) % MODULUS,
        'runs down': value * (1 - far) * 0.3 + nth * 0.1 * peak,
        jitter: Math.max(0, value - 0.02),
      }[kind];
    }
    return { readings, truth, lost, peak, early: start > MODULUS / 2 ? 16 * peak : 0 };
  });
