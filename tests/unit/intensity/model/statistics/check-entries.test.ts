import { describe, expect, it } from 'vitest';
import { checkingEntries, type EntryRules } from '../../../../../src/intensity/model/statistics/check-entries.js';
import { type StatEntry, statEntryKey } from '../../../../../src/intensity/model/statistics/entry.js';
import { monthOf } from '../../../../../src/intensity/model/statistics/period.js';
import { inOneGo } from '../../../../../src/intensity/model/steps.js';
import { current, growth, level } from '../../book.js';

const checkEntries = (...asked: Parameters<typeof checkingEntries>) => inOneGo(checkingEntries(...asked));
const A = 'enterprise:a';
const RULES: EntryRules = { now: monthOf(2026, 11), subjects: new Set([A, 'park:p']) };
const fields = (entries: readonly StatEntry[], rules = RULES) => checkEntries(entries, rules).map(({ field }) => field);

describe('entries of statistics', () => {
  it('may be levels, growth without a level, joint months and quarters beside their months', () => {
    const good = [
      level(A, '2026-01/02', 10),
      level(A, '2026-03', 0.01, 'preliminary'),
      level(A, '2026-Q1', 15),
      growth(A, '2026-04', -0.3),
      current(A, '2026-04', 20),
      level('park:p', '2025', 1e8),
    ];
    expect(checkEntries(good, RULES)).toEqual([]);
  });

  it.each([
    ['negative', level(A, '2026-01', -1), 'figure.amount'],
    ['zero', level(A, '2026-01', 0), 'figure.amount'],
    ['too large', level(A, '2026-01', 1e308), 'figure.amount'],
    ['just too large', level(A, '2026-01', 1.0000001e8), 'figure.amount'],
    ['infinite', level(A, '2026-01', Number.POSITIVE_INFINITY), 'figure.amount'],
    ['no number', current(A, '2026-01', Number.NaN), 'figure.amount'],
    ['growth to nothing', growth(A, '2026-01', -1), 'figure.rate'],
    ['growth in per cent', growth(A, '2026-01', 5.2), 'figure.rate'],
    ['growth that is no number', growth(A, '2026-01', Number.NaN), 'figure.rate'],
    ['the month that runs', level(A, '2026-11', 1), 'period'],
    ['a year that has not ended', level(A, '2026', 1), 'period'],
    ['a period in the future', level(A, '2027-Q1', 1), 'period'],
    ['no period', level(A, '2026-13', 1), 'period'],
    ['an enterprise of another park', level('enterprise:z', '2026-01', 1), 'subject'],
    ['an unknown status', { ...level(A, '2026-01', 1), status: 'guess' as 'final' }, 'status'],
    [
      'comparable prices of no year',
      { ...level(A, '2026-01', 1), figure: { kind: 'level', price: 'comparable', amount: 1 } } as const,
      'figure.baseYear',
    ],
    [
      'current prices of a base year',
      { ...level(A, '2026-01', 1), figure: { kind: 'level', price: 'current', baseYear: 2020, amount: 1 } } as const,
      'figure.baseYear',
    ],
  ])('%s is named at its place', (_, bad, field) => {
    expect(checkEntries([level(A, '2025-01', 1), bad], RULES)).toEqual([
      { field: `entries.1.${field}`, expected: expect.stringMatching(/\w/) },
    ]);
  });

  it('a month twice is named with the first one', () => {
    expect(checkEntries([level(A, '2026-01', 1), level(A, '2026-02', 1), level(A, '2026-01', 2)], RULES)).toEqual([
      { field: 'entries.2.period', expected: expect.stringContaining('entries.0') },
    ]);
  });

  it.each([
    ['January–February beside January', [level(A, '2026-01/02', 3), level(A, '2026-01', 1)], 'period'],
    [
      'growth of January–February beside the level of February',
      [growth(A, '2026-01/02', 0), level(A, '2026-02', 1)],
      'period',
    ],
    ['a comparable level beside growth', [level(A, '2026-03', 3), growth(A, '2026-03', 0.1)], 'figure.kind'],
  ])('%s gives one period two values', (_, entries, field) => {
    expect(fields(entries)).toEqual([`entries.0.${field}`, `entries.1.${field}`]);
  });

  it('contradicts nothing that is known already, and may revise it', () => {
    const known = new Set([level(A, '2026-01/02', 3), growth(A, '2026-03', 0.1)].map(statEntryKey));
    expect(fields([level(A, '2026-01/02', 4), growth(A, '2026-03', 0.2)], { ...RULES, known })).toEqual([]);
    expect(fields([level(A, '2026-02', 4), level(A, '2026-03', 9)], { ...RULES, known })).toEqual([
      'entries.0.period',
      'entries.1.figure.kind',
    ]);
  });

  it('every wrong field of an upload is named at once', () => {
    expect(fields([level('enterprise:z', '2027-01', -1), growth(A, 'x', 9)])).toEqual([
      'entries.0.subject',
      'entries.0.period',
      'entries.0.figure.amount',
      'entries.1.period',
      'entries.1.figure.rate',
    ]);
  });
});

it('can be put off after each entry, however many come at once', () => {
  const many = Array.from({ length: 2_000 }, (_, n) => level(A, `${1980 + (n % 40)}`, n + 1));
  let steps = 0;
  for (const _ of checkingEntries(many, RULES)) steps += 1;
  expect(steps).toBeGreaterThanOrEqual(many.length);
});
