import { describe, expect, it } from 'vitest';
import type { Assessment } from '../../../../../src/intensity/model/assess/assessment.js';
import { DEFAULT_LOSS_LIMITS, lossBeyond } from '../../../../../src/intensity/model/boundary/losses.js';
import { monthOf, parseMonth } from '../../../../../src/intensity/model/statistics/period.js';
import { type BudgetMonth, budgetOf } from '../../../../../src/intensity/model/tracking/budget.js';
import { DEFAULT_POLICY } from '../../../../../src/intensity/model/tracking/policy.js';
import type { Verdict, VerdictName } from '../../../../../src/intensity/model/tracking/verdict.js';
import { grainsOf, oldestDue } from '../../../../../src/intensity/model/warn/overdue.js';
import { monthUses, pathShortfall, verdictWarnings } from '../../../../../src/intensity/model/warn/verdict-warnings.js';
import { warningPart } from '../../../../../src/intensity/model/warn/warning.js';
import { growth, level, valuesOf } from '../../book.js';

const verdict = (name: VerdictName, decline: number | null) => ({ verdict: name, decline }) as Verdict;

describe('the shortfall of a path', () => {
  it.each([
    ['on_track', 0.06, -100],
    ['on_track', 0.05, 0],
    // A hair below the rate that the verdict takes for the rate.
    ['on_track', 0.05 - 1e-10, 0],
    ['at_risk', 0.04996, 0.4],
    ['at_risk', 0.045, 50],
    ['at_risk', 0.04, 100],
    ['at_risk', 0.04 - 1e-10, 100],
    ['off_track', 0.0399, 101],
    ['off_track', -0.05, 1_000],
  ] as const)('of the verdict %s at a decline of %d is %d %% of what is tolerated', (name, decline, expected) => {
    expect(pathShortfall(verdict(name, decline), DEFAULT_POLICY)).toBeCloseTo(expected, 4);
  });

  it.each([
    ['on_track', 0.0500000001, false, false],
    ['at_risk', 0.05 - 2e-9, true, false],
    ['at_risk', 0.04, true, false],
    ['off_track', 0.04 - 2e-9, true, true],
  ] as const)('is on the side of the verdict %s at %d', (name, decline, isAbove, isFar) => {
    const shortfall = pathShortfall(verdict(name, decline), DEFAULT_POLICY)!;
    expect([shortfall > 0, shortfall > 100]).toEqual([isAbove, isFar]);
  });

  it('goes by the policy, also by one that tolerates nothing', () => {
    const wide = { ...DEFAULT_POLICY, rate: 0.03, riskRate: 0.01 };
    expect(pathShortfall(verdict('at_risk', 0.02), wide)).toBeCloseTo(50, 9);
    const none = { ...DEFAULT_POLICY, riskRate: DEFAULT_POLICY.rate };
    expect(pathShortfall(verdict('off_track', 0.0499), none)).toBeGreaterThan(100);
    expect(pathShortfall(verdict('on_track', 0.05), none)).toBe(0);
  });

  it('is unknown where nothing can be assessed', () => {
    expect(pathShortfall(verdict('not_assessable', 0.01), DEFAULT_POLICY)).toBeNull();
    expect(pathShortfall(verdict('not_assessable', null), DEFAULT_POLICY)).toBeNull();
  });
});

