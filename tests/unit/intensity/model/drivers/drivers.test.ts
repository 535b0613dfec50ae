import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Drivers,
  type Effects,
  intensityDrivers,
  quantityDrivers,
  type Sector,
} from '../../../../../src/intensity/model/drivers/drivers.js';

const sector = (id: string, q0: number, q1: number, y0: number, y1: number): Sector => ({
  ...{ id, quantity: [q0, q1], addedValue: [y0, y1] },
});
const driversOf = (drivers: ReturnType<typeof quantityDrivers>) => {
  if ('reason' in drivers) throw new Error(drivers.reason);
  return drivers;
};
const partsOf = ({ activity, structure, efficiency, entered, left }: Effects) => [
  ...[activity, structure, efficiency, entered, left],
];
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

describe('what drove a quantity', () => {
  // Wood & Lenzen 2006: B enters with output 8 and energy 14.
  const sectors = [sector('A', 30, 36, 10, 12), sector('B', 0, 14, 0, 8)];

  it('takes a firm that enters by its analytical limit', () => {
    const { effects, before, after, bySector } = driversOf(quantityDrivers(sectors));
    expect([before, after]).toEqual([30, 50]);
    expect(effects.activity.toFixed(5)).toBe('22.81070');
    expect(effects.structure.toFixed(5)).toBe('-16.81070');
    expect(effects.entered).toBeCloseTo(14, 12);
    expect(effects.efficiency).toBeCloseTo(0, 12);
    expect(sum(partsOf(effects))).toBeCloseTo(20, 12);
    expect(bySector[1]).toMatchObject({ id: 'B', activity: 0, structure: 0, efficiency: 0, left: 0 });
  });

  it('is the reverse when time is', () => {
    const there = driversOf(quantityDrivers(sectors)).effects;
    const back = driversOf(
      quantityDrivers(
        sectors.map(({ id, quantity, addedValue }) =>
          sector(id, quantity[1], quantity[0], addedValue[1], addedValue[0]),
        ),
      ),
    ).effects;
    expect(back.left).toBeCloseTo(-there.entered, 12);
    expect(back.activity).toBeCloseTo(-there.activity, 12);
    expect(back.structure).toBeCloseTo(-there.structure, 12);
  });

  it('gives a firm that begins to use energy to efficiency, since it produced before', () => {
    const { effects } = driversOf(quantityDrivers([sector('A', 0, 5, 10, 10), sector('B', 10, 10, 10, 10)]));
    expect(effects).toMatchObject({ efficiency: 5, entered: 0 });
  });

  it('names firms that used energy and added no value, and leaves no residual', () => {
    const drivers = driversOf(quantityDrivers([sector('A', 30, 36, 10, 12), sector('idle', 10, 4, 6, -1)]));
    expect(drivers.withoutAddedValue).toEqual(['idle']);
    expect(drivers.bySector[1]!.structure).toBe(0);
    expect(sum(partsOf(drivers.effects))).toBeCloseTo(0, 12);
  });

  it('says why there is none without added value', () => {
    expect(quantityDrivers([sector('A', 3, 4, 0, 5)])).toEqual({ reason: 'added_value_not_positive' });
    expect(quantityDrivers([])).toEqual({ reason: 'added_value_not_positive' });
    expect(() => quantityDrivers([sector('A', -3, 4, 1, 5)])).toThrow('A: quantities');
    expect(() => intensityDrivers([sector('A', 3, 4, 1, Number.POSITIVE_INFINITY)])).toThrow(RangeError);
  });
});

describe('what drove an intensity', () => {
  it('is structure alone where each firm needs as much as before', () => {
    const drivers = driversOf(intensityDrivers([sector('lean', 10, 30, 10, 30), sector('heavy', 50, 25, 10, 5)]));
    expect(drivers.before).toBe(3);
    expect(drivers.after).toBeCloseTo(55 / 35, 12);
    expect(drivers.effects).toMatchObject({ activity: 0, entered: 0, left: 0 });
    expect(drivers.effects.efficiency).toBeCloseTo(0, 12);
    expect(drivers.effects.structure).toBeCloseTo(55 / 35 - 3, 12);
    expect(drivers.factors!.structure).toBeCloseTo(55 / 35 / 3, 12);
  });
});

describe('for any firms', () => {
  const figure = fc.oneof(
    { weight: 4, arbitrary: fc.double({ min: 1e-4, max: 1e7, noNaN: true }) },
    { weight: 1, arbitrary: fc.constant(0) },
  );
  const sectors = fc
    .array(fc.tuple(figure, figure, figure, figure), { minLength: 1, maxLength: 12 })
    .map((rows) => rows.map(([q0, q1, y0, y1], i) => sector(`firm ${i}`, q0, q1, y0, y1)));

  it.each([
    ['a quantity', quantityDrivers],
    ['an intensity', intensityDrivers],
  ])('the effects on %s leave no residual, in sum and in product', (_, drivers) => {
    fc.assert(
      fc.property(sectors, (firms) => {
        const found = drivers(firms);
        fc.pre(!('reason' in found));
        const { before, after, effects, factors, bySector } = found as Drivers;
        const size = Math.max(before, after);
        expect(Math.abs(sum(partsOf(effects)) - (after - before))).toBeLessThanOrEqual(1e-9 * size);
        const summed = sum(bySector.flatMap(partsOf));
        expect(Math.abs(summed - (after - before))).toBeLessThanOrEqual(1e-9 * size);
        expect(factors === null).toBe(before === 0 || after === 0);
        if (factors === null) return;
        const product = partsOf(factors).reduce((value, factor) => value * factor, 1);
        expect(product / (after / before)).toBeCloseTo(1, 9);
      }),
    );
  });
});
