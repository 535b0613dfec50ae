import { describe, expect, it } from 'vitest';
import { seriesName } from '../../../../src/historian/rollup/port.js';
import { DAY, ENERGY, HOUR, MINUTE, POWER, T0 } from '../../../contract/historian/readings.js';
import { expectTrue, openPark, readings } from './helpers.js';
import { DiskFull, type Park, Unreadable } from './park.js';

const HOURS = Array.from({ length: 49 }, (_, i) => T0 + i * HOUR);
const OTHER = { ...POWER, device: 'park-a/meter-2' } as const;

/** A gauge and a counter every ten minutes for some hours. */
function fill(park: Park, hours: number): void {
  const times = Array.from({ length: hours * 6 }, (_, i) => T0 + i * 10 * MINUTE);
  park.append(
    ...readings(
      POWER,
      times.map((ts, i) => [ts, i % 7]),
    ),
  );
  park.append(
    ...readings(
      ENERGY,
      times.map((ts, i) => [ts, 1000 + i]),
    ),
  );
}

/** Readings of the hours `numbers` cannot be read, as long as `broken` says so. */
function breakHours(park: Park, ...numbers: readonly number[]): { on: boolean } {
  const state = { on: true };
  const reaches = (from: number, to: number) => numbers.some((n) => from < T0 + (n + 1) * HOUR && to > T0 + n * HOUR);
  park.source.broken = (from, to) => state.on && reaches(from, to);
  return state;
}

const starts = (park: Park, level: 'hour' | 'day' = 'hour') =>
  [...(park.store.rows[level].get(seriesName(ENERGY))?.values() ?? [])]
    .filter(({ count }) => count > 0)
    .map(({ start }) => (start - T0) / HOUR)
    .sort((a, b) => a - b);

