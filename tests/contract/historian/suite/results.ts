import { describe, expect, it } from 'vitest';
import { ResultTooLargeError } from '../../../../src/historian/port/errors.js';
import type { ResultQuery, ResultSeries, ResultSpan, ResultTags } from '../../../../src/historian/port/results.js';
import type { Harness } from '../helpers.js';
import { DAY, HOUR, T0 } from '../readings.js';

const CITY = { scope: 'city', level: 'city', carrier: 'energy', period: 'month' };
const PARK = { scope: 'park:a', level: 'park', park: 'a', district: 'north', carrier: 'energy', period: 'month' };
const MONTHS = [0, 31, 61, 92].map((day) => T0 - 92 * DAY + day * DAY);
const [FROM, TO] = [MONTHS[0]!, MONTHS[3]! + 31 * DAY];

const span = (tags: ResultTags, points: ResultSpan['points'], more: Partial<ResultSpan> = {}): ResultSpan => ({
  ...{ measurement: 'intensity', tags, from: FROM, to: TO, points },
  ...more,
});
const point = (month: number, values: ResultSpan['points'][number]['values']) => ({ ts: MONTHS[month]!, values });

/** Results beside the history: each write is the whole of its span. */
export function resultSuite(h: Harness): void {
  const found = async (query: Partial<ResultQuery> = {}): Promise<ResultSeries[]> => {
    const all: ResultSeries[] = [];
    const whole = { measurement: 'intensity', where: {}, from: FROM, to: TO, limit: 1_000 } as const;
    for await (const series of h.store.results({ ...whole, ...query })) all.push(series);
    return all;
  };

  describe('results', () => {
    it('are found as they were written, to the last digit, times rising', async () => {
      const values = {
        intensity: 0.1 + 0.2,
        allowed: -1e-300,
        quantity: 123456789.123456,
        verdict: 'at_risk',
        unit: 'tce',
      };
      const points = [point(0, values), point(1, { intensity: 5e-324 }), point(2, { version: 2 ** 53 - 1 })];
      expect(await h.store.replaceResults([span(CITY, points)])).toBe(3);
      expect(await found()).toEqual([{ measurement: 'intensity', tags: CITY, points }]);
      await h.store.flush();
      await h.crash();
      expect(await found()).toEqual([{ measurement: 'intensity', tags: CITY, points }]);
    });

    it('written twice change nothing', async () => {
      const spans = [span(CITY, [point(0, { intensity: 1, unit: 't' })]), span(PARK, [point(1, { intensity: 2 })])];
      expect(await h.store.replaceResults(spans)).toBe(2);
      const before = await found();
      expect(await h.store.replaceResults(spans)).toBe(0);
      expect(await found()).toEqual(before);
    });

    it('restated take the place of the old ones whole: a figure no longer known is gone', async () => {
      await h.store.replaceResults([
        span(
          CITY,
          [0, 1, 2].map((month) => point(month, { intensity: month, change: 0.1, verdict: 'on_track' })),
        ),
      ]);
      const points = [point(0, { intensity: 0, change: 0.1, verdict: 'on_track' }), point(1, { intensity: 9 })];
      expect(await h.store.replaceResults([span(CITY, points)])).toBe(2);
      expect(await found()).toEqual([{ measurement: 'intensity', tags: CITY, points }]);
      expect(await h.store.replaceResults([span(CITY, points)])).toBe(0);
      const back = [point(2, { change: 3 })];
      expect(await h.store.replaceResults([span(CITY, back)])).toBe(3);
      expect(await found()).toEqual([{ measurement: 'intensity', tags: CITY, points: back }]);
    });

    it('beside the span, of other tags, and of series that lack one of the tags stay', async () => {
      const noDistrict = { ...PARK, district: '' };
      const { district: _, ...without } = noDistrict;
      await h.store.replaceResults([
        span(
          CITY,
          [0, 1, 2, 3].map((month) => point(month, { intensity: month })),
        ),
        span(PARK, [point(1, { intensity: 7 })]),
        span(noDistrict, [point(1, { intensity: 8 })]),
        span(PARK, [point(1, { amount: 5, unit: 'kWh' })], { measurement: 'consumption' }),
      ]);
      const middle = { from: MONTHS[1]!, to: MONTHS[3]! };
      expect(await h.store.replaceResults([span(CITY, [], middle), span(noDistrict, [])])).toBe(3);
      expect((await found()).map(({ tags, points }) => [tags, points.map(({ ts }) => ts)])).toEqual([
        [CITY, [MONTHS[0], MONTHS[3]]],
        [PARK, [MONTHS[1]]],
      ]);
      expect(await found({ measurement: 'consumption' })).toHaveLength(1);
      await h.store.replaceResults([span(without, [point(0, { intensity: 1 })])]);
      expect((await found({ where: { district: [''] } })).map(({ tags }) => tags)).toEqual([CITY, without]);
    });

    it('are asked for by tags and time, and never more than the limit', async () => {
      await h.store.replaceResults([
        span(
          CITY,
          [0, 1, 2].map((month) => point(month, { intensity: month })),
        ),
        span(
          PARK,
          [0, 1].map((month) => point(month, { intensity: 10 + month })),
        ),
      ]);
      const figures = async (query: Partial<ResultQuery>) =>
        (await found(query)).flatMap(({ points }) => points.map(({ values }) => values.intensity));
      expect(await figures({ where: { scope: ['park:a'] } })).toEqual([10, 11]);
      expect(await figures({ where: { scope: ['city', 'park:a'] }, from: MONTHS[1]! })).toEqual([1, 2, 11]);
      expect(await figures({ where: { scope: ['city'], district: ['north'] } })).toEqual([]);
      expect(await figures({ where: { scope: [] } })).toEqual([]);
      expect(await figures({ where: { scope: ["city' OR 1=1"] } })).toEqual([]);
      expect(await figures({ to: MONTHS[1]! })).toEqual([0, 10]);
      expect(await figures({ limit: 5 })).toHaveLength(5);
      await expect(figures({ limit: 4 })).rejects.toThrow(ResultTooLargeError);
      await expect(figures({ where: { device: ['x'] } })).rejects.toThrow(RangeError);
    });

    it('that cannot be are refused, and nothing of the call is written', async () => {
      const good = span(CITY, [point(0, { intensity: 1 })]);
      const wrong = [
        span(PARK, [point(0, { intensity: Number.NaN })]),
        span(PARK, [point(0, { nothing: 1 })]),
        span(PARK, [point(0, { verdict: 1 })]),
        span(PARK, [point(0, {})]),
        span({ ...PARK, device: 'x' }, [point(0, { intensity: 1 })]),
        span(PARK, [point(1, { intensity: 1 }), point(0, { intensity: 1 })]),
        span(PARK, [{ ts: TO, values: { intensity: 1 } }]),
      ];
      for (const one of wrong) await expect(h.store.replaceResults([good, one])).rejects.toThrow(RangeError);
      expect(await found()).toEqual([]);
    });

    it('outlive the readings that they were made of', async () => {
      await h.put({ ts: T0 - 90 * DAY, value: 1 }, { ts: T0, value: 2 });
      await h.store.replaceResults([span(CITY, [point(0, { intensity: 1 })])]);
      await h.settle(T0 - HOUR);
      await h.reopen();
      expect(await found()).toHaveLength(1);
    });
  });
}
