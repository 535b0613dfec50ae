import { describe, expect, it } from 'vitest';
import type { SeriesKey } from '../../../../src/historian/port/queries.js';
import { seriesName } from '../../../../src/historian/rollup/port.js';
import { DAY, ENERGY, HOUR, MINUTE, POWER, T0 } from '../../../contract/historian/readings.js';
import { openPark, readings } from './helpers.js';
import { DiskFull } from './park.js';

const BIG: SeriesKey = { device: 'park-a/big', metric: ENERGY.metric };
const HOURS = Array.from({ length: 49 }, (_, i) => T0 + i * HOUR);
const at = (i: number) => T0 + i * 15 * MINUTE;

/** A meter of 1.6 kWh/h that shows 300 kWh too much in its second reading; in its 100th it is read by then. */
const small = Array.from({ length: 192 }, (_, i) => [at(i), 10 + i * 0.5 + (i === 1 || i === 100 ? 300 : 0)] as const);
const SMALL_KWH = 191 * 0.5;
/** A load of 2,000 kWh/h, from its first reading on. */
const big = Array.from({ length: 192 }, (_, i) => [at(i), 1000 + i * 500] as const);

type Park = Awaited<ReturnType<typeof openPark>>;
const hourly = async (park: Park, series: SeriesKey, edges: readonly number[] = HOURS) =>
  (await park.windows([series], 'delta', edges)).get(seriesName(series)) ?? [];
const total = async (park: Park, series: SeriesKey, edges?: readonly number[]) =>
  (await hourly(park, series, edges)).reduce((sum, [, value]) => sum + value, 0);
const WAYS = [HOURS, [T0, T0 + 2 * DAY], [T0, T0 + 7 * HOUR + 1, T0 + 2 * DAY]];
const expectTotal = async (park: Park, series: SeriesKey, kwh: number) => {
  for (const edges of WAYS) expect(await total(park, series, edges), `${edges.length} edges`).toBeCloseTo(kwh, 6);
};

async function rolledUp() {
  const park = await openPark();
  park.append(...readings(ENERGY, small), ...readings(BIG, big), ...readings(POWER, small));
  await park.workAll(T0 + 3 * DAY);
  return park;
}

describe('a rate registered for a counter', () => {
  it('makes the roll-ups of its series anew: what was counted of a glitch is gone from every total', async () => {
    const park = await rolledUp();
    expect(await total(park, ENERGY), 'by what was learned').toBeGreaterThan(300);
    park.rates.set(ENERGY, 8);
    await park.workAll();
    await expectTotal(park, ENERGY, SMALL_KWH);
    const rows = [...park.store.rows.day.get(seriesName(ENERGY))!.values()];
    expect(rows.reduce((sum, { delta }) => sum + delta, 0)).toBeCloseTo(SMALL_KWH, 6);
  });

  it('counts a large load where it is used, not once it is confirmed', async () => {
    const park = await rolledUp();
    const first = async () => (await hourly(park, BIG, [T0, T0 + 20 * MINUTE, T0 + HOUR])).map(([, value]) => value);
    expect(await first()).toEqual([0, 1500]);
    park.rates.set(BIG, 2500);
    await park.workAll();
    expect(await first()).toEqual([500, 1000]);
    await expectTotal(park, BIG, 191 * 500);
  });

  it('counts from the first answer after it is seen on, before a roll-up was made anew', async () => {
    const park = await rolledUp();
    park.rates.set(ENERGY, 8);
    await park.rollupMaker.work();
    await expectTotal(park, ENERGY, SMALL_KWH);
  });

  it('leaves other series as they are, and reads nothing of them', async () => {
    const park = await rolledUp();
    const before = [await hourly(park, BIG), await hourly(park, POWER)];
    park.source.reads.length = 0;
    park.rates.set(ENERGY, 8);
    park.rates.set({ device: 'park-a/not-yet-heard', metric: ENERGY.metric }, 8);
    await park.workAll();
    expect([await hourly(park, BIG), await hourly(park, POWER)]).toEqual(before);
    expect(
      new Set(park.source.reads.flatMap(({ series }) => (series === 'all' ? ['all'] : series.map(seriesName)))),
    ).toEqual(new Set([seriesName(ENERGY)]));
  });

  it('gives back the totals of what is learned when it is taken back', async () => {
    const park = await rolledUp();
    const before = await hourly(park, ENERGY);
    park.rates.set(ENERGY, 8);
    await park.workAll();
    park.rates.set(ENERGY, null);
    await park.workAll();
    expect(await hourly(park, ENERGY)).toEqual(before);
  });

  it('leaves figures whose readings are gone, and keeps readings until their hours are made anew', async () => {
    const park = await rolledUp();
    park.drop(T0 + DAY);
    const [first] = await hourly(park, ENERGY);
    park.rates.set(ENERGY, 8);
    await park.rollupMaker.work();
    expect(park.rollupMaker.droppable).toBeLessThanOrEqual(T0 + 2 * DAY);
    await park.workAll();
    expect((await hourly(park, ENERGY))[0], 'final').toEqual(first);
    expect(await total(park, ENERGY, [T0 + DAY, T0 + 2 * DAY])).toBeCloseTo(48, 6);
  });

  it('is in force after a crash at any moment, with all that it put out of date', async () => {
    for (let room = 0; room < 6; room += 1) {
      const park = await rolledUp();
      park.makeDurable();
      park.rates.set(ENERGY, 8);
      park.store.room = room;
      await park.workAll().catch((error) => expect(error).toBeInstanceOf(DiskFull));
      park.crash();
      await expectTotal(park, ENERGY, SMALL_KWH);
      await park.workAll(T0 + 3 * DAY);
      await expectTotal(park, ENERGY, SMALL_KWH);
    }
  });

  it('is no more after the registry was put back to when it knew of none', async () => {
    const park = await rolledUp();
    const before = await hourly(park, ENERGY);
    park.makeDurable();
    park.rates.set(ENERGY, 8);
    await park.workAll();
    park.rates.clear();
    park.crash();
    await park.workAll(T0 + 3 * DAY);
    expect(await hourly(park, ENERGY)).toEqual(before);
  });

  it('counts where it is known before anything is rolled up', async () => {
    const park = await openPark();
    park.rates.set(ENERGY, 8);
    park.append(...readings(ENERGY, small));
    for (const until of [T0, T0 + 20 * HOUR, T0 + 3 * DAY]) {
      await park.workAll(until);
      await expectTotal(park, ENERGY, SMALL_KWH);
    }
  });
});
