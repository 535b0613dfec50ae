import { describe, expect, it } from 'vitest';
import { DAY, MINUTE, POWER, type Row, T0 } from '../../../contract/historian/readings.js';
import { allRaw, allWindows, keepHouse, lakePlace, put, Site } from './helpers.js';

const OWN = { device: 'park-a/meter-9', metric: 'import_energy_kwh' } as const;
const LATER = T0 + 30 * DAY;
const HORIZON = T0 + 8 * DAY;

const every = (key: typeof POWER, step: number, from: number, to: number): Row[] =>
  Array.from({ length: Math.ceil((to - from) / step) }, (_, i) => ({
    ...key,
    ts: from + i * step + 7,
    value: ((from - T0) / step + i) * 3,
  }));

const sorted = (windows: Map<string, unknown>) => [...windows].sort(([a], [b]) => (a < b ? -1 : 1));

/** All of the source's, of which the first days are rolled up and gone. */
const source = async () => {
  const store = await lakePlace().open();
  await put(store, 1, every(POWER, 20 * MINUTE, T0, T0 + 14 * DAY));
  await keepHouse(store, LATER, HORIZON);
  return store;
};

describe('a move to a store that has a history of its own', () => {
  it.each([
    ['that was never rolled up', null, T0 + 5 * DAY],
    ['that was left off before what is moved begins', T0 + 2 * DAY, T0 + 5 * DAY],
    ['that goes on beyond it', LATER, T0 + 20 * DAY],
  ])('leaves the history %s as it is, and rolls up behind both', async (_, rolledAt, ownTo) => {
    const [from, to, site] = [await source(), await lakePlace().open(), new Site()];
    const own = every(OWN, 30 * MINUTE, T0 - DAY, ownTo);
    await put(to, 1, own);
    await to.flush();
    if (rolledAt !== null) await keepHouse(to, rolledAt);
    const before = { moved: await allWindows(from, [POWER]), own: await allWindows(to, [OWN]) };
    await site.move(from, to);
    for (const when of ['at once', 'rolled up', 'again']) {
      expect(sorted(await allWindows(to, [POWER])), when).toEqual(sorted(before.moved));
      expect(sorted(await allWindows(to, [OWN])), when).toEqual(sorted(before.own));
      if (when === 'rolled up') await site.move(from, to);
      await keepHouse(to, LATER);
    }
    expect((await allRaw(to, [OWN])).get('park-a/meter-9/import_energy_kwh')).toHaveLength(own.length);
    expect(await allRaw(to, [POWER])).toEqual(await allRaw(from, [POWER]));
  });

  it('keeps of each hour whose readings are gone the row that was made of more', async () => {
    const [from, to, site] = [await source(), await lakePlace().open(), new Site()];
    // Half of the source's first days; more than all of a later one; and some before.
    await put(to, 1, every(POWER, 40 * MINUTE, T0, T0 + 3 * DAY));
    await put(to, 2, every(POWER, 5 * MINUTE, T0 + 4 * DAY, T0 + 5 * DAY));
    await put(to, 3, every(POWER, 5 * MINUTE, T0 - DAY, T0));
    await keepHouse(to, LATER);
    const counted = async (store: typeof to) =>
      new Map((await allWindows(store, [POWER])).get('count 0 park-a/meter-1/active_power_kw'));
    const [its, own] = [await counted(from), await counted(to)];
    await site.move(from, to);
    await keepHouse(to, LATER);
    const most = [...new Set([...its.keys(), ...own.keys()])].map((at) => [
      at,
      Math.max(its.get(at) ?? 0, own.get(at) ?? 0),
    ]);
    expect(await counted(to)).toEqual(new Map(most as [number, number][]));
  });

  it('brings nothing that the target would drop at once', async () => {
    const [from, to, site] = [await lakePlace().open(), await lakePlace().open(), new Site()];
    await put(from, 1, every(POWER, 20 * MINUTE, T0, T0 + 14 * DAY));
    await keepHouse(from, LATER);
    const before = await allWindows(from, [POWER]);
    const { readings } = await site.move(from, to, { now: LATER, rawDays: 22 });
    expect(readings).toBe(6 * 72);
    expect((await allRaw(to, [POWER])).get('park-a/meter-1/active_power_kw')![0]!.ts).toBe(HORIZON + 7);
    const onHours = (windows: Map<string, unknown>) => sorted(windows).filter(([name]) => / [01] /.test(name));
    expect(onHours(await allWindows(to, [POWER]))).toEqual(onHours(before));
    await keepHouse(to, LATER);
    expect(onHours(await allWindows(to, [POWER]))).toEqual(onHours(before));
  });
});
