import { describe, expect, it } from 'vitest';
import { fromThousandths } from '../../../../../src/intensity/model/quantity/grid.js';
import { beginning, MeterEvaluation } from '../../../../../src/intensity/model/quantity/meter.js';
import { RegisterFold, type Segment } from '../../../../../src/intensity/model/quantity/register.js';
import { ENERGY, MONDAY, meter, QUARTER, quarters } from './helpers.js';

/** Segments in quarters of an hour after Monday's midnight and kWh. */
function segments(values: readonly number[], bounds = meter().bounds) {
  const found: Segment[] = [];
  const fold = new RegisterFold(bounds, beginning(MONDAY), (segment) => found.push(segment));
  for (const { ts, value } of quarters(values)) fold.push(ts, value);
  return found.map(({ from, to, amount }) => [
    (from - MONDAY) / QUARTER,
    (to - MONDAY) / QUARTER,
    amount === null ? null : fromThousandths(amount),
  ]);
}

const findings = (values: readonly number[]) => {
  const evaluation = new MeterEvaluation(beginning(MONDAY), meter());
  for (const reading of quarters(values)) evaluation.push(reading);
  return evaluation.findings.map(({ kind, ts }) => [kind, (ts - MONDAY) / QUARTER]);
};

describe('what a register says of the time between its readings', () => {
  it.each<[name: string, values: number[], expected: (number | null)[][]]>([
    [
      'rises',
      [100, 101.5, 101.5, 103],
      [
        [0, 1, 1.5],
        [1, 2, 0],
        [2, 3, 1.5],
      ],
    ],
    // Golden cases: a momentary 0 became 53.7 MWh, a jitter became a reset.
    ['a momentary zero', [13_423.7, 0, 13_423.9], [[0, 2, 0.2]]],
    [
      'a jitter of the last digit',
      [215.6, 215.7, 215.6],
      [
        [0, 1, 0.1],
        [1, 2, 0],
      ],
    ],
    [
      'a spell far above',
      [1000, 1005, 8000, 8000, 1010],
      [
        [0, 1, 5],
        [1, 4, 5],
      ],
    ],
    [
      'a roll-over at eight digits',
      [99_999_990, 99_999_998, 7],
      [
        [0, 1, 8],
        [1, 2, 9],
      ],
    ],
    [
      'a restart from zero, divided where it was first read',
      [5000, 5010, 4, 9],
      [
        [0, 1, 10],
        [1, 2, 4],
        [2, 3, 5],
      ],
    ],
    [
      'an exchange that nobody recorded',
      [5000, 5010, 700, 704],
      [
        [0, 1, 10],
        [1, 2, null],
        [2, 3, 4],
      ],
    ],
  ])('%s', (_name, values, expected) => {
    expect(segments(values)).toEqual(expected);
  });

  it('goes the same way with the metric alone, where the bound is learned', () => {
    const sum = (values: readonly number[]) =>
      segments(values, ENERGY).reduce((total, [, , amount]) => total + (amount ?? 0), 0);
    expect(sum([13_423.7, 0, 13_423.9])).toBe(0.2);
    expect(sum([215.6, 215.7, 215.6])).toBe(0.1);
    expect(sum([1000, 1005, 8000, 8003, 1015, 1020])).toBe(20);
  });

  it('counts whole thousandths of readings that no binary fraction can hold', () => {
    const values = Array.from({ length: 10_001 }, (_, i) => 13_423.7 + i * 0.1);
    const amounts = segments(values).map(([, , amount]) => Math.round((amount ?? 0) * 1000));
    expect(amounts.every((amount) => amount === 100)).toBe(true);
    expect(amounts.length).toBe(10_000);
  });

  it('loses nothing of a register that shows more digits than the grid has', () => {
    const amounts = segments(Array.from({ length: 1_001 }, (_, i) => i * 0.0304)).map(([, , amount]) => amount ?? 0);
    expect(amounts.reduce((sum, amount) => sum + Math.round(amount * 1000), 0)).toBe(30_400);
  });

  it('names what is no ordinary rise', () => {
    expect(findings([99_999_990, 99_999_998, 7])).toEqual([['rollover', 2]]);
    expect(findings([5000, 5010, 4, 9])).toEqual([['reset', 3]]);
    expect(findings([5000, 5010, 700, 704])).toEqual([['swap', 3]]);
    expect(findings([13_423.7, 0, 13_423.9])).toEqual([]);
  });
});
