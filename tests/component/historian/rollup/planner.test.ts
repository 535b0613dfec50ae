import { describe, expect, it } from 'vitest';
import type { SeriesKey, WindowChunk, WindowQuery } from '../../../../src/historian/port/queries.js';
import { foldedWindows, plannedWindows } from '../../../../src/historian/rollup/make/planner.js';
import { seriesName } from '../../../../src/historian/rollup/port.js';
import { DAY, ENERGY, HOUR, MINUTE, POWER, T0 } from '../../../contract/historian/readings.js';
import { expectTrue, openPark, readings } from './helpers.js';
import type { Park } from './park.js';

const edgesOf = (from: number, step: number, count: number) =>
  Array.from({ length: count + 1 }, (_, i) => from + i * step);
const HOURS = edgesOf(T0, HOUR, 96);
/** Days of Shanghai. */
const DAYS = edgesOf(T0 - 8 * HOUR, DAY, 4);

/** Three days and a half of both series, rolled up to the end of the third day of UTC. */
async function rolledPark(): Promise<Park> {
  const park = await openPark();
  for (let i = 0; i < 84 * 6; i += 1) {
    const ts = T0 + i * 10 * MINUTE;
    park.append({ ...POWER, ts, value: (i * 37) % 101 }, { ...ENERGY, ts, value: 50 + i });
  }
  await park.workAll(T0 + 3 * DAY + 20 * MINUTE);
  expect(park.rollupMaker.rolledTo).toBe(T0 + 3 * DAY);
  park.source.reads.length = 0;
  return park;
}

const rawFrom = (park: Park) => park.source.reads.map(({ from }) => from);

describe('windows of whole hours', () => {
  it('come from roll-ups, and from raw readings only where these end', async () => {
    const park = await rolledPark();
    for (const edges of [HOURS, DAYS]) {
      await expectTrue(park, [POWER, ENERGY], edges);
      expect(new Set(rawFrom(park))).toEqual(new Set([T0 + 3 * DAY]));
    }
    park.source.reads.length = 0;
    await expectTrue(park, [POWER], edgesOf(T0, HOUR, 72));
    await expectTrue(park, [POWER], DAYS.slice(0, 4));
    expect(park.source.reads).toEqual([]);
  });

  it('come from days where they are made of days', async () => {
    const park = await rolledPark();
    const before = await park.windows([POWER], 'mean', DAYS);
    // Hours of a day that is complete are not asked: spoiling them does not show.
    const hours = park.store.rows.hour.get(seriesName(POWER))!;
    for (const [start, row] of hours) if (start < T0 + 64 * HOUR) hours.set(start, { ...row, sum: 1e9 });
    expect(await park.windows([POWER], 'mean', DAYS)).toEqual(before);
    expect(await park.windows([POWER], 'mean', [T0, T0 + DAY])).not.toEqual(new Map());
    expect((await park.windows([POWER], 'max', DAYS)).get(seriesName(POWER))).toHaveLength(4);
  });

  it('have the same digits whether they are read or computed', async () => {
    const fractions = (park: Park) => {
      for (let i = 0; i < 84 * 6; i += 1) {
        const ts = T0 + i * 10 * MINUTE;
        park.append({ ...POWER, ts, value: Math.sin(i) * 100 }, { ...ENERGY, ts, value: 50 + i * 0.1 });
      }
    };
    const [rolled, raw] = [await openPark(), await openPark()];
    fractions(rolled);
    fractions(raw);
    await rolled.workAll(T0 + 3 * DAY + 20 * MINUTE);
    const uneven = [T0 - 8 * HOUR, T0 + 40 * HOUR, T0 + 64 * HOUR];
    for (const edges of [HOURS, DAYS, uneven, edgesOf(T0, 6 * HOUR, 14)]) {
      for (const fn of ['sum', 'mean', 'time_weighted_mean', 'delta'] as const) {
        const answers = await rolled.windows([POWER, ENERGY], fn, edges);
        expect(answers).toEqual(await raw.windows([POWER, ENERGY], fn, edges));
        expect(answers.size).toBe(2);
      }
    }
  });

  it('come from raw readings from the first hour that is out of date, of that series alone', async () => {
    const park = await rolledPark();
    park.append(...readings(ENERGY, [[T0 + DAY + 5 * MINUTE, 194.5]]));
    await expectTrue(park, [POWER, ENERGY], HOURS, ['delta']);
    const byStart = new Map(park.source.reads.map(({ from, series }) => [from, series]));
    expect(byStart).toEqual(
      new Map([
        [T0 + 3 * DAY, [POWER]],
        [T0 + DAY, [ENERGY]],
      ]),
    );
    await expectTrue(park, [POWER, ENERGY], DAYS);
  });
});

