import { describe, expect, it } from 'vitest';
import { AddedValues } from '../../../../../src/intensity/model/statistics/added-value.js';
import { statEntryKey } from '../../../../../src/intensity/model/statistics/entry.js';
import { believed, record } from '../../../../../src/intensity/model/statistics/ledger.js';
import { monthOf, monthText } from '../../../../../src/intensity/model/statistics/period.js';
import { current, growth, level, period, recorded, valuesAt, valuesOf } from '../../book.js';

const A = 'enterprise:a';
const monthsOf = (year: number, from: number, to: number, amount: number) =>
  Array.from({ length: to - from + 1 }, (_, index) =>
    level(A, monthText(monthOf(year, from + index)), amount + from + index),
  );

describe('added value at comparable prices', () => {
  it('follows the chain of official real growth, and never a quotient of two published levels', () => {
    const values = valuesOf([
      current(A, '2020', 1000),
      growth(A, '2021', 0.1),
      growth(A, '2022', -0.05),
      // Published at prices of their own year: the quotients are +32 % and +15 %.
      current(A, '2021', 1320),
      current(A, '2022', 1518),
    ]);
    expect(values.of(A, period('2021')).amount).toBeCloseTo(1100, 9);
    const value = values.of(A, period('2022'));
    expect(value.amount).toBeCloseTo(1045, 9);
    expect(value.parts).toHaveLength(1);
    expect(value.parts[0]).toMatchObject({ period: '2022', basis: 'growth', preliminary: false });
    expect(value.parts[0]?.restsOn.map(({ key }) => key)).toEqual([
      `${A} 2022 growth`,
      `${A} 2021 growth`,
      `${A} 2020 current`,
    ]);
    expect(value.parts[0]?.restsOn[0]).toMatchObject({ version: 1, by: 'statistics', source: 'file.xlsx' });
  });

  it('a level at base prices begins a new chain', () => {
    const values = valuesOf([level(A, '2024', 500), growth(A, '2025', 0.02), growth(A, '2024', 0.5)]);
    expect(values.of(A, period('2025')).amount).toBeCloseTo(510, 9);
  });

  it.each([
    ['only current prices after the base year', [current(A, '2022', 1)], '2022', 'only_current_prices'],
    ['growth without the year before', [growth(A, '2022', 0.1)], '2022', 'growth_without_base'],
    ['nothing', [], '2022-05', 'not_published'],
    ['a month inside January–February', [level(A, '2022-01/02', 9)], '2022-01', 'only_with_january_february'],
    [
      'comparable at the prices of another year',
      [{ ...level(A, '2022', 1), figure: { kind: 'level', price: 'comparable', baseYear: 2015, amount: 1 } } as const],
      '2022',
      'other_price_base',
    ],
  ] as const)('%s is a gap with its reason', (_, entries, text, reason) => {
    const value = valuesOf(entries).of(A, period(text));
    expect(value).toMatchObject({ amount: null, known: 0, gaps: [{ period: text, reason }] });
  });

  it('a year is the sum of January–February, months and quarters, and names what is missing', () => {
    const parts = [
      level(A, '2021-01/02', 30),
      level(A, '2021-03', 20),
      level(A, '2021-Q2', 60),
      level(A, '2021-Q4', 80),
    ];
    const third = [level(A, '2021-07', 21), level(A, '2021-09', 23)];
    const partial = valuesOf([...parts, ...third]).of(A, period('2021'));
    expect(partial).toMatchObject({ amount: null, known: 234, gaps: [{ period: '2021-08', reason: 'not_published' }] });
    const whole = valuesOf([...parts, ...third, level(A, '2021-08', 22, 'preliminary')]).of(A, period('2021'));
    expect(whole).toMatchObject({ amount: 256, gaps: [] });
    expect(whole.parts.filter((part) => part.preliminary).map((part) => part.period)).toEqual(['2021-08']);
  });

  it('the widest published period counts', () => {
    const entries = [...monthsOf(2021, 1, 12, 10), level(A, '2021', 240)];
    expect(valuesOf(entries).of(A, period('2021'))).toMatchObject({ amount: 240, gaps: [] });
    expect(valuesOf(entries).over(A, monthOf(2021, 1), monthOf(2021, 3)).amount).toBe(36);
  });

  it('growth that starts at a preliminary figure is preliminary', () => {
    const values = valuesOf([level(A, '2024-03', 100, 'preliminary'), growth(A, '2025-03', 0.1)]);
    expect(values.of(A, period('2025-03')).parts[0]).toMatchObject({ basis: 'growth', preliminary: true });
  });

  it('growth of January–February applies to the sum of both months of the year before', () => {
    const values = valuesOf([level(A, '2024-01', 40), level(A, '2024-02', 60), growth(A, '2025-01/02', 0.05)]);
    expect(values.of(A, period('2025-01/02')).amount).toBeCloseTo(105, 9);
    expect(values.over(A, monthOf(2025, 1), monthOf(2025, 1)).amount).toBeNull();
  });
});

