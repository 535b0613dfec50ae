import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AddedValues } from '../../../../../src/intensity/model/statistics/added-value.js';
import { type StatEntry, statEntryKey } from '../../../../../src/intensity/model/statistics/entry.js';
import { type AsOf, believed, type Ledger, record } from '../../../../../src/intensity/model/statistics/ledger.js';
import { monthOf } from '../../../../../src/intensity/model/statistics/period.js';
import { compareWithLastYear } from '../../../../../src/intensity/model/tracking/comparison.js';
import {
  dependenciesOf,
  dependencyOf,
  dependentOn,
  type LaterChange,
} from '../../../../../src/intensity/model/tracking/dependency.js';
import { type IntensityFigure, intensityOf } from '../../../../../src/intensity/model/tracking/figure.js';
import { current, growth, level, ORIGIN } from '../../book.js';
import { ELECTRICITY, quantities, THRESHOLDS } from '../../members.js';

const FIRMS = ['enterprise:a', 'enterprise:b', 'enterprise:c'];
const SETS: Readonly<Record<string, readonly string[]>> = {
  'park:p': ['enterprise:a', 'enterprise:b'],
  'park:q': ['enterprise:c'],
};
const YEARS = [2020, 2021, 2022, 2023];
const PERIODS = ['', '-Q1', '-Q2', '-Q3', '-Q4', '-01/02', '-01', '-02', '-03', '-04', '-05', '-06'];

const entry: fc.Arbitrary<StatEntry> = fc
  .tuple(
    fc.constantFrom(...FIRMS),
    fc.tuple(fc.constantFrom(...YEARS), fc.constantFrom(...PERIODS)).map(([year, rest]) => `${year}${rest}`),
    fc.constantFrom('level', 'growth', 'current'),
    fc.integer({ min: 1, max: 1000 }),
    fc.constantFrom<StatEntry['status']>('preliminary', 'final'),
  )
  .map(([firm, text, kind, amount, status]) => {
    if (kind === 'growth') return growth(firm, text, amount / 1000 - 0.5, status);
    return kind === 'current' ? current(firm, text, amount) : level(firm, text, amount, status);
  });
type Item = readonly [string, StatEntry | null];
/** Entries, a quarter of them withdrawn again. */
const item: fc.Arbitrary<Item> = fc
  .tuple(entry, fc.integer({ min: 0, max: 3 }))
  .map(([one, chance]): Item => [statEntryKey(one), chance === 0 ? null : one]);
