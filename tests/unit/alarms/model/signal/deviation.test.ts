import { describe, expect, it } from 'vitest';
import type { DeviationSpec } from '../../../../../src/alarms/model/signal/spec.js';
import { expectRows, S, START } from './helpers.js';

const PERCENT: DeviationSpec = { kind: 'deviation', weeks: 4, as: 'percent' };

describe('deviation', () => {
  it('is the difference in per cent of the mean, below it negative', () => {
    expectRows(
      PERCENT,
      [
        [0, 300, 50],
        [60, 200, 0],
        [120, 150, -25],
        [180, 0, -100],
      ],
      { baseline: () => 200 },
    );
  });

  it('takes the size of a negative mean, and undoes binary rounding', () => {
    expectRows(PERCENT, [[0, -10, 50]], { baseline: () => -20 });
    expectRows(PERCENT, [[0, 0.3, 50]], { baseline: () => 0.2 });
  });

  it('is the plain difference where asked for, also from 0', () => {
    expectRows({ ...PERCENT, as: 'absolute' }, [[0, 0.3, 0.1]], { baseline: () => 0.2 });
    expectRows({ ...PERCENT, as: 'absolute' }, [[0, 7, 7]], { baseline: () => 0 });
  });

  it.each([
    ['there is no mean', PERCENT, null],
    ['the mean is no number', PERCENT, Number.NaN],
    ['the mean is 0', PERCENT, 0],
    ['the mean is as good as 0', PERCENT, 1e-12],
  ] as const)('has no evidence where %s', (_, spec, baseline) => {
    expectRows(spec, [[0, 10, null]], { baseline: () => baseline });
  });

  it('is a share of the least of the rule where the mean is smaller, or 0', () => {
    const spec: DeviationSpec = { ...PERCENT, minBaseline: 5 };
    expectRows(spec, [[0, 10, 102]], { baseline: () => 4.9 });
    expectRows(spec, [[0, 10, 200]], { baseline: () => 0 });
    expectRows(spec, [[0, 5_000, 99_992]], { baseline: () => 0.4 });
    expectRows(spec, [[0, 0.4, 0]], { baseline: () => 0.4 });
    expectRows(spec, [[0, -5, -92]], { baseline: () => -0.4 });
  });

  it('is measured from what the rule assumes where the past says nothing, not where nobody could look it up', () => {
    for (const as of ['percent', 'absolute'] as const) {
      const spec: DeviationSpec = { ...PERCENT, as, minBaseline: 5, assumedBaseline: 20 };
      const expected = as === 'percent' ? 150 : 30;
      expectRows(spec, [[0, 50, expected]], { baseline: () => null });
      expectRows(spec, [[0, 50, null]], { baseline: () => Number.NaN });
      expectRows(spec, [[0, 40, as === 'percent' ? 0 : 0]], { baseline: () => 40 });
    }
  });

  it('counts a mean at the least of the rule', () => {
    expectRows({ ...PERCENT, minBaseline: 5 }, [[0, 10, 100]], { baseline: () => 5 });
  });

  it('asks for the mean of the reading’s device, metric and time, and for none when the reading is not good', () => {
    const asked: unknown[] = [];
    expectRows(
      PERCENT,
      [
        [0, 1, null, { metric: 'cod_mg_l' }],
        [9, 1, null, { metric: 'cod_mg_l', flag: 'D' }],
        [20, 1, null, { metric: 'ph', device: 'meter-2' }],
      ],
      {
        baseline: (...args) => {
          asked.push(args);
          return null;
        },
      },
    );
    // The table is followed twice.
    const each = [
      ['meter-1', 'cod_mg_l', START, 4],
      ['meter-2', 'ph', START + 20 * S, 4],
    ];
    expect(asked).toEqual([...each, ...each]);
  });
});
