import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { DAY, ENERGY, HOUR, MINUTE, POWER, T0 } from '../../../contract/historian/readings.js';
import { expectTrue, openPark, readings } from './helpers.js';
import { DiskFull } from './park.js';

const HOURS = Array.from({ length: 49 }, (_, i) => T0 + i * HOUR);
const GRACE = 10 * MINUTE;

describe('the watermark of roll-ups', () => {
  it('passes an hour ten minutes after its end, by the time up to which the journal is worked off', async () => {
    const park = await openPark();
    park.append(...readings(POWER, [[T0 + MINUTE, 5]]));
    await park.workAll(T0 + HOUR + GRACE - 1);
    expect(park.rollupMaker.rolledTo).toBe(T0);
    await park.workAll(T0 + HOUR + GRACE);
    expect(park.rollupMaker.rolledTo).toBe(T0 + HOUR);
    expect(park.rollupMaker.noteBefore).toBe(T0 + HOUR);
    expect(park.rollupMaker.stats).toMatchObject({ rolledTo: T0 + HOUR, dirtySeries: 0, hoursWritten: 1 });
  });

  it('begins with the oldest reading of a history there already is', async () => {
    const park = await openPark();
    park.append(
      ...readings(
        POWER,
        [...HOURS.keys()].map((i) => [T0 + i * HOUR + MINUTE, i] as const),
      ),
    );
    expect(park.rollupMaker.usableTo(POWER)).toBe(Number.NEGATIVE_INFINITY);
    await park.workAll(T0 + 2 * DAY + GRACE);
    expect(park.source.reads[0]?.from).toBe(T0 - 15 * MINUTE);
    await expectTrue(park, [POWER], HOURS);
  });

  it('is where it was after a crash, and so is what is out of date', async () => {
    const park = await openPark();
    park.append(...readings(POWER, [[T0 + MINUTE, 5]]));
    await park.workAll(T0 + 5 * HOUR);
    park.append(...readings(POWER, [[T0 + 2 * HOUR, 6]]));
    park.makeDurable();
    park.crash();
    expect(park.rollupMaker.rolledTo).toBe(T0 + 4 * HOUR);
    expect(park.rollupMaker.usableTo(POWER)).toBe(T0 + 2 * HOUR);
    await park.workAll();
    expect(park.rollupMaker.usableTo(POWER)).toBe(T0 + 4 * HOUR);
    await expectTrue(park, [POWER], HOURS);
  });

  it('goes back with a clock that was far ahead', async () => {
    const park = await openPark();
    await park.workAll(T0 + 300 * DAY);
    park.append(...readings(POWER, [[T0 + MINUTE, 5]]));
    await park.workAll(T0 + 3 * HOUR);
    expect(park.rollupMaker.rolledTo).toBe(T0 + 2 * HOUR);
    park.append(...readings(POWER, [[T0 + 2 * HOUR + MINUTE, 6]]));
    expect(park.rollupMaker.stats.dirtySeries > 0).toBe(false);
    await park.workAll(T0 + DAY);
    await expectTrue(park, [POWER], HOURS);
  });

  it('does all again when the marks are lost, over what is left of the roll-ups before', async () => {
    const park = await openPark();
    park.append(...readings(POWER, [[T0 + MINUTE, 5]]), ...readings(POWER, [[T0 + 3 * HOUR + MINUTE, 7]]));
    await park.workAll(T0 + 6 * HOUR);
    // What was good is not any more, and nobody remembers that there was a row of it.
    park.append({ ...POWER, ts: T0 + 3 * HOUR + MINUTE, value: 7, good: false });
    park.makeDurable();
    await park.loseMarks();
    await park.workAll(T0 + 6 * HOUR);
    await expectTrue(park, [POWER], HOURS);
  });
});

