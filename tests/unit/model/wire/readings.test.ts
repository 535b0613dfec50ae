import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_AHEAD_MS } from '../../../../src/model/time/trust.js';
import { decodeReadings, EARLIEST_TS } from '../../../../src/model/wire/readings.js';

const NOW = Date.UTC(2026, 10, 23);
const decode = (payload: unknown) => decodeReadings(JSON.stringify(payload), 'wastewater', NOW);

describe('decodeReadings', () => {
  it('reads one item or an array of them, flags, booleans and the time of receipt where none is given', () => {
    expect(
      decode({ ts: '2026-11-23T07:59:00+08:00', values: { cod_mg_l: 41.2, ph: 7.3 }, flags: { cod_mg_l: 'M' } })
        .readings,
    ).toEqual([
      { metric: 'cod_mg_l', ts: NOW - 60_000, value: 41.2, flag: 'M', quality: 'flagged' },
      { metric: 'ph', ts: NOW - 60_000, value: 7.3, flag: 'N', quality: 'good' },
    ]);
    expect(decode([{ values: { ph: 7 } }, { ts: NOW - 1, values: { ph: 8 } }]).readings.map((one) => one.ts)).toEqual([
      NOW,
      NOW - 1,
    ]);
    expect(decodeReadings('{"values":{"smoke_alarm":true}}', 'fire', NOW).readings).toMatchObject([{ value: 1 }]);
  });

  it('keeps a value outside the plausible range, and says so', () => {
    expect(decode({ values: { ph: 23 } })).toMatchObject({
      readings: [{ value: 23, quality: 'out_of_range' }],
      rejections: [],
    });
  });

  it.each([
    [NOW + MAX_AHEAD_MS, []],
    [NOW + MAX_AHEAD_MS + 1, ['ts_in_future']],
    [EARLIEST_TS, []],
    [EARLIEST_TS - 1, ['ts_too_old']],
  ])('bounds times at both ends: %i', (ts, codes) => {
    expect(decode({ ts, values: { ph: 7 } }).rejections.map((one) => one.code)).toEqual(codes);
  });

  it('takes nothing that was older at its receipt than readings are kept, to the millisecond, and says how long that is', () => {
    const oldest = NOW - 400 * 86_400_000;
    const items = [oldest, oldest - 1].map((ts) => ({ ts, values: { ph: 7 } }));
    const { readings, rejections } = decodeReadings(JSON.stringify(items), 'wastewater', NOW, 400);
    expect(readings.map(({ ts }) => ts)).toEqual([oldest]);
    expect(rejections).toEqual([
      {
        index: 1,
        code: 'ts_too_old',
        reason: 'ts is more than 400 days old: readings of that time are no longer kept',
      },
    ]);
  });

  it('has at most one rejection for each item, with a reason of bounded length', () => {
    const values = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`nonsense_${i}`, i]));
    const { rejections } = decode([{ values }, { values: { ph: 7 } }, 5]);
    expect(rejections.map((one) => one.index)).toEqual([0, 2]);
    expect(rejections[0]?.reason.length).toBeLessThanOrEqual(300);
  });

  it('never throws, and takes a value only under a metric of its domain, whatever arrives', () => {
    const anything = fc.oneof(
      fc.json(),
      fc.string(),
      fc.json().map((text) => `[{"values":${text}}]`),
    );
    fc.assert(
      fc.property(anything, (payload) => {
        const { readings, rejections } = decodeReadings(payload, 'wastewater', NOW);
        expect(readings.every((one) => Number.isFinite(one.value) && Number.isInteger(one.ts))).toBe(true);
        expect(readings.length + rejections.length).toBeGreaterThan(0);
      }),
    );
  });

  it('takes the good values of any mix of good and bad ones', () => {
    const good = fc.record({ ph: fc.double({ min: 0, max: 14, noNaN: true }) });
    const bad = fc.constantFrom<unknown>({}, 7, null, { ph: 'x' }, { nonsense: 1 });
    fc.assert(
      fc.property(fc.array(fc.oneof(good, bad), { minLength: 1, maxLength: 30 }), (list) => {
        const expected = list.filter((one) => typeof (one as { ph?: unknown } | null)?.ph === 'number');
        const { readings, rejections } = decode(list.map((values) => ({ values })));
        expect(readings.map((one) => one.value)).toEqual(expected.map((one) => (one as { ph: number }).ph + 0));
        expect(rejections).toHaveLength(list.length - expected.length);
      }),
    );
  });
});
