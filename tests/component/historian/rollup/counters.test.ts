import { describe, expect, it } from 'vitest';
import { seriesName } from '../../../../src/historian/rollup/port.js';
import { DAY, ENERGY, HOUR, MINUTE, T0 } from '../../../contract/historian/readings.js';
import { expectTrue, openPark, readings } from './helpers.js';

const HOURS = Array.from({ length: 49 }, (_, i) => T0 + i * HOUR);
const NAME = seriesName(ENERGY);
type Point = readonly [ts: number, value: number];

/** A meter of 5 kWh in a quarter of an hour, with what is read wrongly now and then. */
const points = Array.from({ length: 192 }, (_, i): Point => {
  const value = 1000 + i * 5;
  const odd = i % 48 === 31 ? 9000 + i : i % 48 === 44 || i % 48 === 45 ? 0 : value;
  return [T0 + i * 15 * MINUTE, odd];
});
const TRUE_KWH = 191 * 5;

const total = (windows: readonly [number, number][]) => windows.reduce((sum, [, value]) => sum + value, 0);
type Park = Awaited<ReturnType<typeof openPark>>;
const deltas = async (park: Park, edges: readonly number[]) =>
  (await park.windows([ENERGY], 'delta', edges)).get(NAME) ?? [];

describe('counters with odd readings', () => {
  it('count the same from readings, from roll-ups and from both, in hours and over the whole span', async () => {
    const park = await openPark();
    park.append(...readings(ENERGY, points));
    for (const until of [T0, T0 + 8 * HOUR, T0 + 12 * HOUR, T0 + 3 * DAY]) {
      await park.workAll(until);
      expect(total(await deltas(park, HOURS))).toBe(TRUE_KWH);
      expect(total(await deltas(park, [T0, T0 + 2 * DAY]))).toBe(TRUE_KWH);
      expect(total(await deltas(park, [T0, T0 + 8 * HOUR + 1, T0 + 8 * HOUR + 2, T0 + 2 * DAY]))).toBe(TRUE_KWH);
    }
    await expectTrue(park, [ENERGY], HOURS);
  });

  it('count the truth when what decides comes late', async () => {
    const park = await openPark();
    const late = points.filter((_, i) => i % 48 > 31 && i % 48 < 40);
    park.append(
      ...readings(
        ENERGY,
        points.filter((point) => !late.includes(point)),
      ),
    );
    await park.workAll(T0 + 3 * DAY);
    park.append(...readings(ENERGY, late));
    expect(total(await deltas(park, HOURS)), 'at once').toBe(TRUE_KWH);
    await park.workAll();
    expect(total(await deltas(park, HOURS)), 'corrected').toBe(TRUE_KWH);
    await expectTrue(park, [ENERGY], HOURS);
  });

  it('are counted anew where an earlier version made their roll-ups and the readings are kept', async () => {
    const park = await openPark();
    park.append(...readings(ENERGY, points));
    await park.workAll(T0 + 3 * DAY);
    park.drop(T0 + DAY);
    park.makeDurable();
    for (const level of ['hour', 'day'] as const) {
      for (const [start, row] of park.store.rows[level].get(NAME)!) {
        park.store.rows[level].get(NAME)!.set(start, { ...row, delta: row.delta + 1000 });
      }
    }
    park.countedByEarlierVersion();
    park.crash();
    await park.workAll(T0 + 3 * DAY);
    const found = new Map(await deltas(park, HOURS));
    expect(found.get(T0 + 2 * HOUR), 'readings are gone').toBe(1020);
    expect(found.get(T0 + 30 * HOUR)).toBe(20);
    expect(park.rollupMaker.daysTo).toBe(T0 + 64 * HOUR);
  });
});
