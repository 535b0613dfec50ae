import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Budget,
  type BudgetFacts,
  budgetOf,
  paceOf,
  recentUse,
} from '../../../../../src/intensity/model/tracking/budget.js';
import { quantities } from '../../members.js';

const used = (last: string, amount: number) => quantities('2026-01', last, amount);
const facts = (over: Partial<BudgetFacts> = {}): BudgetFacts => ({
  ...{ allowedIntensity: 0.12, addedValue: 1000, used: used('2026-10', 10), through: '2026-10-31' },
  ...{ pattern: [10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 12, 8], pacePerDay: null },
  ...over,
});
function budget(over: Partial<BudgetFacts> = {}): Budget {
  const { budget: found, blocks } = budgetOf(facts(over));
  if (found === null) throw new Error(JSON.stringify(blocks));
  return found;
}

describe('the budget that is left', () => {
  it('is allowed intensity × added value − use, by day and by the shape of last year', () => {
    expect(budget()).toMatchObject({ allowed: 120, used: 100, left: 20, daysLeft: 61, spentOn: null, runsOutOn: null });
    expect(budget().perDay).toBeCloseTo(20 / 61, 12);
    expect(budget().monthsLeft).toEqual([
      { month: '2026-11', days: 30, allowance: expect.closeTo(12, 12) },
      { month: '2026-12', days: 31, allowance: expect.closeTo(8, 12) },
    ]);
  });

  it('cuts the month that runs: 26 November leaves 35 days', () => {
    const cut = budget({ used: used('2026-11', 8), through: '2026-11-26' });
    expect(cut).toMatchObject({ used: 88, left: 32, daysLeft: 35 });
    expect(cut.monthsLeft.map(({ month, days }) => [month, days])).toEqual([
      ['2026-11', 4],
      ['2026-12', 31],
    ]);
    const november = cut.months[10];
    expect(november).toMatchObject({ month: '2026-11', used: 8 });
    expect(november?.allowed).toBeCloseTo((12 * 26) / 30, 12);
    expect(november?.overSoFar).toBeCloseTo(88 - 100 - (12 * 26) / 30, 9);
    expect(cut.months[11]).toMatchObject({ used: null, overSoFar: null });
  });

  it('spreads by days without a usable shape', () => {
    for (const pattern of [null, [1, 2], Array(12).fill(0), Array(12).fill(Number.NaN)]) {
      expect(budget({ pattern }).monthsLeft[0]?.allowance).toBeCloseTo((20 * 30) / 61, 12);
    }
  });

  it('says the day on which it was used up', () => {
    const over = budget({ used: used('2026-10', 15) });
    expect(over).toMatchObject({ left: -30, perDay: 0, spentOn: '2026-08-31', runsOutOn: null });
    expect(over.monthsLeft.map(({ allowance }) => allowance)).toEqual([0, 0]);
    expect(budget({ used: used('2026-10', 16) }).spentOn).toBe('2026-08-16');
    expect(budget({ used: used('2026-10', 12) })).toMatchObject({ left: 0, spentOn: '2026-10-31' });
  });

  it('says the day on which it will run out, or what will be left', () => {
    expect(budget({ pacePerDay: 1 })).toMatchObject({ runsOutOn: '2026-11-20', leftAtYearEnd: -41 });
    expect(budget({ pacePerDay: 0.9 }).runsOutOn).toBe('2026-11-23');
    expect(budget({ pacePerDay: 0.25 })).toMatchObject({ runsOutOn: null, leftAtYearEnd: 20 - 61 / 4 });
    expect(budget({ pacePerDay: 0 })).toMatchObject({ runsOutOn: null, leftAtYearEnd: 20 });
  });

  it('has no day left on 31 December', () => {
    const end = budget({ used: used('2026-12', 9), through: '2026-12-31', pacePerDay: 3 });
    expect(end).toMatchObject({ left: 12, daysLeft: 0, perDay: 0, monthsLeft: [], leftAtYearEnd: 12 });
  });

  it.each([
    [
      'a month without use',
      { used: used('2026-10', 10).filter(({ month }) => month !== '2026-04') },
      'quantity_missing',
    ],
    ['use that is no number', { used: used('2026-10', Number.NaN) }, 'quantity_missing'],
    ['no added value', { addedValue: 0 }, 'added_value_missing'],
    ['added value that is no number', { addedValue: Number.NaN }, 'added_value_missing'],
  ])('there is none with %s', (_, over, code) => {
    expect(budgetOf(facts(over))).toMatchObject({ budget: null, blocks: [{ code }] });
  });

  it('asks for a day', () => {
    for (const through of ['2026-10', '2026-02-30', '2026-10-00', 'today']) {
      expect(() => budgetOf(facts({ through }))).toThrow(RangeError);
    }
  });

  it('what the months that are left may take adds up to what is left, each day’s part too', () => {
    const positive = fc.double({ min: 0.01, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(
        positive,
        fc.array(positive, { minLength: 12, maxLength: 12 }),
        fc.integer({ min: 1, max: 30 }),
        (addedValue, pattern, day) => {
          const through = `2026-11-${String(day).padStart(2, '0')}`;
          const { left, perDay, daysLeft, monthsLeft } = budget({
            addedValue,
            pattern,
            through,
            used: used('2026-11', 1),
          });
          const sum = monthsLeft.reduce((total, { allowance }) => total + allowance, 0);
          expect(sum).toBeCloseTo(Math.max(0, left), 6);
          expect(perDay * daysLeft).toBeCloseTo(Math.max(0, left), 6);
        },
      ),
    );
  });

  it('says what a day took of late: of the month that runs, and with the month before while it is young', () => {
    const cut = budget({ used: used('2026-11', 8), through: '2026-11-26' });
    expect(recentUse(cut, '2026-11-26')).toEqual({
      ...{ perDay: expect.closeTo(8 / 26, 12), days: 26, from: '2026-11-01', through: '2026-11-26' },
    });
    const young = budget({ used: [...used('2026-10', 10), ...used('2026-11', 4).slice(-1)], through: '2026-11-13' });
    expect(recentUse(young, '2026-11-13')).toMatchObject({ perDay: 14 / 44, days: 44, from: '2026-10-01' });
    const first = budget({ used: used('2026-01', 4), through: '2026-01-05' });
    expect(recentUse(first, '2026-01-05')).toMatchObject({ perDay: 4 / 5, days: 5, from: '2026-01-01' });
    expect(recentUse(budget(), '2026-10-31')).toMatchObject({ perDay: 10 / 31, days: 31, from: '2026-10-01' });
    expect(recentUse({ months: [] }, '2026-10-31')).toBeNull();
  });

  it('says at which pace it takes the rest of the year', () => {
    expect(paceOf(budget({ pacePerDay: 0.9 }))).toBeCloseTo(0.9, 12);
    expect(paceOf(budget())).toBeNull();
    expect(paceOf(budget({ used: used('2026-12', 5), through: '2026-12-31', pacePerDay: 1 }))).toBeNull();
  });
});
