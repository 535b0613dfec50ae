import { expect, it } from 'vitest';
import { MeteredMonths } from '../../../src/intensity/assess/metered-months.js';
import type { MonthConsumption } from '../../../src/intensity/port.js';

const quantity = (n: number) => ({
  ...{ measured: n, estimated: n + 1, filled: n + 2, metered: n + 3 },
  ...{ dueMs: n + 4, measuredMs: n + 5, knownMs: n + 6 },
});
const part = (from: number, to: number, device: string) =>
  ({ from, to, meter: { device, register: 'import_energy_kwh' } }) as MonthConsumption['parts'][number];

it('tells each month as it was read, with each time in which a meter counted', () => {
  const parts = [part(0, 5, 'p/a'), part(0, 5, 'p/b'), part(2, 5, 'p/c'), part(0, 5, 'p/a')];
  const corrections = [{ kind: 'void' }] as unknown as NonNullable<MonthConsumption['corrections']>;
  const months: MonthConsumption[] = [
    { month: '2020-01', unit: 'kWh', quantity: quantity(10), parts },
    { month: '2020-02', unit: 'kWh', quantity: quantity(2 ** 53 - 7), parts: [part(0, 5, 'p/a')], corrections },
    { month: '2021-12', unit: 'kWh', quantity: quantity(0), parts: [] },
  ];
  const meters = [3, 1, 0];
  const expected = months.map((one, i) => ({
    ...one,
    parts: one.parts.map(({ from, to }) => ({ from, to })),
    meters: meters[i],
  }));
  const metered = new MeteredMonths('electricity', months);
  expect(metered.carrier).toBe('electricity');
  expect(metered.months).toEqual(expected);
  expect(metered.months).toEqual(expected);
  expect(new MeteredMonths('steam', []).months).toEqual([]);
});
