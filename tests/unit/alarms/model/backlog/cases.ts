import fc from 'fast-check';
import type { AlarmRule } from '../../../../../src/alarms/model/rule/rule.js';
import type { Reading } from '../../../../../src/model/reading.js';
import { T0 } from './drive.js';

/** A reading that a rule is about, in seconds after `T0`. */
export const reading = ({ metric }: AlarmRule, at: number, value: number): Reading => ({
  ...{ metric, ts: T0 + at * 1_000, value, flag: 'N', quality: 'good' },
});

/**
 * Backlogs of up to `most` readings in random pieces, as text: `{seconds}:{value}` for a reading, ` | ` between two pieces.
 */
export const cases = (values: readonly number[], most: number): fc.Arbitrary<string> =>
  fc
    .array(fc.tuple(fc.constantFrom(10, 30, 60, 60, 101), fc.constantFrom(...values)), {
      ...{ minLength: most / 12, maxLength: most, size: 'max' },
    })
    .map((steps) => {
      let at = 0;
      return steps.map(([step, value]) => {
        at += step;
        return `${at}:${value}`;
      });
    })
    .chain((all) =>
      fc.tuple(
        fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length }),
        fc.array(fc.integer({ min: 1, max: most / 4 }), { minLength: 1, maxLength: 6 }),
      ),
    )
    .map(([all, sizes]) => {
      const pieces: string[] = [];
      // Eleven pauses are less than the time after which a backlog counts as over.
      for (let from = 0; from < all.length; ) {
        const size = pieces.length > 9 ? all.length : sizes[pieces.length % sizes.length]!;
        pieces.push(all.slice(from, from + size).join(' '));
        from += size;
      }
      return pieces.join(' | ');
    });

export const piecesOf = (text: string, rule: AlarmRule) =>
  text.split(' | ').map((piece) =>
    piece.split(' ').map((one) => {
      const [at, value] = one.split(':').map(Number);
      return reading(rule, at!, value!);
    }),
  );
