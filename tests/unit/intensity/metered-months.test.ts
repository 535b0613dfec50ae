import { expect, it } from 'vitest';
import { MeteredMonths } from '../../../src/intensity/assess/metered-months.js';
import type { MonthConsumption } from '../../../src/intensity/port.js';

const quantity = (n: number) => ({
  ...{ measured: n, estimated: n + 1, filled: n + 2, metered: n + 3 },
  ...{ dueMs: n + 4, measuredMs: n + 5, knownMs: n + 6 },
});
const part = (from: number, to: number) => ({ from, to }) as MonthConsumption['parts'][number];

it('tells each month as it was read, with each time in which a meter counted', () => {
  const months = [
    { month: '2020-01', unit: 'kWh', quantity: quantity(10), parts: [part(0, 5), part(0, 5), part(2, 5), part(0, 5)] },
    { month: '2020-02', unit: 'kWh', quantity: quantity(2 ** 53 - 7), parts: [part(0, 5)] },
    { month: '2021-12', unit: 'kWh', quantity: quantity(0), parts: [] },
  ];
  const metered = new MeteredMonths('electricity', months);
  expect(metered.carrier).toBe('electricity');
  expect(metered.months).toEqual(months);
  expect(metered.months).toEqual(months);
  expect(new MeteredMonths('steam', []).months).toEqual([]);
});
