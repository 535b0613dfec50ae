import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isValidIn, validityLeft } from '../../../../../src/intensity/model/conversion/coefficient.js';
import { monthOf, monthText } from '../../../../../src/intensity/model/statistics/period.js';

const FIRST = monthOf(2020, 1);
const months = Array.from({ length: 40 }, (_, index) => FIRST + index);
const validity = fc
  .tuple(fc.integer({ min: 0, max: 30 }), fc.option(fc.integer({ min: 1, max: 12 })))
  .map(([start, length]) => ({
    from: monthText(FIRST + start),
    to: length === null ? null : monthText(FIRST + start + length),
  }));

describe('what is left of a validity beside others', () => {
  it('covers each of its months that no other covers exactly once, and no other month', () => {
    fc.assert(
      fc.property(validity, fc.array(validity, { maxLength: 4 }), (one, others) => {
        const left = others.reduce((all, other) => all.flatMap((stretch) => validityLeft(stretch, other)), [one]);
        for (const month of months) {
          const due = isValidIn(one, month) && !others.some((other) => isValidIn(other, month)) ? 1 : 0;
          expect(left.filter((stretch) => isValidIn(stretch, month))).toHaveLength(due);
        }
      }),
    );
  });
});
