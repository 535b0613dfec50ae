import { describe, expect, it } from 'vitest';
import { inWords, percent, reason } from '../../../../../src/intensity/model/tracking/reason.js';

describe('figures in words', () => {
  it.each([
    [0.05, 0.05, '5.00 %'],
    [0.04996, 0.05, '4.996 %'],
    [0.0499999, 0.05, '4.99999 %'],
    [0.045, 0.05, '4.50 %'],
    [-0.0123, undefined, '−1.23 %'],
    [-0.00001, undefined, '0.00 %'],
  ])('%d beside a limit of %j reads %s', (value, limit, text) => expect(percent(value, 2, limit)).toBe(text));

  it('a completeness just below the threshold does not read like it', () => {
    const words = inWords(reason('completeness_below', { period: '2026-08', completeness: 0.89996, threshold: 0.9 }));
    expect(words).toEqual({
      zh: '2026-08 数据完整度 89.996 %，低于 90.0 %',
      en: '2026-08: 89.996 % of the period was measured, below 90.0 %',
    });
  });

  it('wastewater has three decimals, and a small intensity does not read as nothing', () => {
    const at = (unit: string, value: number) =>
      inWords(reason('interval_within', { unit, low: value, high: value, allowed: 1 })).en;
    expect(at('t', 1.23456)).toContain('1.235–1.235');
    expect(at('tce', 0.0000123)).toContain('0.0000123');
    expect(at('tce', 0)).toContain('0.0000–0.0000');
  });

  it('long lists are cut and counted', () => {
    const list = Array.from({ length: 8 }, (_, index) => `2026-0${index + 1}`);
    expect(inWords(reason('added_value_missing', { list }))).toEqual({
      zh: '缺增加值：2026-01、2026-02、2026-03、2026-04、2026-05、2026-06等 8 个',
      en: 'added value is missing: 2026-01, 2026-02, 2026-03, 2026-04, 2026-05, 2026-06 and 2 more',
    });
    expect(inWords(reason('added_value_missing', { list: ['2026-09'] })).zh).toBe('缺增加值：2026-09');
  });
});