describe('a reading that comes while its hour is computed', () => {
  it('is in the roll-up or makes it out of date, at whatever moment it comes', async () => {
    for (let turns = 0; turns < 14; turns += 1) {
      const park = await openPark();
      park.append(...readings(POWER, [[T0 + 5 * MINUTE, 1]]), ...readings(ENERGY, [[T0 + 5 * MINUTE, 100]]));
      await park.workAll(T0);
      park.rollupMaker.settled(T0 + 2 * HOUR);
      const working = park.rollupMaker.work();
      for (let i = 0; i < turns; i += 1) await nextTurn();
      park.append(...readings(POWER, [[T0 + 50 * MINUTE, 9]]), ...readings(ENERGY, [[T0 + 50 * MINUTE, 104]]));
      await working;
      await expectTrue(park, [POWER, ENERGY], HOURS);
      await park.workAll(T0 + 3 * HOUR);
      await expectTrue(park, [POWER, ENERGY], HOURS);
    }
  });

  it('is not lost to the correction of that hour either', async () => {
    for (let turns = 0; turns < 14; turns += 1) {
      const park = await openPark();
      park.append(...readings(ENERGY, [[T0 + 5 * MINUTE, 100]]), ...readings(ENERGY, [[T0 + 70 * MINUTE, 107]]));
      await park.workAll(T0 + 3 * HOUR);
      park.append(...readings(ENERGY, [[T0 + 30 * MINUTE, 102]]));
      const working = park.rollupMaker.work();
      for (let i = 0; i < turns; i += 1) await nextTurn();
      park.append(...readings(ENERGY, [[T0 + 50 * MINUTE, 105]]));
      await working;
      await expectTrue(park, [ENERGY], HOURS);
      await park.workAll();
      await expectTrue(park, [ENERGY], HOURS);
    }
  });
});

describe('a disk that is full, at whatever row', () => {
  for (const crash of [false, true]) {
    const then = crash ? 'a crash' : 'a new try';
    it(`leaves no stale row of a roll, after ${then}`, async () => {
      for (let room = 0; room < 6; room += 1) {
        const park = await openPark();
        park.append(...readings(POWER, [[T0 + MINUTE, 1]]), ...readings(ENERGY, [[T0 + MINUTE, 100]]));
        park.append({ ...POWER, device: 'park-a/meter-2', ts: T0 + 40 * MINUTE, value: 3 });
        park.makeDurable();
        await park.workAll(T0);
        park.store.room = room;
        await expect(park.workAll(T0 + DAY)).rejects.toThrow(DiskFull);
        for (const series of [POWER, ENERGY]) park.append({ ...series, ts: T0 + MINUTE, value: 1, good: false });
        park.makeDurable();
        park.store.room = Number.POSITIVE_INFINITY;
        if (crash) park.crash();
        await park.workAll(T0 + DAY);
        await expectTrue(park, [POWER, ENERGY, { ...POWER, device: 'park-a/meter-2' }], HOURS);
      }
    });

    it(`does not keep a correction from going on into the hours and days after it, after ${then}`, async () => {
      for (let room = 0; room < 8; room += 1) {
        const park = await openPark();
        // A counter's one reading a day: what the first hands on, the later ones begin with.
        park.append(
          ...readings(
            ENERGY,
            [0, 1, 2, 3].map((day) => [T0 + day * DAY + 5 * HOUR, 100 + day] as const),
          ),
        );
        await park.workAll(T0 + 4 * DAY);
        park.append(...readings(ENERGY, [[T0 + 10 * HOUR, 100.5]]), ...readings(ENERGY, [[T0 + 59 * MINUTE, 90]]));
        park.makeDurable();
        park.store.room = room;
        await park.workAll().catch((error) => expect(error).toBeInstanceOf(DiskFull));
        park.store.room = Number.POSITIVE_INFINITY;
        if (crash) park.crash();
        await park.workAll();
        await expectTrue(
          park,
          [ENERGY],
          [T0 - 8 * HOUR, T0 + 16 * HOUR, T0 + 40 * HOUR, T0 + 64 * HOUR, T0 + 88 * HOUR],
        );
        await expectTrue(park, [ENERGY], HOURS);
      }
    });
  }
});

