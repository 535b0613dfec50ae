import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../../simulators/random.js';
import { type MoveEvent, MoveIncompleteError } from '../../../../src/historian/move/move.js';
import type { MovableStore } from '../../../../src/historian/move/port.js';
import type { ReadingsBatch } from '../../../../src/historian/port/store.js';
import { positionFrom } from '../../../../src/journal/port.js';
import { DAY, ENERGY, HOUR, MINUTE, POWER, type Row, T0 } from '../../../contract/historian/readings.js';
import { FaultProxy } from '../../../helpers/influx/fault-proxy.js';
import { describeOnEngines, findEngines } from '../../../helpers/influx/influx.js';
import {
  allRaw,
  allWindows,
  byName,
  close,
  influxPlace,
  keepHouse,
  lakePlace,
  type Place,
  put,
  resultsOf,
  Site,
} from './helpers.js';

const OTHER = { device: 'park-a/meter-2', metric: 'import_energy_kwh' } as const;
/** Silent since before retention dropped anything. */
const SILENT = { device: 'park-a/meter-3', metric: 'active_power_kw' } as const;
/** Its last value before the horizon holds beyond it. */
const HELD = { device: 'park-a/meter-4', metric: 'active_power_kw' } as const;
const SERIES = [POWER, ENERGY, OTHER, SILENT, HELD];
const LATER = T0 + 11 * DAY;
const HORIZON = T0 + 4 * DAY;

/** Batches like real ones: a week of readings, some flagged or implausible, some late, some corrected. */
function history(seed: number, days = 7): ReadingsBatch[] & { rows: Row[][] } {
  const random = randomStream(seed);
  const batches: Row[][] = [];
  let kwh = 100;
  for (let at = T0; at < T0 + days * DAY; at += 90 * MINUTE) {
    kwh += random() * 30;
    const ts = at + Math.floor(random() * 20 * MINUTE);
    const flag = random() < 0.1 ? ({ flag: 'D' } as const) : {};
    const rows: Row[] = [
      { ...POWER, ts, value: Math.round(random() * 1e4) / 100, ...flag },
      { ...ENERGY, ts, value: random() < 0.03 ? 0 : kwh, ...(random() < 0.05 && { quality: 'out_of_range' as const }) },
      { ...OTHER, ts: ts + 5, value: kwh * 2, receivedAt: ts + Math.floor(40 * DAY * random()) },
    ];
    if (random() < 0.3)
      rows.push({ ...POWER, ts: ts - Math.floor(random() * 3 * DAY), value: random(), receivedAt: ts });
    if (random() < 0.3) rows.push({ ...POWER, ts, value: 1_000 * random(), receivedAt: ts + HOUR });
    batches.push(rows);
  }
  batches.push(hoursOf(SILENT, T0, T0 + 2 * DAY), hoursOf(HELD, T0 + DAY, HORIZON));
  batches.push([
    { ...HELD, ts: HORIZON - 5 * MINUTE, value: 7 },
    { ...HELD, ts: HORIZON + 2 * DAY, value: 9 },
  ]);
  return Object.assign([] as ReadingsBatch[], { rows: batches });
}

const hoursOf = (key: typeof POWER, from: number, to: number): Row[] =>
  Array.from({ length: (to - from) / HOUR }, (_, i) => ({ ...key, ts: from + i * HOUR + 3, value: i % 17 }));

async function fill(store: MovableStore, seed: number, days?: number): Promise<void> {
  for (const [i, rows] of history(seed, days).rows.entries()) await put(store, i + 1, rows);
  await store.flush();
}

async function sameAnswers(one: MovableStore, other: MovableStore, when: string): Promise<void> {
  expect(await allRaw(other, SERIES), `raw ${when}`).toEqual(await allRaw(one, SERIES));
  expect(await allWindows(other, SERIES), `windows ${when}`).toEqual(await allWindows(one, SERIES));
  expect(byName(await other.latest({})), `latest ${when}`).toEqual(byName(await one.latest({})));
}

