import { describe, expect, it } from 'vitest';
import { CounterIncrements } from '../../../../src/model/counter/counter.js';

const MINUTE = 60_000;
/** An energy meter that can pass 600 kWh an hour, 10 a minute, and rolls over at 1,000,000. */
const METER = { maxRatePerHour: 600, rollover: 1_000_000 };

/** Readings a minute apart, with what each is taken for and counts. */
function verdicts(values: readonly number[], metric: { maxRatePerHour?: number; rollover?: number } = METER) {
  const counter = new CounterIncrements(metric);
  return values.map((value, i) => {
    const { verdict, increment } = counter.push(i * MINUTE, value);
    return increment === 0 ? verdict : `${verdict} ${increment}`;
  });
}

describe('increments of a counter', () => {
  it.each<[name: string, readings: number[], expected: string[]]>([
    ['an ordinary rise', [100, 102, 102, 107], ['first', 'rise 2', 'rise', 'rise 5']],
    ['a short low reading counts neither fall nor recovery', [53_700, 0, 53_704], ['first', 'glitch', 'recovered 4']],
    ['a low spell stuck at zero', [53_700, 0, 0, 0, 53_704], ['first', 'glitch', 'glitch', 'glitch', 'recovered 4']],
    ['two different low readings', [53_700, 40, 2, 53_704], ['first', 'glitch', 'glitch', 'recovered 4']],
    [
      'a young meter, whose recovery the rate alone would allow',
      [5, 0, 7, 9],
      ['first', 'glitch', 'recovered 2', 'rise 2'],
    ],
    ['a short high reading', [100, 900_000, 104, 106], ['first', 'glitch', 'recovered 4', 'rise 2']],
    ['a high spell stuck', [100, 900_000, 900_000, 104], ['first', 'glitch', 'glitch', 'recovered 4']],
    [
      'a restart from zero, corrected when the next reading confirms it',
      [500, 3, 7, 9],
      ['first', 'glitch', 'reset 7', 'rise 2'],
    ],
    ['a restart from zero at rest', [500, 0, 0, 4], ['first', 'glitch', 'glitch', 'reset 4']],
    ['a meter exchanged for one with a lower total', [500_000, 1_234, 1_240], ['first', 'glitch', 'swap 6']],
    ['a meter exchanged for one with a higher total', [500, 80_000, 80_007], ['first', 'glitch', 'swap 7']],
    ['a small correction downwards is no restart', [9, 8, 8.5], ['first', 'glitch', 'swap 0.5']],
    ['a roll-over', [999_996, 999_998, 3, 7], ['first', 'rise 2', 'rollover 5', 'rise 4']],
    [
      'a low reading near the modulus that looked like a roll-over',
      [999_998, 0, 999_999],
      ['first', 'rollover 2', 'recovered'],
    ],
    ['a roll-over behind a glitch', [999_998, 400_000, 4], ['first', 'glitch', 'rollover 6']],
    ['a fall from the upper half that is no roll-over', [700_000, 5, 8], ['first', 'glitch', 'reset 8']],
    [
      'a negative value and one above the register',
      [100, -5, 104, 1_000_001, 106],
      ['first', 'glitch', 'rise 4', 'glitch', 'rise 2'],
    ],
    ['not a number', [100, Number.NaN, 104], ['first', 'glitch', 'rise 4']],
  ])('%s', (_name, readings, expected) => {
    expect(verdicts(readings)).toEqual(expected);
  });

  it('bounds a rise by the rate over the time since the last good reading', () => {
    const counter = new CounterIncrements(METER);
    counter.push(0, 0);
    expect(counter.push(60 * MINUTE, 600)).toEqual({ verdict: 'rise', increment: 600 });
    expect(counter.push(120 * MINUTE, 1201)).toEqual({ verdict: 'glitch', increment: 0 });
  });

  it('allows the rise of a whole minute between readings that lie closer together', () => {
    const counter = new CounterIncrements(METER);
    counter.push(0, 0);
    expect(counter.push(1, 10).verdict).toBe('rise');
    expect(counter.push(2, 20.1).verdict).toBe('glitch');
  });

  it('ignores a reading that is not later than the one before', () => {
    const counter = new CounterIncrements(METER);
    counter.push(MINUTE, 10);
    expect(counter.push(MINUTE, 12)).toEqual({ verdict: 'stale', increment: 0 });
    expect(counter.push(0, 12)).toEqual({ verdict: 'stale', increment: 0 });
    expect(counter.push(2 * MINUTE, 13)).toEqual({ verdict: 'rise', increment: 3 });
  });

  it('takes every rise and sees no roll-over without bounds', () => {
    expect(verdicts([1, 5_000_000, 2, 5_000_001], {})).toEqual(['first', 'rise 4999999', 'glitch', 'recovered 1']);
  });
});