describe('late readings', () => {
  it('correct what they touch and read no more raw than that', async () => {
    const park = await openPark();
    for (let i = 0; i < 10 * 24; i += 1) park.append(...readings(ENERGY, [[T0 + i * HOUR, i]]));
    await park.workAll(T0 + 11 * DAY);
    park.source.reads.length = 0;
    park.append(...readings(ENERGY, [[T0 + 2 * DAY + 30 * MINUTE, 48.5]]));
    await park.workAll();
    const from = Math.min(...park.source.reads.map((read) => read.from));
    const to = Math.max(...park.source.reads.map((read) => read.to));
    expect(park.source.reads.every(({ series }) => series !== 'all')).toBe(true);
    expect([from, to]).toEqual([T0 + 2 * DAY, T0 + 2 * DAY + 16 * HOUR]);
    await expectTrue(park, [ENERGY], [T0, T0 + 3 * DAY, T0 + 4 * DAY]);
  });

  it('from before everything are taken as well', async () => {
    const park = await openPark();
    park.append(...readings(ENERGY, [[T0 + 20 * DAY, 500]]));
    await park.workAll(T0 + 21 * DAY);
    park.append(...readings(ENERGY, [[T0 + 30 * MINUTE, 480]]));
    await park.workAll();
    await expectTrue(park, [ENERGY], [T0, T0 + DAY, T0 + 20 * DAY, T0 + 21 * DAY]);
  });

  it('of one series do not hold up those of others', async () => {
    const park = await openPark();
    const OLD = { ...POWER, device: 'park-a/meter-9' } as const;
    park.append(...readings(POWER, [[T0 + MINUTE, 1]]), ...readings(OLD, [[T0 + MINUTE, 1]]));
    await park.workAll(T0 + 3 * DAY);
    for (let i = 0; i < 4; i += 1) {
      park.append(...readings(POWER, [[T0 + 2 * DAY + i * MINUTE, i]]));
      if (i === 0) park.append(...readings(OLD, [[T0 + 2 * MINUTE, 2]]));
      await park.rollupMaker.work();
    }
    expect(park.rollupMaker.usableTo(OLD)).toBe(park.rollupMaker.rolledTo);
  });
});

it('pieces of work take turns: corrections without end do not keep days from being made', async () => {
  const park = await openPark();
  park.append(...readings(POWER, [[T0 + MINUTE, 1]]));
  park.rollupMaker.settled(T0 + 6 * DAY);
  let behind = 0;
  for (let i = 0; i < 40; i += 1) {
    if (park.rollupMaker.rolledTo > T0) park.append(...readings(POWER, [[T0 + 2 * MINUTE, i]]));
    await park.rollupMaker.work();
    behind = park.rollupMaker.rolledTo - park.rollupMaker.daysTo;
  }
  expect(park.rollupMaker.rolledTo).toBe(T0 + 6 * DAY - HOUR);
  expect(behind).toBeLessThan(DAY);
});

describe('raw readings that are dropped', () => {
  it('leave final roll-ups, which still answer; what comes from before is ignored and counted', async () => {
    const park = await openPark();
    park.append(
      ...readings(
        ENERGY,
        HOURS.map((hour, i) => [hour + MINUTE, i * 2] as const),
      ),
    );
    await park.workAll(T0 + 3 * DAY);
    const days = [T0 - 8 * HOUR, T0 + 16 * HOUR, T0 + 40 * HOUR];
    const before = [await park.windows([ENERGY], 'delta', HOURS), await park.windows([ENERGY], 'mean', days)];
    park.drop(T0 + DAY);
    expect(park.source.goodOf('park-a/meter-1/import_energy_kwh', 0, T0 + DAY)).toEqual([]);
    park.append(...readings(ENERGY, [[T0 + 2 * HOUR, 999]]));
    park.append(...readings(ENERGY, [[T0 + DAY + 2 * MINUTE, 48.5]]));
    expect(park.rollupMaker.stats).toMatchObject({ ignored: 1, dirtySeries: 1 });
    park.makeDurable();
    park.crash();
    await park.workAll();
    const deltas = (await park.windows([ENERGY], 'delta', HOURS)).get('park-a/meter-1/import_energy_kwh')!;
    const corrected = new Map([
      [T0 + DAY, 2.5],
      [T0 + 25 * HOUR, 1.5],
    ]);
    const were = before[0]!.get('park-a/meter-1/import_energy_kwh')!;
    expect(deltas).toEqual(were.map(([start, value]) => [start, corrected.get(start) ?? value]));
    const [first] = (await park.windows([ENERGY], 'mean', days)).get('park-a/meter-1/import_energy_kwh')!;
    expect(first).toEqual(before[1]!.get('park-a/meter-1/import_energy_kwh')![0]);
  });

  it('are never computed again, even when hours there were still out of date', async () => {
    const park = await openPark();
    park.append(...readings(POWER, [[T0 + MINUTE, 1]]), ...readings(POWER, [[T0 + 30 * HOUR, 2]]));
    await park.workAll(T0 + 3 * DAY);
    park.append(...readings(POWER, [[T0 + 2 * MINUTE, 3]]), ...readings(POWER, [[T0 + 31 * HOUR, 4]]));
    park.source.reads.length = 0;
    park.rollupMaker.keepFrom(T0 + DAY);
    expect(park.rollupMaker.usableTo(POWER)).toBe(T0 + 31 * HOUR);
    park.source.dropBefore(T0 + DAY);
    await park.workAll();
    expect(Math.min(...park.source.reads.map(({ from }) => from))).toBeGreaterThanOrEqual(T0 + DAY);
    expect(await park.windows([POWER], 'last', [T0, T0 + HOUR])).toEqual(
      new Map([['park-a/meter-1/active_power_kw', [[T0, 1]]]]),
    );
  });

  it('may be dropped only as far as nothing needs them', async () => {
    const park = await openPark();
    expect(park.rollupMaker.droppable).toBe(Number.NEGATIVE_INFINITY);
    park.append(...readings(POWER, [[T0 + MINUTE, 1]]));
    await park.workAll(T0 + 2 * DAY);
    expect(park.rollupMaker.droppable).toBe(T0 + 46 * HOUR);
    park.append(...readings(POWER, [[T0 + DAY + MINUTE, 1]]));
    expect(park.rollupMaker.droppable).toBe(T0 + DAY);
  });
});

