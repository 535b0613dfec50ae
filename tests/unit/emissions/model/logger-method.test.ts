import { expect, it } from 'vitest';
import { kilograms, toGrid } from '../../../../src/emissions/model/statistics/amounts.js';
import { byLoggerMethod, explainingMethod } from '../../../../src/emissions/model/statistics/logger-method.js';
import { dayOf, flowing, hourly, shown } from './helpers.js';

/** Hour 0: 3.6 m³ at 10 mg/L; hour 1: 10.8 m³ at 40; then nothing flows. */
const { hours } = dayOf({
  values: hourly((hour) => [10, 40][hour] ?? 0),
  flow: flowing((hour) => [1, 3][hour] ?? 0),
});
const TOLERANCE = { share: 0.001, mean: 0.005, mass: 0.000_5 };
const explained = (mean: number, mass?: number, usual: 'mass_summed' | 'mean_times_flow' = 'mass_summed') =>
  explainingMethod(hours, mass === undefined ? { mean } : { mean, mass }, usual, TOLERANCE);

it('loggers sum mass, or take the mean times the flow', () => {
  // 468 g ÷ 14.4 m³ = 32.5 mg/L; mean (10 + 40) ÷ 2 = 25 mg/L, × 14.4 m³ = 360 g.
  expect(byLoggerMethod(hours, 'mass_summed').mean).toBe(toGrid(32.5));
  expect(shown(kilograms(byLoggerMethod(hours, 'mass_summed').mass), 3)).toBe('0.468');
  expect(byLoggerMethod(hours, 'mean_times_flow').mean).toBe(toGrid(25));
  expect(shown(kilograms(byLoggerMethod(hours, 'mean_times_flow').mass), 3)).toBe('0.360');
});

it('a difference is flagged beyond what a method explains', () => {
  expect([explained(32.5, 0.468), explained(25, 0.36), explained(32.5, 0.36), explained(28)]).toEqual([
    ...['mass_summed', 'mean_times_flow', null, null],
  ]);
  // 0.1 % and half a digit: 32.5 × 1.001 + 0.005 = 32.5375.
  expect([explained(32.53), explained(32.54), explained(32.5, 0.4689), explained(32.5, 0.469)]).toEqual([
    ...['mass_summed', null, 'mass_summed', null],
  ]);
});

it('a logger writes 0 without flow', () => {
  expect(explainingMethod(hours.slice(5), { mean: 0, mass: 0 }, 'mean_times_flow', TOLERANCE)).toBe('mean_times_flow');
  expect(explainingMethod(hours.slice(5), { mean: 9 }, 'mass_summed', TOLERANCE)).toBeNull();
});
