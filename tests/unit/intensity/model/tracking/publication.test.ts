import { describe, expect, it } from 'vitest';
import { believed, type Ledger, record } from '../../../../../src/intensity/model/statistics/ledger.js';
import {
  type Publication,
  publicationKey,
  restatementsOf,
} from '../../../../../src/intensity/model/tracking/publication.js';
import { pathYears } from '../../../../../src/intensity/model/tracking/standing.js';
import type { Verdict } from '../../../../../src/intensity/model/tracking/verdict.js';
import { ORIGIN } from '../../book.js';

const TARGET = { baseYear: 2020, rate: 0.05, targetYear: 2027, comparison: 'levels' } as const;
const BASIS = { statistics: 1, sets: 1, coefficients: 1, policy: 1, readings: 'r1', forecast: 'm1' };
const NOT_ASSESSABLE: Verdict = {
  verdict: 'not_assessable',
  ...{ year: 2026, allowed: null, expected: null, decline: null },
  ...{ againstPath: null, standing: null, reasons: [], notes: [] },
};

function publication(of2023: number, over: Partial<Publication> = {}, of2026 = 0.5): Publication {
  const years = [2020, 2021, 2022, 2023, 2026].map((year) => ({
    ...{ year, changeOnSameSet: null },
    value: year === 2023 ? of2023 : year === 2026 ? of2026 : 1,
  }));
  return {
    ...{ scope: 'park:p', carrier: 'energy', year: 2026, through: '2026-11-26', basis: BASIS },
    ...{ verdict: NOT_ASSESSABLE, base: null, figure: null, comparison: null, path: pathYears(TARGET, 1, years) },
    ...over,
  };
}
const KEY = publicationKey(publication(1));
const recorded = (ledger: Ledger<Publication>, one: Publication, at: number) =>
  record(ledger, [[KEY, one]], ORIGIN, at);

describe('published verdicts', () => {
  it('are kept with all that they rested on, and answered as known then', () => {
    const first = recorded([], publication(0.9), 100);
    const second = recorded(first, publication(0.8, { basis: { ...BASIS, statistics: 2 } }), 200);
    const at = (time: number) => believed(second, { time }).at.get(KEY);
    expect(at(150)).toMatchObject({ version: 1, value: publication(0.9) });
    expect(at(200)?.value.basis.statistics).toBe(2);
    expect(at(99)).toBeUndefined();
  });

  it('say which past year was restated, from what, when and because of what', () => {
    let ledger = recorded([], publication(0.9), 100);
    ledger = recorded(ledger, publication(0.9, { through: '2026-11-27' }, 0.6), 200);
    ledger = recorded(ledger, publication(0.8, { basis: { ...BASIS, statistics: 2 } }, 0.6), 300);
    expect(restatementsOf(ledger, KEY)).toEqual([
      {
        ...{ year: 2023, from: 0.9, to: 0.8, version: 3, recordedAt: 300, because: ['statistics'] },
        basis: { from: BASIS, to: { ...BASIS, statistics: 2 } },
      },
    ]);
  });
});