const revisions = fc.array(fc.array(item, { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 8 });

const use = YEARS.flatMap((year) => quantities(`${year}-01`, `${year}-12`, year - 2000));

/** Every figure of the two parks: each year as a whole, and its first half against the year before. */
function figures(ledger: Ledger<StatEntry>, asOf: AsOf) {
  const values = new AddedValues(believed(ledger, asOf), 2020);
  return Object.entries(SETS).flatMap(([scope, set]) =>
    YEARS.map((year) => {
      const first = monthOf(year, 1);
      const of = { scope, unit: 'tce' as const, first, set };
      const member = (id: string) => ({ id, quantity: use, coefficients: [ELECTRICITY] });
      const whole = { ...of, last: first + 11 };
      const half = { ...of, last: first + 5 };
      const figure = intensityOf(
        whole,
        set.map((id) => ({ ...member(id), addedValue: values.over(id, whole.first, whole.last) })),
        THRESHOLDS,
      );
      const comparison = compareWithLastYear(
        half,
        set.map((id) => ({ ...member(id), addedValue: values.pair(id, half.first, half.last) })),
        THRESHOLDS,
      );
      return { key: `${scope} ${year}`, scope, figure, comparison };
    }),
  );
}

/** Compared as text, to the last digit. */
const text = (all: unknown) => JSON.stringify(all);

/** Figures without when their parts were recorded. */
const figuresOnly = (all: ReturnType<typeof figures>) =>
  all.map(({ key, figure, comparison }) => ({
    key,
    ...plain(figure),
    change: comparison.change,
    current: plain(comparison.current),
    previous: plain(comparison.previous),
  }));
const plain = ({ value, quantity, addedValue, coverage, preliminary, blocks, notes }: IntensityFigure) => ({
  ...{ value, quantity, addedValue, coverage, preliminary, blocks, notes },
});

describe('restatement', () => {
  it('by any sequence of revisions gives what loading the final data once gives', () => {
    fc.assert(
      fc.property(revisions, (all) => {
        let ledger: Ledger<StatEntry> = [];
        for (const [index, items] of all.entries()) ledger = record(ledger, items, ORIGIN, index);
        const final = Array.from(believed(ledger, 'latest').at, ([key, { value }]) => [key, value] as const);
        const once = record<StatEntry>([], final, ORIGIN, 1);
        expect(text(figuresOnly(figures(ledger, 'latest')))).toBe(text(figuresOnly(figures(once, 'latest'))));
      }),
      { numRuns: 15 },
    );
  });

  it('leaves asOf the answer that was given then', () => {
    fc.assert(
      fc.property(revisions, (all) => {
        let ledger: Ledger<StatEntry> = [];
        const told = all.map((items, index) => {
          ledger = record(ledger, items, ORIGIN, index * 10);
          return text(figures(ledger, 'latest'));
        });
        for (const [index, answer] of told.entries()) {
          expect(text(figures(ledger, { time: index * 10 + 9 }))).toBe(answer);
          expect(text(figures(ledger, { version: index + 1 }))).toBe(answer);
        }
      }),
      { numRuns: 8 },
    );
  });

  it('names every figure that a revision touches: what it does not name is the same to the last digit', () => {
    let spared = 0;
    fc.assert(
      fc.property(revisions, item, (all, [key, value]) => {
        let ledger: Ledger<StatEntry> = [];
        for (const [index, items] of all.entries()) ledger = record(ledger, items, ORIGIN, index);
        const before = figures(ledger, 'latest');
        const after = figures(record(ledger, [[key, value]], ORIGIN, 1e6), 'latest');
        const [subject = '', period = ''] = key.split(' ');
        const dependencies = before.flatMap((one) => [
          dependencyOf(one.key, one.figure, [one.scope]),
          ...dependenciesOf(one.key, one.comparison, [one.scope]),
        ]);
        const touched = dependentOn([{ kind: 'statistics', subject, period }], dependencies);
        for (const [index, one] of before.entries()) {
          if (touched.has(one.key)) continue;
          spared += 1;
          expect(text(after[index])).toBe(text(one));
        }
      }),
      { numRuns: 40 },
    );
    expect(spared).toBeGreaterThan(100);
  });
});

describe('a change touches', () => {
  const ledger = record<StatEntry>(
    [],
    [...YEARS.map((year) => level('enterprise:a', String(year), 10)), level('enterprise:b', '2020', 10)].map(
      (one) => [statEntryKey(one), one] as const,
    ),
    ORIGIN,
    1,
  );
  const all = figures(ledger, 'latest').map(({ key, figure, scope }) => dependencyOf(key, figure, [scope]));

  it.each<[string, LaterChange, readonly string[]]>([
    [
      'late readings: their months and firm',
      { kind: 'quantity', member: 'enterprise:a', first: monthOf(2022, 12), last: monthOf(2023, 1) },
      ['park:p 2022', 'park:p 2023'],
    ],
    [
      'a firm of another park: that park',
      { kind: 'quantity', member: 'enterprise:c', first: monthOf(2022, 3), last: monthOf(2022, 3) },
      ['park:q 2022'],
    ],
    ['a set: its scope and year', { kind: 'set', scope: 'park:p', year: 2021 }, ['park:p 2021']],
    [
      'a coefficient: figures that use it in its months',
      { kind: 'coefficient', carrier: 'electricity', from: '2023-06', to: null },
      ['park:p 2023', 'park:q 2023'],
    ],
    [
      'a coefficient that ended before: nothing',
      { kind: 'coefficient', carrier: 'electricity', from: '2019-01', to: '2020-01' },
      [],
    ],
    [
      'a coefficient of a carrier that is not used: nothing',
      { kind: 'coefficient', carrier: 'coke', from: '2019-01', to: null },
      [],
    ],
    [
      'a level of one year: that year',
      { kind: 'statistics', subject: 'enterprise:a', period: '2021' },
      ['park:p 2021'],
    ],
    ['a firm of no set: nothing', { kind: 'statistics', subject: 'enterprise:z', period: '2021' }, []],
  ])('%s', (_, change, keys) => expect([...dependentOn([change], all)]).toEqual(keys));
});