describe('days', () => {
  const days = (from: number) => Array.from({ length: 4 }, (_, i) => from + i * DAY);
  const dayStarts = (park: Awaited<ReturnType<typeof openPark>>) => [
    ...(park.store.rows.day.get('park-a/meter-1/active_power_kw')?.keys() ?? []),
  ];

  it('are made anew where the time zone has changed', async () => {
    const park = await openPark('Asia/Shanghai');
    park.append(
      ...readings(
        POWER,
        HOURS.map((hour, i) => [hour + MINUTE, i * 3] as const),
      ),
    );
    await park.workAll(T0 + 4 * DAY);
    expect(dayStarts(park)).toEqual(days(T0 - 8 * HOUR).slice(0, 3));
    park.makeDurable();
    park.crash('Europe/London');
    expect(park.rollupMaker.daysTo).toBeLessThanOrEqual(T0);
    await expectTrue(park, [POWER], days(T0));
    await park.workAll();
    expect(park.rollupMaker.daysTo).toBe(T0 + 3 * DAY);
    expect(dayStarts(park)).toEqual(expect.arrayContaining(days(T0).slice(0, 3)));
    await expectTrue(park, [POWER], days(T0));
    await expectTrue(park, [POWER], days(T0 - 8 * HOUR));
    park.crash('Europe/London');
    expect(park.rollupMaker.daysTo).toBe(T0 + 3 * DAY);
  });

  it('of another zone that begin alike but were longer count no more', async () => {
    // On 2026-10-25 Berlin's day has 25 hours; the only reading lies in its last.
    const start = Date.UTC(2026, 9, 24, 22);
    const park = await openPark('Europe/Berlin');
    park.append(...readings(POWER, [[start + 24.5 * HOUR, 8]]));
    await park.workAll(start + 4 * DAY);
    expect(dayStarts(park)).toEqual([start]);
    park.makeDurable();
    park.crash('Africa/Johannesburg');
    await park.workAll();
    const edges = [start, start + DAY, start + 2 * DAY];
    await expectTrue(park, [POWER], edges);
    expect((await park.windows([POWER], 'last', edges)).get('park-a/meter-1/active_power_kw')).toEqual([
      [start + DAY, 8],
    ]);
  });

  it('are not used where clocks are half hours from UTC', async () => {
    const park = await openPark('Asia/Kolkata');
    park.append(
      ...readings(
        POWER,
        HOURS.map((hour, i) => [hour + MINUTE, i * 3] as const),
      ),
    );
    await park.workAll(T0 + 4 * DAY);
    expect(park.store.rows.day.size).toBe(0);
    await expectTrue(park, [POWER], days(T0 - 5.5 * HOUR));
    await expectTrue(park, [POWER], days(T0));
  });
});