describe('an hour whose roll-up always fails', () => {
  it('is passed over, named, and made once it can be; later hours and days are made meanwhile', async () => {
    const park = await openPark('UTC');
    fill(park, 48);
    await park.workAll(T0 + 5 * HOUR + 10 * MINUTE);
    const broken = breakHours(park, 7);
    const failed = await park.keepWorking(T0 + 48 * HOUR + 10 * MINUTE);
    expect(failed.length).toBeGreaterThan(0);
    expect(failed.length).toBeLessThan(10);
    expect(park.rollupMaker.rolledTo).toBe(T0 + 48 * HOUR);
    expect(starts(park)).toEqual(Array.from({ length: 48 }, (_, hour) => hour).filter((hour) => hour !== 7));
    // The hour behind it lacks what it would have handed on.
    expect(park.rollupMaker.gaps).toEqual([{ from: T0 + 7 * HOUR, to: T0 + 9 * HOUR }]);
    expect(park.rollupMaker.problem).toMatch(/: 1 hours, the first 2026-11-02T07:00Z \(cannot read/);
    expect(park.rollupMaker.stats.trouble).toEqual({ hours: 1, days: 0, series: 0 });
    expect(starts(park, 'day')).toEqual([0, 24]);
    expect(park.rollupMaker.daysTo).toBe(T0 + 2 * DAY);
    // Its readings are kept for it.
    expect(park.rollupMaker.droppable).toBeLessThanOrEqual(T0 + 7 * HOUR);

    broken.on = false;
    park.uptime += 2 * HOUR;
    await park.workAll();
    expect(park.rollupMaker.problem).toBeNull();
    expect(park.rollupMaker.gaps).toEqual([]);
    expect(park.rollupMaker.stats.trouble).toBeNull();
    await expectTrue(park, [POWER, ENERGY], HOURS);
    await expectTrue(park, [POWER, ENERGY], [T0, T0 + DAY, T0 + 2 * DAY]);
  });

  it('is still known after a restart, and then tried at once', async () => {
    const park = await openPark('UTC');
    fill(park, 30);
    park.makeDurable();
    await park.workAll(T0 + 5 * HOUR);
    breakHours(park, 7, 8, 9);
    await park.keepWorking(T0 + 30 * HOUR);
    park.makeDurable();
    park.crash();
    expect(park.rollupMaker.gaps[0]).toMatchObject({ from: T0 + 7 * HOUR });
    expect(park.rollupMaker.problem).toMatch(/T07:00Z/);
    park.source.broken = () => false;
    await park.workAll(T0 + 30 * HOUR);
    expect(park.rollupMaker.problem).toBeNull();
    await expectTrue(park, [POWER, ENERGY], HOURS);
  });

  it('is tried again ever more rarely', async () => {
    const park = await openPark('UTC');
    fill(park, 12);
    await park.workAll(T0 + 2 * HOUR);
    breakHours(park, 3);
    await park.keepWorking(T0 + 12 * HOUR);
    const tries = async (forMs: number) => {
      const before = park.source.reads.length;
      for (let passed = 0; passed < forMs; passed += MINUTE) {
        park.uptime += MINUTE;
        await park.workAll();
      }
      return park.source.reads.length - before;
    };
    expect(await tries(10 * MINUTE)).toBeGreaterThan(2);
    await tries(4 * HOUR);
    expect(await tries(10 * HOUR)).toBeLessThan(30);
  });

  it('takes in what arrives for it meanwhile, and what arrives while it is made', async () => {
    const park = await openPark('UTC');
    fill(park, 24);
    await park.workAll(T0 + 5 * HOUR);
    const broken = breakHours(park, 7);
    await park.keepWorking(T0 + 24 * HOUR);
    park.append(...readings(ENERGY, [[T0 + 7 * HOUR + 11 * MINUTE, 1042.5]]));
    park.append(...readings(OTHER, [[T0 + 7 * HOUR + 12 * MINUTE, 3]]));
    // A late reading before it is corrected as far as the hour that cannot be read.
    park.append(...readings(ENERGY, [[T0 + 5 * HOUR + 55 * MINUTE, 1035.5]]));
    expect(await park.keepWorking()).toEqual([]);
    expect(park.rollupMaker.stats.dirtySeries > 0).toBe(false);
    broken.on = false;
    for (let turns = 0; turns < 10; turns += 1) {
      park.uptime += 2 * HOUR;
      const working = park.rollupMaker.work();
      for (let i = 0; i < turns; i += 1) await Promise.resolve();
      park.append(...readings(OTHER, [[T0 + 7 * HOUR + (20 + turns) * MINUTE, turns]]));
      await working;
    }
    await park.workAll();
    await expectTrue(park, [POWER, ENERGY, OTHER], HOURS);
  });

  it('stays a gap of answers when its readings are dropped, which wait for it for two days', async () => {
    const park = await openPark('UTC');
    fill(park, 24);
    await park.workAll(T0 + 5 * HOUR);
    breakHours(park, 7);
    await park.keepWorking(T0 + 24 * HOUR);
    expect(park.rollupMaker.droppable).toBeLessThan(T0 + 8 * HOUR);
    park.uptime += 49 * HOUR;
    expect(park.rollupMaker.droppable).toBe(T0 + 22 * HOUR);
    park.drop(T0 + 20 * HOUR);
    await park.workAll();
    expect(park.rollupMaker.problem).toBeNull();
    expect(park.rollupMaker.gaps[0]).toMatchObject({ from: T0 + 7 * HOUR });
  });

  it('is not taken for one where all fail', async () => {
    const park = await openPark('UTC');
    fill(park, 24);
    await park.workAll(T0 + 5 * HOUR);
    const at = park.rollupMaker.rolledTo;
    park.source.broken = () => true;
    const failed = await park.keepWorking(T0 + 24 * HOUR, 50);
    expect(failed.length).toBeGreaterThan(20);
    expect(failed[0]).toBeInstanceOf(Unreadable);
    expect(park.rollupMaker.rolledTo).toBe(at);
    expect(park.rollupMaker.gaps).toEqual([]);
    park.source.broken = () => false;
    await park.workAll();
    expect(park.rollupMaker.gaps).toEqual([]);
    await expectTrue(park, [POWER, ENERGY], HOURS);
  });

  it('takes no more room however many there are', async () => {
    const park = await openPark('UTC');
    fill(park, 24);
    park.append(...readings(POWER, [[T0 + 1_000 * HOUR, 1]]));
    await park.workAll(T0);
    // Every fourth hour.
    park.source.broken = (from, to) => to - from <= 2 * HOUR && Math.floor(from / HOUR) % 4 === 0;
    await park.keepWorking(T0 + 1_000 * HOUR, 3_000);
    expect(park.rollupMaker.gaps.length).toBeLessThanOrEqual(100);
    park.source.broken = () => false;
    park.uptime += 2 * HOUR;
    await park.workAll(T0 + 1_001 * HOUR);
    expect(park.rollupMaker.gaps).toEqual([]);
    await expectTrue(park, [POWER, ENERGY], HOURS);
  });
});

describe('a series whose roll-ups always fail', () => {
  for (const what of ['unreadable', 'unwritable'] as const) {
    it(`because they are ${what}, waits by itself: hours and days of the others are made`, async () => {
      const park = await openPark('UTC');
      fill(park, 48);
      const others = Array.from({ length: 20 }, (_, i) => ({ ...POWER, device: `park-a/other-${i}` as const }));
      for (const other of others)
        park.append(
          ...readings(
            other,
            HOURS.slice(0, 48).map((ts, i) => [ts + MINUTE, i]),
          ),
        );
      await park.workAll(T0 + 2 * HOUR);
      park.store[what].add(seriesName(POWER));
      const failed = await park.keepWorking(T0 + 49 * HOUR, 400);
      expect(failed.length).toBeLessThan(20);
      expect(park.rollupMaker.rolledTo).toBe(T0 + 48 * HOUR);
      expect(park.rollupMaker.gaps).toEqual(what === 'unwritable' ? [] : expect.anything());
      expect(park.rollupMaker.usableTo(others[7]!)).toBe(T0 + 48 * HOUR);
      expect(park.rollupMaker.problem).toContain(seriesName(POWER));
      // A late reading of another one is corrected as ever.
      park.append(...readings(others[3]!, [[T0 + 9 * HOUR, 99]]));
      await park.keepWorking(undefined, 400);
      expect(park.rollupMaker.usableTo(others[3]!)).toBe(T0 + 48 * HOUR);

      park.store[what].clear();
      for (let i = 0; i < 3; i += 1) {
        park.uptime += 2 * HOUR;
        await park.workAll();
      }
      expect(park.rollupMaker.problem).toBeNull();
      await expectTrue(park, [POWER, ENERGY, ...others], HOURS);
      await expectTrue(park, [POWER, ENERGY, others[3]!], [T0, T0 + DAY, T0 + 2 * DAY]);
    });
  }

  it('does not hold readings back for good', async () => {
    const park = await openPark('UTC');
    fill(park, 48);
    await park.workAll(T0 + 2 * HOUR);
    park.store.unwritable.add(seriesName(POWER));
    await park.keepWorking(T0 + 49 * HOUR, 400);
    expect(park.rollupMaker.droppable).toBeLessThan(T0 + 3 * HOUR);
    park.uptime += 49 * HOUR;
    expect(park.rollupMaker.droppable).toBe(T0 + 47 * HOUR);
  });

  it('is not taken for one where the disk is full', async () => {
    const park = await openPark('UTC');
    fill(park, 24);
    await park.workAll(T0 + 2 * HOUR);
    park.store.room = 0;
    const [first] = await park.keepWorking(T0 + 24 * HOUR, 3);
    expect(first).toBeInstanceOf(DiskFull);
    park.store.room = Number.POSITIVE_INFINITY;
    await park.workAll();
    expect(park.rollupMaker.problem).toBeNull();
    await expectTrue(park, [POWER, ENERGY], HOURS);
  });
});

describe('a day that cannot be made', () => {
  it('holds up no later day, is answered from its hours, and is made later, also after a restart', async () => {
    const park = await openPark('UTC');
    fill(park, 24 * 5);
    park.makeDurable();
    await park.workAll(T0 + HOUR);
    const edges = [0, 1, 2, 3, 4].map((day) => T0 + day * DAY);
    park.store.brokenHours = (from, to) => from === T0 + DAY && to === T0 + 2 * DAY;
    await park.keepWorking(T0 + 5 * DAY);
    expect(starts(park, 'day')).toEqual([0, 48, 72]);
    expect(park.rollupMaker.problem).toMatch(/days, the first from 2026-11-03T00:00Z \(cannot read the hours/);
    await expectTrue(park, [POWER, ENERGY], edges);
    park.crash();
    expect(park.rollupMaker.problem).toMatch(/2026-11-03/);
    park.store.brokenHours = () => false;
    await park.workAll(T0 + 5 * DAY);
    expect(starts(park, 'day')).toEqual([0, 24, 48, 72]);
    expect(park.rollupMaker.problem).toBeNull();
    expect(park.rollupMaker.daysTo).toBe(T0 + 4 * DAY);
    await expectTrue(park, [POWER, ENERGY], edges);
  });
});