describe('the same months of two years', () => {
  it('are made of months where only one year has its quarter published', () => {
    // The quarter of 2024 was revised to 99 after its months; months are compared with months.
    const values = valuesOf([...monthsOf(2024, 1, 3, 10), level(A, '2024-Q1', 99), ...monthsOf(2025, 1, 3, 20)]);
    const { current: now, previous } = values.pair(A, monthOf(2025, 1), monthOf(2025, 3));
    expect(now.amount).toBe(66);
    expect(previous.amount).toBe(36);
    expect(previous.parts.map((part) => part.period)).toEqual(['2024-01', '2024-02', '2024-03']);
  });

  it('take the wider period where the months do not do', () => {
    const values = valuesOf([level(A, '2024-Q1', 99), ...monthsOf(2025, 1, 3, 20)]);
    const { current: now, previous } = values.pair(A, monthOf(2025, 1), monthOf(2025, 3));
    expect([now.amount, previous.amount]).toEqual([66, 99]);
  });

  it('January alone is no pair when the other year has it only with February', () => {
    const values = valuesOf([level(A, '2024-01', 40), level(A, '2024-02', 60), level(A, '2025-01/02', 105)]);
    expect(values.pair(A, monthOf(2025, 1), monthOf(2025, 1)).current.amount).toBeNull();
    const both = values.pair(A, monthOf(2025, 1), monthOf(2025, 2));
    expect([both.current.amount, both.previous.amount]).toEqual([105, 100]);
  });
});

describe('revised statistics', () => {
  const first = recorded([], [level(A, '2024', 100, 'preliminary'), growth(A, '2025', 0.1, 'preliminary')], 1000);
  const revised = recorded(first, [level(A, '2024', 104)], 2000);

  it('change every value they touch, and are known from then on', () => {
    expect(valuesAt(revised, 'latest').of(A, period('2025')).amount).toBeCloseTo(114.4, 9);
    expect(valuesAt(revised, { time: 1999 }).of(A, period('2025')).amount).toBeCloseTo(110, 9);
    expect(valuesAt(revised, { version: 1 }).of(A, period('2025')).amount).toBeCloseTo(110, 9);
    expect(valuesAt(revised, { time: 999 }).of(A, period('2025')).amount).toBeNull();
  });

  it('say which version they rest on', () => {
    const part = valuesAt(revised, 'latest').of(A, period('2025')).parts[0];
    expect(part?.restsOn.map(({ key, version, recordedAt }) => [key, version, recordedAt])).toEqual([
      [`${A} 2025 growth`, 1, 1000],
      [`${A} 2024 comparable`, 2, 2000],
    ]);
  });
});

describe('added value as believed later', () => {
  const B = 'enterprise:b';
  const base = { by: 'statistics', source: 'file.xlsx' };
  const spans = [2024, 2025].flatMap((year) =>
    [1, 6, 12].map((month) => [monthOf(year, 1), monthOf(year, month)] as const),
  );
  const told = (values: AddedValues) =>
    [A, B].flatMap((subject) =>
      spans.map(([first, last]) => [values.over(subject, first, last), values.pair(subject, first, last)]),
    );

  it('is what it would be from scratch, and goes on with what it knew of subjects of which nothing changed', () => {
    const first = recorded([], [...monthsOf(2024, 1, 12, 10), level(B, '2024', 50), growth(B, '2025', 0.1)], 1);
    const before = valuesAt(first, 'latest');
    told(before);
    const revised = recorded(first, [growth(B, '2025', 0.2)], 2);
    const withdrawn = record(revised, [[statEntryKey(growth(B, '2025', 0.2)), null]], base, 3);
    let known = before;
    for (const ledger of [revised, withdrawn]) {
      const now = new AddedValues(believed(ledger, 'latest'), 2020, { values: known, touched: [B] });
      expect(now.stampOf(A)).toBe(before.stampOf(A));
      expect(now.stampOf(B)).not.toBe(known.stampOf(B));
      expect(told(now)).toEqual(told(valuesAt(ledger, 'latest')));
      known = now;
    }
    // At prices of another year nothing of it counts.
    expect(new AddedValues(believed(first, 'latest'), 2024, { values: before, touched: [] }).stampOf(A)).not.toBe(
      before.stampOf(A),
    );
  });
});
