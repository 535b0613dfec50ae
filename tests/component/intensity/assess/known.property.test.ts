import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { KnownReader } from '../../../../src/intensity/assess/known.js';
import { openLedgers } from '../../../../src/intensity/ledger/ledgers.js';
import { entryKey, type StatEntry, statEntryKey } from '../../../../src/intensity/model/statistics/entry.js';
import { monthOf } from '../../../../src/intensity/model/statistics/period.js';
import { DEFAULT_POLICY } from '../../../../src/intensity/model/tracking/policy.js';
import { migrations } from '../../../../src/intensity/schema.js';
import { openState } from '../../../../src/state/open.js';
import { tempDir } from '../../../helpers/temp.js';

const SUBJECTS = ['a', 'b', 'c'].map((id) => `enterprise:p/${id}`);
const ORIGIN = { by: 'test', source: 'file.xlsx' };
const YEARS = [2020, 2021, 2022];

const subject = fc.constantFrom(...SUBJECTS);
const entry: fc.Arbitrary<StatEntry> = fc
  .record({
    subject,
    year: fc.constantFrom(...YEARS),
    month: fc.integer({ min: 1, max: 2 }),
    figure: fc.oneof(
      fc.record({
        kind: fc.constant('level' as const),
        price: fc.constant('current' as const),
        amount: fc.integer({ min: 1, max: 9 }),
      }),
      fc.record({ kind: fc.constant('growth' as const), rate: fc.constantFrom(-0.5, 0.5) }),
      fc.record({ kind: fc.constant('tax' as const), amount: fc.integer({ min: 1, max: 9 }) }),
    ),
  })
  .map(({ year, month, ...rest }) => ({ ...rest, period: `${year}-0${month}`, status: 'final' as const }));
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ put: fc.array(entry, { minLength: 1, maxLength: 4 }) }) },
  { weight: 3, arbitrary: fc.record({ withdraw: fc.array(entry, { minLength: 1, maxLength: 4 }) }) },
  { weight: 1, arbitrary: fc.record({ baseYear: fc.constantFrom(2020, 2021) }) },
  { weight: 2, arbitrary: fc.constant('look' as const) },
  { weight: 2, arbitrary: fc.record({ suppose: fc.array(entry, { minLength: 1, maxLength: 4 }) }) },
);

/** All that an assessment asks of what is known. */
function toldBy(reader: KnownReader) {
  const { values, subjects } = reader.now();
  const spans = YEARS.map((year) => [monthOf(year, 1), monthOf(year, 2)] as const);
  return {
    subjects: [...subjects].sort(),
    values: SUBJECTS.map((one) =>
      spans.map(([first, last]) => [values.over(one, first, last), values.pair(one, first, last)]),
    ),
  };
}

it('what is known goes on from one version to the next as if all of it were read anew', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
      const state = openState(join(tempDir(), 'park.sqlite'), { intensity: migrations });
      const ledgers = openLedgers(state, () => 1_000);
      const reader = new KnownReader(ledgers);
      for (const one of steps) {
        if (one === 'look') expect(toldBy(reader)).toEqual(toldBy(new KnownReader(ledgers)));
        else if ('put' in one)
          ledgers.statistics.append(
            one.put.map((told) => [statEntryKey(told), told]),
            ORIGIN,
          );
        else if ('baseYear' in one) ledgers.policy.append([['policy', { ...DEFAULT_POLICY, ...one }]], ORIGIN);
        else if ('suppose' in one) {
          const before = reader.now();
          const { values, subjects } = reader.supposing({ entries: one.suppose, sets: [], bills: [] });
          const other = openLedgers(state, () => 1_000);
          // What would be told is what is told once it is recorded, but for who told it when.
          const amounts = (all: typeof values) =>
            SUBJECTS.map((of) => YEARS.map((year) => all.over(of, monthOf(year, 1), monthOf(year, 2)).amount));
          const supposed = [amounts(values), [...subjects].sort()];
          expect(reader.now()).toBe(before);
          expect(toldBy(reader)).toEqual(toldBy(new KnownReader(other)));
          ledgers.statistics.append(
            one.suppose.map((told) => [statEntryKey(told), told]),
            ORIGIN,
          );
          const now = new KnownReader(ledgers).now();
          expect(supposed).toEqual([amounts(now.values), [...now.subjects].sort()]);
        } else {
          const keys = one.withdraw.map((told) =>
            entryKey(told.subject, told.period, told.figure.kind === 'level' ? 'current' : told.figure.kind),
          );
          ledgers.statistics.append(
            keys.map((key) => [key, null]),
            ORIGIN,
          );
        }
      }
      expect(toldBy(reader)).toEqual(toldBy(new KnownReader(ledgers)));
      state.close();
    }),
    { numRuns: 60 },
  );
});
