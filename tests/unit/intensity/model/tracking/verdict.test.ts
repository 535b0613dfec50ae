import { describe, expect, it } from 'vitest';
import { compareWithLastYear } from '../../../../../src/intensity/model/tracking/comparison.js';
import { intensityOf } from '../../../../../src/intensity/model/tracking/figure.js';
import { DEFAULT_POLICY, type Policy } from '../../../../../src/intensity/model/tracking/policy.js';
import { inWords } from '../../../../../src/intensity/model/tracking/reason.js';
import { pathYears, type YearValue } from '../../../../../src/intensity/model/tracking/standing.js';
import { judgeYear, type VerdictFacts } from '../../../../../src/intensity/model/tracking/verdict.js';
import { level, valuesOf } from '../../book.js';
import { month, nothing, paired, quantities, THRESHOLDS, yearOf } from '../../members.js';

const A = 'enterprise:a';
const figure = (year: number, intensity: number, over = {}) =>
  intensityOf(
    { scope: 'park:p', unit: 'tce', first: month(`${year}-01`), last: month(`${year}-12`), set: [A] },
    [yearOf(A, year, intensity * 1000, 1000, over)],
    THRESHOLDS,
  );
const base = figure(2020, 0.2);
const known: YearValue[] = [0.2, 0.191, 0.182, 0.174, 0.166, 0.158].map((value, index) => ({
  ...{ year: 2020 + index, value, changeOnSameSet: null },
}));
const values = valuesOf([level(A, '2025-Q1', 100), level(A, '2026-Q1', 110)]);
const comparison = compareWithLastYear(
  { scope: 'park:p', unit: 'tce', first: month('2026-01'), last: month('2026-03'), set: [A] },
  [paired(A, values, '2026-03', [...quantities('2025-01', '2025-03', 6), ...quantities('2026-01', '2026-03', 6)])],
  THRESHOLDS,
);
const facts = (value: number | null, over: Partial<VerdictFacts> = {}): VerdictFacts => ({
  ...{ policy: DEFAULT_POLICY, year: 2026, unit: 'tce', base, figure: comparison.current, comparison },
  expected: value === null ? null : { kind: 'forecast', value, interval: { low: value - 0.002, high: value + 0.002 } },
  path: pathYears(DEFAULT_POLICY, 0.2, known),
  ...over,
});
const declining = (rate: number) => 0.2 * (1 - rate) ** 6;
const policy = (over: Partial<Policy>): Policy => ({ ...DEFAULT_POLICY, ...over });
const codes = ({ reasons }: { readonly reasons: readonly { readonly code: string }[] }) =>
  reasons.map(({ code }) => code);

describe('the verdict', () => {
  it.each([
    [0.08, 'on_track'],
    [0.05, 'on_track'],
    [0.04996, 'at_risk'],
    [0.04, 'at_risk'],
    [0.03999, 'off_track'],
    [-0.01, 'off_track'],
  ])('an expected annual decline of %d is %s', (rate, verdict) => {
    const judged = judgeYear(facts(declining(rate)));
    expect(judged.verdict).toBe(verdict);
    expect(judged.decline).toBeCloseTo(rate, 12);
  });

  it('the path itself is on track in every year, whatever its last bit says', () => {
    for (let year = 2021; year <= 2027; year += 1) {
      const [row] = pathYears(DEFAULT_POLICY, 0.2, known).filter((one) => one.year === year);
      expect(judgeYear(facts(row?.allowed ?? 0, { year })).verdict).toBe('on_track');
    }
  });

  it('goes by another rate when the policy does', () => {
    const strict = policy({ rate: 0.06, riskRate: 0.055 });
    expect(judgeYear(facts(declining(0.056), { policy: strict })).verdict).toBe('at_risk');
    expect(judgeYear(facts(declining(0.05), { policy: strict })).verdict).toBe('off_track');
  });

  it('tells where the year stands against the path and what is needed after it', () => {
    const judged = judgeYear(facts(declining(0.045)));
    expect(judged.allowed).toBeCloseTo(0.2 * 0.95 ** 6, 12);
    expect(judged.againstPath).toBeCloseTo((0.955 / 0.95) ** 6 - 1, 12);
    expect(judged.standing).toMatchObject({ yearsLeft: 1 });
    expect(judged.standing?.neededAnnual).toBeCloseTo(1 - 0.95 ** 7 / 0.955 ** 6, 12);
    expect(codes(judged)).toEqual([
      ...['expected_above_path', 'interval_above', 'year_to_date', 'change_needed_this_year', 'needed_afterwards'],
    ]);
    expect(judged.reasons.map((one) => inWords(one).zh)).toEqual([
      '2026 年预计为 0.1517，比允许值 0.1470 高 3.2 %；6 年年均降幅 4.50 %',
      '80 % 区间 0.1497–0.1537，整段高于允许值',
      '2026-01 至 2026-03 同口径比去年同期 −9.1 %（0.1800 → 0.1636）',
      '2026 年须比上年 −7.0 % 才达到允许值',
      '若今年照此收尾，此后 1 年每年须降 7.95 %',
    ]);
  });

  it.each([
    [0.15, 'interval_above'],
    [0.147, 'interval_straddles'],
    [0.144, 'interval_within'],
  ])('an interval around %d is told as %s', (value, code) => {
    expect(codes(judgeYear(facts(value)))).toContain(code);
  });

  it('of a whole year has no interval and nothing left to change', () => {
    const judged = judgeYear(
      facts(0, { expected: { kind: 'actual', value: 0.14, interval: null }, figure: figure(2026, 0.14) }),
    );
    expect(codes(judged)).toEqual(['expected_within_path', 'year_to_date', 'needed_afterwards']);
  });

  it('says when the whole target is met already', () => {
    const judged = judgeYear(facts(0.1));
    expect(codes(judged)).toContain('target_already_met');
    expect(inWords(judged.reasons.at(-1) as never).en).toContain('the target of 2027 is met already');
  });
});

