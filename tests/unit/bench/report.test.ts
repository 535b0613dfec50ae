import { describe, expect, it } from 'vitest';
import { atLeast, atMost, median, percentile, readable, verdict } from '../../bench/report.js';

const figure = { bench: 'b', name: 'n', unit: 'ms' };

describe('the benchmark report', () => {
  it.each([
    [12, undefined, ''],
    [15, atMost(15), 'met'],
    [16.5, atMost(15), 'MISSED by 10 %'],
    [0.597, atLeast(0.6), 'MISSED by 0.5 %'],
    [25_000, atLeast(20_000), 'met'],
  ])('calls %d against %o "%s"', (value, target, expected) => {
    expect(verdict(target ? { ...figure, value, target } : { ...figure, value })).toBe(expected);
  });

  it('never calls a figure that could not be measured met', () => {
    expect(verdict({ ...figure, value: Number.NaN, target: atMost(15) })).toMatch(/^MISSED/);
  });

  it('takes percentiles by nearest rank and the median between the two middle values', () => {
    const values = [5, 1, 4, 2, 3, 6];
    expect([percentile(values, 50), percentile(values, 99), median(values)]).toEqual([3, 6, 3.5]);
    expect(percentile([], 99)).toBeNaN();
  });

  it.each([
    [20_123.4, '20,123'],
    [61.24, '61.2'],
    [0.6127, '0.613'],
    [Number.NaN, '–'],
  ])('writes %d as %s', (value, text) => {
    expect(readable(value)).toBe(text);
  });
});