describe('what months use of their allowance', () => {
  const OCTOBER = parseMonth('2026-10')!;
  /** 120 allowed in a year, 10 a month; `pacePerDay` of the days that are left. */
  const uses = (november: number | null, through: string, pacePerDay: number | null, october = 10) => {
    const used = Array.from({ length: 10 }, (_, i) => ({
      month: `2026-${String(i + 1).padStart(2, '0')}`,
      amount: i === 9 ? october : 10,
    }));
    if (november !== null) used.push({ month: '2026-11', amount: november });
    const pattern = Array.from({ length: 12 }, () => 1);
    const { budget } = budgetOf({ allowedIntensity: 0.12, addedValue: 1_000, used, through, pattern, pacePerDay });
    return monthUses({ budget, blocks: [], through }, OCTOBER).map(({ month, usedPct, expectedPct }) => [
      month,
      Number(usedPct.toFixed(6)),
      expectedPct === null ? null : Number(expectedPct.toFixed(6)),
    ]);
  };

  it.each([
    ['a month that is over', null, '2026-10-31', null, 10, [['2026-10', 100, null]]],
    ['one that took too much', null, '2026-10-31', 0.3, 10.1, [['2026-10', 101, null]]],
    [
      'a month that runs, against the whole allowance',
      6,
      '2026-11-15',
      null,
      10,
      [
        ['2026-10', 100, null],
        ['2026-11', 60, null],
      ],
    ],
    [
      'the same at the pace of the forecast',
      6,
      '2026-11-15',
      0.3,
      10,
      [
        ['2026-10', 100, null],
        ['2026-11', 60, 105],
      ],
    ],
    [
      'a last day, when it is over',
      11,
      '2026-11-30',
      0.3,
      10,
      [
        ['2026-10', 100, null],
        ['2026-11', 110, null],
      ],
    ],
  ] as const)('are those of %s', (_, november, through, pace, october, expected) => {
    expect(uses(november, through, pace, october)).toEqual(expected);
  });

  it('are unknown without a budget, and of a month that may take nothing', () => {
    expect(monthUses({ budget: null, blocks: [], through: '2026-11-15' }, OCTOBER)).toEqual([]);
    expect(monthUses({ budget: null, blocks: [], through: null }, OCTOBER)).toEqual([]);
    const months: BudgetMonth[] = [{ month: '2026-10', allowed: 0, used: 5, overSoFar: 5 }];
    const budget = { ...{ allowed: 0, used: 5, left: -5, daysLeft: 61, perDay: 0, monthsLeft: [], spentOn: null } };
    expect(
      monthUses(
        { budget: { ...budget, months, runsOutOn: null, leftAtYearEnd: null }, blocks: [], through: '2026-10-31' },
        OCTOBER,
      ),
    ).toEqual([]);
  });
});

describe('what a verdict has to warn of', () => {
  const NOVEMBER = parseMonth('2026-11')!;
  /** A year of 120 allowed, of which October took 15 and November 12 until the 15th. */
  const assessment = (name: VerdictName, year = 2026) => {
    const amounts = [...Array(9).fill(10), 15, 12];
    const used = amounts.map((amount, i) => ({ month: `${year}-${String(i + 1).padStart(2, '0')}`, amount }));
    const through = `${year}-11-15`;
    const facts = { allowedIntensity: 0.12, addedValue: 1_000, used, through, pattern: null, pacePerDay: 1 };
    return {
      ...{ year, policy: DEFAULT_POLICY, base: { value: 0.2 }, figure: { coverage: { counted: 1 } } },
      verdict: { ...verdict(name, 0.01), reasons: [] },
      budget: { ...budgetOf(facts), through },
    } as unknown as Assessment;
  };
  const warned = (name: VerdictName, year?: number) =>
    verdictWarnings({
      ...{ scope: { kind: 'park', id: 'p' }, carrier: 'energy', assessment: assessment(name, year) },
      ...{ year: 2026, running: NOVEMBER },
    }).map(({ metric, part }) => `${metric} ${part}`);

  it('is its path, and of each month what it takes of its budget', () => {
    expect(warned('off_track')).toEqual([
      'path_blocks p.energy',
      'path_shortfall_pct p.energy',
      'month_budget_expected_pct p.energy',
      'month_budget_used_pct p.energy.2026-10',
      'month_budget_used_pct p.energy.2026-11',
    ]);
  });

  it('is no overspent month where nothing can be assessed, of this year or of the last', () => {
    expect(warned('not_assessable')).toEqual(['path_blocks p.energy']);
    expect(warned('not_assessable', 2025)).toEqual([]);
  });

  it('is nothing watched where no verdict is expected, and no pace of a month just begun', () => {
    const told = (given: Assessment, running = NOVEMBER) =>
      verdictWarnings({
        ...{ scope: { kind: 'park', id: 'p' }, carrier: 'energy', assessment: given, year: 2026, running },
      }).flatMap(({ metric, value }) => (value === null ? metric : []));
    const never = { ...assessment('not_assessable'), base: null, figure: null } as unknown as Assessment;
    expect(told(never)).toEqual(['path_blocks', 'path_shortfall_pct', 'month_budget_expected_pct']);
    expect(told(assessment('not_assessable'))).toEqual([]);
    expect(told(assessment('off_track'))).toEqual([]);
    expect(told(assessment('off_track'), NOVEMBER + 1)).toEqual(['month_budget_expected_pct']);
  });
});

