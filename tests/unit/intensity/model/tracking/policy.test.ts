import { describe, expect, it } from 'vitest';
import { checkPolicy, DEFAULT_POLICY } from '../../../../../src/intensity/model/tracking/policy.js';

describe('the policy', () => {
  it('is 5 % a year from 2020 unless configured otherwise', () => {
    expect(DEFAULT_POLICY).toMatchObject({ baseYear: 2020, rate: 0.05, minCompleteness: 0.9 });
    expect(checkPolicy(DEFAULT_POLICY)).toEqual([]);
  });

  it.each([
    [{ rate: 5 }, 'rate'],
    [{ rate: 0, riskRate: 0 }, 'rate'],
    [{ rate: Number.NaN }, 'rate'],
    [{ riskRate: 0.06 }, 'riskRate'],
    [{ riskRate: -0.01 }, 'riskRate'],
    [{ targetYear: 2020 }, 'targetYear'],
    [{ targetYear: 1e308 }, 'targetYear'],
    [{ baseYear: 2020.5 }, 'baseYear'],
    [{ minCompleteness: 0 }, 'minCompleteness'],
    [{ minCompleteness: 90 }, 'minCompleteness'],
    [{ minCoverage: 1.1 }, 'minCoverage'],
    [{ comparison: 'mean' as 'levels' }, 'comparison'],
  ])('%j names %s', (over, field) => {
    expect(checkPolicy({ ...DEFAULT_POLICY, ...over }).map((error) => error.field)).toContain(field);
  });
});