describe('other windows', () => {
  const quarters = edgesOf(T0 + 2 * DAY + 20 * MINUTE, 15 * MINUTE, 40);

  it('are folded from the nearest hour before them where what came before counts', async () => {
    const park = await rolledPark();
    await expectTrue(park, [ENERGY], quarters, ['delta']);
    expect(rawFrom(park)).toEqual([T0 + 2 * DAY]);
    park.source.reads.length = 0;
    await expectTrue(park, [ENERGY], edgesOf(T0 + 3 * DAY + 6 * HOUR + 20 * MINUTE, 15 * MINUTE, 9), ['delta']);
    expect(rawFrom(park)).toEqual([T0 + 3 * DAY]);
    park.source.reads.length = 0;
    await expectTrue(park, [POWER], [T0 + 3 * DAY + 6 * HOUR + 20 * MINUTE, T0 + 4 * DAY], ['time_weighted_mean']);
    expect(rawFrom(park)).toEqual([T0 + 3 * DAY + 6 * HOUR + 5 * MINUTE]);
  });

  it('are left to the adapter where it does not', async () => {
    const park = await rolledPark();
    const query: WindowQuery = { series: [POWER], fn: 'mean', edges: Float64Array.from(quarters) };
    const asked: WindowQuery[] = [];
    const chunks: WindowChunk[] = [];
    const raw = async function* (given: WindowQuery) {
      asked.push(given);
      yield* foldedWindows(park, given);
    };
    for await (const chunk of plannedWindows(park, query, raw)) chunks.push(chunk);
    expect(asked).toEqual([query]);
    expect(chunks[0]?.start).toHaveLength(40);
  });

  it('are right before anything is rolled up', async () => {
    const park = await openPark();
    park.append(...readings(ENERGY, [[T0 - 9 * DAY, 10]]), ...readings(ENERGY, [[T0 + 30 * MINUTE, 40]]));
    await expectTrue(park, [ENERGY], quarters);
    await expectTrue(park, [ENERGY], [T0 + 20 * MINUTE, T0 + HOUR]);
    await expectTrue(park, [ENERGY], [T0, T0 + HOUR]);
  });
});

describe('many series at once', () => {
  it('are answered in the order asked, again where one is asked twice, unknown ones with nothing', async () => {
    const park = await openPark();
    const series = Array.from(
      { length: 150 },
      (_, i): SeriesKey => ({ device: `park-a/m-${i}`, metric: POWER.metric }),
    );
    series.forEach((key, i) => {
      park.append(...readings(key, [[T0 + MINUTE, i]]), ...readings(key, [[T0 + 5 * HOUR, i + 0.5]]));
    });
    await park.workAll(T0 + 3 * HOUR);
    const asked = [...series].reverse();
    asked.splice(3, 0, series[0]!, { device: 'park-a/nobody', metric: POWER.metric });
    const query: WindowQuery = { series: asked, fn: 'last', edges: Float64Array.from([T0, T0 + HOUR, T0 + 6 * HOUR]) };
    const seen: [string, number[]][] = [];
    for await (const { series: key, value } of foldedWindows(park, query)) seen.push([key.device, [...value]]);
    const known = asked.filter(({ device }) => device !== 'park-a/nobody');
    const values = (device: string) => [Number(device.slice(9)), Number(device.slice(9)) + 0.5];
    expect(seen).toEqual(known.map(({ device }) => [device, values(device)]));
    const planned: string[] = [];
    const none = () => expect.fail('windows of whole hours are not left to the adapter');
    for await (const { series: key, value } of plannedWindows(park, query, none)) {
      planned.push(key.device);
      expect([...value]).toEqual(values(key.device));
    }
    expect(planned).toEqual(known.map(({ device }) => device));
  });

  it('come in chunks of some thousand windows, starts rising', async () => {
    const park = await openPark();
    const hours = 9_000;
    for (let i = 0; i < hours; i += 1) park.append({ ...POWER, ts: T0 + i * HOUR, value: i });
    const edges = Float64Array.from(edgesOf(T0, HOUR, hours));
    const sizes: number[] = [];
    let next = T0;
    for await (const { start, value } of foldedWindows(park, { series: [POWER], fn: 'max', edges })) {
      sizes.push(start.length);
      for (const [i, at] of start.entries()) {
        if (at !== next || value[i] !== (at - T0) / HOUR) expect.fail(`window ${i} of a chunk is wrong`);
        next += HOUR;
      }
    }
    expect(sizes).toEqual([8192, 808]);
  });
});