describe('not assessable', () => {
  it.each<[string, Partial<VerdictFacts>, readonly string[]]>([
    ['no base year', { base: null }, ['base_year_missing']],
    ['a base year of 0', { base: figure(2020, 0) }, ['base_year_missing']],
    [
      'a base year that is not assessable',
      { base: figure(2020, 0.2, { addedValue: nothing('2020') }) },
      ['base_year_missing', 'added_value_missing', 'coverage_below', 'nothing_counted'],
    ],
    ['nothing expected', { expected: null }, ['nothing_expected']],
    [
      'months that were measured too little',
      { figure: figure(2026, 0.15, { quantity: quantities('2026-01', '2026-12', 12, { completeness: 0.83 }) }) },
      ['completeness_below'],
    ],
    [
      'added value that is missing',
      { figure: figure(2026, 0.15, { addedValue: nothing('2026-09') }) },
      ['added_value_missing', 'coverage_below', 'nothing_counted'],
    ],
    ['the base year itself', { year: 2020 }, ['not_after_base_year']],
    ['a chain with years missing', { policy: policy({ comparison: 'chained' }) }, ['chain_broken']],
  ])('with %s', (_, over, expected) => {
    const judged = judgeYear(facts(0.147, over));
    expect(judged.verdict).toBe('not_assessable');
    expect(codes(judged)).toEqual(expected);
    for (const one of judged.reasons) expect(inWords(one)).not.toEqual({ zh: '', en: '' });
  });

  it('keeps the numbers beside it, for information', () => {
    const judged = judgeYear(
      facts(declining(0.045), { figure: figure(2026, 0.15, { addedValue: nothing('2026-09') }) }),
    );
    expect(judged.decline).toBeCloseTo(0.045, 12);
    expect(judged.standing).not.toBeNull();
  });

  it('a chain is assessable with the change of every year before', () => {
    const chained = policy({ comparison: 'chained' });
    const linked = known.map((one) => ({ ...one, changeOnSameSet: one.year > 2020 ? -0.06 : null }));
    const path = pathYears(chained, 0.2, linked);
    expect(judgeYear(facts(declining(0.06), { policy: chained, path })).verdict).toBe('on_track');
    const actual = { kind: 'actual' as const, value: declining(0.06), interval: null };
    expect(codes(judgeYear(facts(0, { policy: chained, path, expected: actual })))).toEqual(['chain_broken']);
  });

  it('marks travel beside the verdict', () => {
    const quantity = quantities('2026-01', '2026-12', 12, { estimatedShare: 0.25 });
    expect(judgeYear(facts(0.147, { figure: figure(2026, 0.15, { quantity }) })).notes).toEqual([
      { code: 'estimated', params: { share: 0.25 } },
    ]);
  });
});