/** A store whose appends are watched; its batches are small, so that there are many. */
function watched(store: MovableStore, before: (batches: readonly ReadingsBatch[]) => void): MovableStore {
  return new Proxy(store, {
    get(target, name) {
      if (name === 'append') {
        return async (batches: readonly ReadingsBatch[]) => {
          before(batches);
          await target.append(batches);
        };
      }
      if (name === 'batchBytes') return () => 160;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

const readingsIn = (batches: readonly ReadingsBatch[]) =>
  batches.reduce((sum, { messages }) => messages.reduce((n, { readings }) => n + readings.length, sum), 0);

function moves(name: string, places: () => { readonly from: Place; readonly to: Place }): void {
  describe(name, () => {
    it.each([1, 2, 3])('brings every reading as it is, and the same answers, %i', async (seed) => {
      const { from, to } = places();
      const [source, target, site] = [await from.open(), await to.open(), new Site()];
      await fill(source, seed);
      if (seed === 2) await keepHouse(source, LATER);
      const moved = await site.move(source, target, { rowsAtOnce: seed === 3 ? 40 : 100_000 });
      const raw = await allRaw(source, SERIES);
      expect(moved).toEqual({ series: 5, readings: [...raw.values()].flat().length });
      await sameAnswers(source, target, 'at once');
      await keepHouse(target, LATER);
      await keepHouse(source, LATER);
      await sameAnswers(source, target, 'when rolled up');
      expect(target.durableSeq()).toBe(site.journal.head());
      expect(source.durableSeq()).toBe(site.journal.head());
    });

    it('brings roll-ups of readings that are gone, which stay as they are', async () => {
      const { from, to } = places();
      const [source, site] = [await from.open(), new Site()];
      let target = await to.open();
      await fill(source, 4);
      const before = await allWindows(source, SERIES);
      await keepHouse(source, LATER, HORIZON + HOUR);
      expect((await allRaw(source, SERIES)).get('park-a/meter-3/active_power_kw')).toEqual([]);
      expect((await site.move(source, target)).series).toBe(5);
      await sameAnswers(source, target, 'at once');
      await close(target);
      target = await to.open();
      await keepHouse(target, LATER);
      await sameAnswers(source, target, 'when rolled up');
      const all = (windows: Map<string, [number, number][]>) =>
        new Map([...windows].filter(([key]) => /^(count|delta|min|time_weighted_mean) [01]/.test(key)));
      expect(all(await allWindows(target, SERIES))).toEqual(all(before));
      // Both stores reject readings of final hours; late readings of kept hours correct both alike.
      for (const store of [source, target]) {
        const seq = store.durableSeq() + 1;
        await put(store, seq, [
          { ...POWER, ts: T0 + HOUR, value: 5_000 },
          { ...POWER, ts: HORIZON + HOUR, value: 6_000 },
        ]);
        await keepHouse(store, LATER);
      }
      await sameAnswers(source, target, 'after late readings');
    });

    it('goes on where it was broken off, wherever that was', { timeout: 120_000 }, async () => {
      const { from, to } = places();
      const source = await from.open();
      await fill(source, 5, 14);
      await keepHouse(source, LATER, HORIZON);
      const random = randomStream(99);
      const site = new Site();
      let target = await to.open();
      const total = [...(await allRaw(source, SERIES)).values()].flat().length;
      let [written, unflushed, lost, breaks] = [0, 0, 0, 0];
      for (;;) {
        let left = 1 + Math.floor(random() * 25);
        const step = () => {
          left -= 1;
          if (left === 0 && breaks < 8) site.abort();
        };
        const counting = watched(target, (batches) => {
          written += readingsIn(batches);
          unflushed += readingsIn(batches);
          step();
        });
        const report = ({ kind }: MoveEvent) => {
          if (kind === 'copied') unflushed = 0;
          step();
        };
        const done = await site.move(source, counting, { report }).catch((error: unknown) => {
          expect((error as Error).name).toBe('AbortError');
          return null;
        });
        if (done !== null) {
          expect(done.readings).toBe(total);
          break;
        }
        breaks += 1;
        if (to.forgets) lost += unflushed;
        unflushed = 0;
        await close(target);
        target = await to.open();
      }
      expect(breaks).toBe(8);
      // The second move finds what the first one copied, and does not write it again.
      expect(written - total).toBeLessThanOrEqual(lost);
      await sameAnswers(source, target, 'at the end');
      await keepHouse(target, LATER);
      await sameAnswers(source, target, 'when rolled up');
    });

    it('brings results as they are, over those of the target, and twice is as good as once', async () => {
      const { from, to } = places();
      const [source, target, site] = [await from.open(), await to.open(), new Site()];
      const span = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };
      const tags = { scope: 'city', level: 'city', period: 'month', carrier: 'energy' };
      const months = Array.from({ length: 84 }, (_, i) => Date.UTC(2020, i, 1) - 8 * HOUR);
      const points = months.map((ts, i) => ({ ts, values: { intensity: i / 7, verdict: 'at_risk' } }));
      const far = [...points, { ts: Date.UTC(2060, 0, 1), values: { allowed: 1 } }];
      const consumed = [{ ts: months[0]!, values: { amount: 5, unit: 'kWh' } }];
      const own = { ...tags, scope: 'park:own' };
      await source.replaceResults([
        { measurement: 'intensity', tags, points: far, ...span },
        { measurement: 'consumption', tags, points: consumed, ...span },
      ]);
      await target.replaceResults([
        { measurement: 'intensity', tags, points: [{ ts: months[3]!, values: { change: 9 } }], ...span },
        { measurement: 'intensity', tags: own, points: points.slice(0, 1), ...span },
      ]);
      for (let i = 0; i < 2; i += 1) {
        await site.move(source, target);
        expect(await resultsOf(target, 'intensity')).toEqual([
          { measurement: 'intensity', tags, points: far },
          { measurement: 'intensity', tags: own, points: points.slice(0, 1) },
        ]);
        expect(await resultsOf(target, 'consumption')).toEqual(await resultsOf(source, 'consumption'));
      }
    });

    it('leaves what the target has of later arrival, and adds what it lacks', async () => {
      const { from, to } = places();
      const [source, target, site] = [await from.open(), await to.open(), new Site()];
      const at = (ts: number, value: number, receivedAt: number): Row => ({ ...POWER, ts, value, receivedAt });
      await put(source, 1, [at(T0, 1, T0), at(T0 + DAY, 2, T0 + DAY), at(T0 + 2 * DAY, 3, T0 + 2 * DAY)]);
      await put(target, 1, [
        at(T0 - 3 * DAY, 9, T0),
        at(T0, 10, T0 + HOUR),
        at(T0 + DAY, 11, T0),
        at(T0 + 9 * DAY, 12, T0),
      ]);
      await keepHouse(target, LATER);
      await site.move(source, target);
      const values = async () =>
        (await allRaw(target, [POWER]))
          .get('park-a/meter-1/active_power_kw')!
          .map(({ ts, value }) => [(ts - T0) / DAY, value]);
      expect(await values()).toEqual([
        [-3, 9],
        [0, 10],
        [1, 2],
        [2, 3],
        [9, 12],
      ]);
      await keepHouse(target, LATER);
      const days = await allWindows(target, [POWER]);
      expect(days.get('sum 3 park-a/meter-1/active_power_kw')![0]![1]).toBe(36);
    });
  });
}

moves('a move from lake to lake', () => ({ from: lakePlace(), to: lakePlace() }));

describeOnEngines('moving between historians', await findEngines(), (engine) => {
  moves('from the lake to InfluxDB', () => ({ from: lakePlace(), to: influxPlace(engine) }));
  moves('from InfluxDB to the lake', () => ({ from: influxPlace(engine), to: lakePlace() }));

  it('says that the server is away, at the start and midway, and goes on when it is back', async () => {
    const proxy = await FaultProxy.start(engine.url);
    try {
      const [source, site] = [await lakePlace().open(), new Site()];
      await fill(source, 6);
      await proxy.down();
      const target = await influxPlace(engine, proxy.url).open();
      await expect(site.move(source, target)).rejects.toThrow(/InfluxDB at .* does not answer/);
      await proxy.up();
      let steps = 0;
      const report = ({ kind }: { readonly kind: string }) => {
        if (kind === 'copied') steps += 1;
        if (steps === 2) void proxy.down();
      };
      await expect(site.move(source, target, { report })).rejects.toThrow(/InfluxDB at .* does not answer/);
      await proxy.up();
      await site.move(source, target);
      expect(site.events[0]).toMatchObject({ kind: 'begin', resumed: true });
      await sameAnswers(source, target, 'at the end');
    } finally {
      await proxy.close();
    }
  });
});

describe('a move', () => {
  it('begins anew when the source has grown since it was broken off', async () => {
    const [source, target, site] = [await lakePlace().open(), await lakePlace().open(), new Site()];
    await fill(source, 7);
    const report = () => site.abort();
    await expect(site.move(source, target, { report })).rejects.toThrow();
    site.journal.follow('historian', positionFrom(source.durableSeq()));
    await put(source, source.durableSeq() + 1, [{ ...POWER, ts: T0 - DAY, value: 1, receivedAt: LATER }]);
    await source.flush();
    await site.move(source, target);
    expect(site.events[0]).toMatchObject({ kind: 'begin', resumed: false, changed: true });
    await sameAnswers(source, target, 'at the end');
  });

  it('takes what the journal still holds, and no number of it comes twice', async () => {
    const [source, target, site] = [await lakePlace().open(), await lakePlace().open(), new Site()];
    const publish = (ts: number) =>
      site.journal.append({
        park: 'park-a',
        topic: 'parks/park-a/energy/meter-1/readings',
        gateway: 'gw',
        receivedAt: ts + 250,
        payload: Buffer.from(JSON.stringify({ ts, values: { active_power_kw: 3 } })),
      });
    await publish(T0);
    await site.move(source, target);
    expect((await allRaw(target, [POWER])).get('park-a/meter-1/active_power_kw')).toHaveLength(1);
    // The move was interrupted, and the service continues with the old store: its batches are new to the other one too.
    await put(source, site.journal.head(), []);
    await publish(T0 + DAY);
    const stop = () => site.abort();
    await expect(site.move(source, target, { report: stop })).rejects.toThrow();
    await publish(T0 + 2 * DAY);
    expect(target.durableSeq()).toBeLessThan(site.journal.head());
    const [last] = site.journal.reader().read(positionFrom(site.journal.head() - 1), 1);
    expect(last!.position).toBeGreaterThan(Math.max(source.durableSeq(), target.durableSeq()));
    await site.move(source, target);
    expect((await allRaw(target, [POWER])).get('park-a/meter-1/active_power_kw')).toHaveLength(3);
  });

  it('names the series of which the target has fewer readings, and begins anew at the next call', async () => {
    const [source, target, site] = [await lakePlace().open(), await lakePlace().open(), new Site()];
    await fill(source, 8);
    let losing = true;
    const lossy = watched(target, (batches) => {
      for (const { messages } of batches) {
        const found = messages.findIndex(({ device }) => device === 'park-a/meter-2');
        if (losing && found >= 0) (messages as unknown[]).splice(found, 1);
        if (found >= 0) losing = false;
      }
    });
    const failure = site.move(source, lossy);
    await expect(failure).rejects.toThrow(MoveIncompleteError);
    await expect(failure).rejects.toThrow(
      /^1 counts differ: park-a\/meter-2\/import_energy_kwh: 112 readings in here, 111 in there$/,
    );
    await site.move(source, target);
    await sameAnswers(source, target, 'at the end');
  });

  it('names the measurement of which results are missing', async () => {
    const [source, target, site] = [await lakePlace().open(), await lakePlace().open(), new Site()];
    const span = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };
    const points = [T0, T0 + DAY].map((ts) => ({ ts, values: { amount: 1 } }));
    await source.replaceResults([{ measurement: 'consumption', tags: { scope: 'park:a' }, points, ...span }]);
    const replace = target.replaceResults.bind(target);
    target.replaceResults = (spans) => replace(spans.map((one) => ({ ...one, points: one.points.slice(1) })));
    const failure = site.move(source, target);
    await expect(failure).rejects.toThrow(MoveIncompleteError);
    await expect(failure).rejects.toThrow(/^there lacks 1 results of consumption$/);
    target.replaceResults = replace;
    await site.move(source, target);
    expect(await resultsOf(target, 'consumption')).toEqual(await resultsOf(source, 'consumption'));
  });

  it('names the series of which a roll-up is missing whose readings are gone', async () => {
    const [source, target, site] = [await lakePlace().open(), await lakePlace().open(), new Site()];
    await fill(source, 9);
    await keepHouse(source, LATER, HORIZON);
    const { rollupStore: rollups } = target;
    const write = rollups.write.bind(rollups);
    rollups.write = (level, rows) =>
      write(
        level,
        rows.filter(({ series }) => series.device !== SILENT.device),
      );
    await expect(site.move(source, target)).rejects.toThrow(
      /^1 counts differ: park-a\/meter-3\/active_power_kw: 48 rolled up in here, 0 in there$/,
    );
  });

  it('asks neither for every day of a long silence nor for more than it can hold', async () => {
    const [source, target, site] = [await lakePlace().open(), await lakePlace().open(), new Site()];
    const dense = Array.from({ length: 3_000 }, (_, i): Row => ({ ...POWER, ts: T0 + i * 1_000, value: i }));
    await put(source, 1, [{ ...OTHER, ts: T0 - 380 * DAY, value: 1 }, { ...OTHER, ts: T0 + DAY, value: 2 }, ...dense]);
    let asked = 0;
    let most = 0;
    const counting = new Proxy(source, {
      get(of, name) {
        const value: unknown = Reflect.get(of, name);
        if (name !== 'raw') return typeof value === 'function' ? value.bind(of) : value;
        return async function* (query: Parameters<MovableStore['raw']>[0]) {
          asked += 1;
          let rows = 0;
          for await (const chunk of of.raw(query)) {
            rows += chunk.ts.length;
            yield chunk;
          }
          most = Math.max(most, rows);
        };
      },
    });
    await site.move(counting, target, { rowsAtOnce: 200 });
    expect(most).toBeLessThanOrEqual(200);
    expect(asked).toBeLessThan(70);
    expect((await allRaw(target, [POWER, OTHER])).get('park-a/meter-1/active_power_kw')).toHaveLength(3_000);
  });

  it('moves nothing of an empty store, and says so', async () => {
    const [source, target, site] = [await lakePlace().open(), await lakePlace().open(), new Site()];
    expect(await site.move(source, target)).toEqual({ readings: 0, series: 0 });
  });
});