describe('statistics that are due', () => {
  const FIRM = 'enterprise:p-1/firm';
  const monthly = (year: number, last: number) =>
    Array.from({ length: last }, (_, i) => level(FIRM, `${year}-${String(i + 1).padStart(2, '0')}`, 10));
  const quarterly = (year: number, last: number) =>
    Array.from({ length: last }, (_, i) => level(FIRM, `${year}-Q${i + 1}`, 10));
  const NOVEMBER = parseMonth('2026-11')!;

  it.each([
    ['are none when all months that are over are there', monthly(2026, 10), 2026, 'month', null],
    ['are the month that is missing', monthly(2026, 9), 2026, 'month', '2026-10'],
    ['are the oldest of several', monthly(2026, 3), 2026, 'month', '2026-04'],
    ['of January come with February', [], 2026, 'month', '2026-02'],
    ['take January and February as one', [level(FIRM, '2026-01/02', 20)], 2026, 'month', '2026-03'],
    ['are none within the quarter that runs', quarterly(2026, 3), 2026, 'quarter', null],
    ['are the quarter that is missing', quarterly(2026, 2), 2026, 'quarter', '2026-09'],
    ['of years come at its end', [level(FIRM, '2024', 100)], 2026, 'year', null],
    ['of last year are overdue all the more', [], 2025, 'year', '2025-12'],
    // It is there, and of no use: the verdict says so.
    [
      'are not a growth rate without its base',
      [growth(FIRM, '2026-Q1', 0.05), ...quarterly(2026, 0)],
      2026,
      'quarter',
      '2026-06',
    ],
  ] as const)('%s', (_, entries, year, grain, expected) => {
    const found = oldestDue(valuesOf(entries), FIRM, grain, year, NOVEMBER);
    expect(found).toBe(expected === null ? null : parseMonth(expected));
  });

  it('are none before February is over', () => {
    expect(oldestDue(valuesOf([]), FIRM, 'month', 2026, monthOf(2026, 2))).toBeNull();
    expect(oldestDue(valuesOf([]), FIRM, 'month', 2026, monthOf(2026, 3))).toBe(monthOf(2026, 2));
  });

  it('come as finely as they ever did', () => {
    const grains = grainsOf([
      { subject: 'a', period: '2025' },
      { subject: 'a', period: '2026-Q1' },
      { subject: 'b', period: '2025-01/02' },
      { subject: 'c', period: '2025' },
    ]);
    expect([...grains]).toEqual([
      ['a', 'quarter'],
      ['b', 'month'],
      ['c', 'year'],
    ]);
  });
});

describe('losses beyond their limits', () => {
  it.each([
    ['ok', 0, -2],
    ['ok', 0.05, 0],
    ['above_share', 0.051, 0.1],
    ['ok', -0.02, 0],
    ['negative', -0.05, 3],
    ['negative', null, 100],
    ['ok', null, 0],
    ['unknown', 0.5, null],
  ] as const)('of the verdict %s and the share %d are %d %%', (name, share, expected) => {
    const beyond = lossBeyond({ verdict: name, share }, DEFAULT_LOSS_LIMITS);
    if (expected === null) expect(beyond).toBeNull();
    else expect(beyond).toBeCloseTo(expected, 9);
  });
});

describe('the name of what a warning is of', () => {
  it('is short enough for an alarm, ends in its month, and tells long names apart', () => {
    expect(warningPart(['oh-diandu', 'energy'])).toBe('oh-diandu.energy');
    expect(warningPart(['oh-diandu', 'energy'], '2026-11')).toBe('oh-diandu.energy.2026-11');
    const [a, b] = ['a', 'b'].map((end) =>
      warningPart(['p'.repeat(63), 'electricity', 'm'.repeat(62) + end], '2026-11'),
    );
    expect(a).not.toBe(b);
    expect(a!.length).toBeLessThanOrEqual(80);
    expect(a).toMatch(/\.2026-11$/);
  });
});
