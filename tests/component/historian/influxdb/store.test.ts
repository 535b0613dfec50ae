import { beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import { InfluxStore } from '../../../../src/historian/influxdb/store.js';
import { HistorianUnavailableError } from '../../../../src/historian/port/errors.js';
import { Housekeeping } from '../../../../src/historian/worker-thread/housekeeping/housekeeping.js';
import { connectionTo } from '../../../helpers/influx/engine.js';
import { FaultProxy } from '../../../helpers/influx/fault-proxy.js';
import { describeOnEngines, findEngines } from '../../../helpers/influx/influx.js';
import { tempDir } from '../../../helpers/temp.js';
import { rowsOf } from './read/helpers.js';
import { batch, message, reading } from './write/helpers.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** A whole hour. */
const T = Date.UTC(2026, 10, 23, 2);
const SERIES = { device: 'park-a/meter-1', metric: 'active_power_kw' } as const;

describeOnEngines('a store on InfluxDB', await findEngines(), (engine) => {
  let proxy: FaultProxy;

  beforeAll(async () => {
    proxy = await FaultProxy.start(engine.url);
    return () => proxy.close();
  });

  async function open(options: Partial<ConstructorParameters<typeof InfluxStore>[0]> = {}): Promise<InfluxStore> {
    const store = new InfluxStore({
      folder: tempDir(),
      ...connectionTo(engine, proxy.url),
      bucket: engine.freshBucket(),
      rawDays: 400,
      timeZone: 'Asia/Shanghai',
      tagsOf: () => ({ district: 'north', enterprise: 'acme' }),
      keepRefused: () => Promise.reject(new Error('nothing should be refused')),
      onWarning: () => undefined,
      clock: () => T,
      ...options,
    });
    await store.open();
    onTestFinished(() => store.close());
    return store;
  }

  const values = async (store: InfluxStore, from = T - DAY, to = T + DAY) => {
    const rows = await rowsOf(store.raw({ series: [SERIES], from, to, limit: 1_000 }));
    return rows.flatMap(([, of]) => of.map(([ts, value]) => [ts, value]));
  };
  const windows = async (store: InfluxStore, edges: readonly number[]) => {
    const found: number[][] = [];
    const query = { series: [SERIES], edges: Float64Array.from(edges), fn: 'mean' } as const;
    for await (const { start, value } of store.windows(query))
      start.forEach((at, i) => void found.push([at, value[i]!]));
    return found;
  };
  const at = (ts: number, value: number) =>
    message(SERIES.device, [reading(SERIES.metric, ts, value)], { receivedAt: ts });

  it('opens while the server is away, says why nothing goes, and goes on by itself', async () => {
    await proxy.down();
    const store = await open();
    await expect(store.append([batch(1, at(T, 1))])).rejects.toThrow(/does not answer/);
    await expect(values(store)).rejects.toThrow(HistorianUnavailableError);
    await expect(store.latest({})).rejects.toThrow(HistorianUnavailableError);
    await expect(store.maintain(T, 0)).rejects.toThrow(/does not answer/);
    await proxy.up();
    await store.append([batch(1, at(T, 1))]);
    expect(await values(store)).toEqual([[T, 1]]);
    expect(await store.latest({})).toMatchObject([{ ...SERIES, park: 'park-a', domain: 'energy', ts: T, value: 1 }]);
    await store.maintain(T + HOUR, 0);
  });

  it('closes at once while the server holds a write, and then takes that up again', async () => {
    const [folder, bucket] = [tempDir(), engine.freshBucket()];
    const store = await open({ folder, bucket });
    await store.append([batch(1, at(T, 1))]);
    const held = proxy.inject({ kind: 'hold' }, { on: 'write' });
    onTestFinished(() => held.remove());
    const stuck = expect(store.append([batch(2, at(T + 1, 2))])).rejects.toThrow(/closed/);
    await store.close();
    await stuck;
    held.remove();
    const next = await open({ folder, bucket });
    expect(next.durableSeq()).toBe(1);
    await next.append([batch(2, at(T + 1, 2))]);
    expect(await values(next)).toEqual([
      [T, 1],
      [T + 1, 2],
    ]);
  });

  it('ends a question nobody waits for any more', async () => {
    const store = await open();
    await store.append([batch(1, at(T, 1))]);
    const held = proxy.inject({ kind: 'hold' }, { on: 'query' });
    onTestFinished(() => held.remove());
    const stop = new AbortController();
    const asked = store.raw({ series: [SERIES], from: T, to: T + 1, limit: 10 }, stop.signal).next();
    await vi.waitFor(() => expect(held.hits).toBeGreaterThan(0));
    const ended = proxy.log.next('query');
    stop.abort();
    await expect(asked).rejects.toThrow(HistorianUnavailableError);
    await ended;
  });

  it('shows nothing from before its horizon, which never goes back, also when the server still has it', async () => {
    const [folder, bucket] = [tempDir(), engine.freshBucket()];
    const store = await open({ folder, bucket });
    const later = T + 3 * DAY;
    await store.append([batch(1, at(T, 1), at(later, 2))]);
    // Retention follows the roll-ups: it keeps readings that they still need.
    for (let i = 0; i < 10; i += 1) await store.maintain(later + DAY, later - HOUR);
    expect(await values(store, 0, later + 1)).toEqual([[later, 2]]);
    expect(await windows(store, [T, T + HOUR])).toEqual([[T, 1]]);
    await store.close();
    const next = await open({ folder, bucket });
    expect(await values(next, 0, later + 1)).toEqual([[later, 2]]);
    await next.append([batch(2, at(T + 1, 9))]);
    await next.maintain(later + DAY, 0);
    expect(await values(next, 0, later + 1)).toEqual([[later, 2]]);
    expect(await windows(next, [T, T + HOUR])).toEqual([[T, 1]]);
  });

  it('goes on where one hour cannot be rolled up, says so without standing still, and makes it later', async () => {
    const [folder, bucket] = [tempDir(), engine.freshBucket()];
    const store = await open({ folder, bucket });
    await store.append([batch(1, ...Array.from({ length: 8 }, (_, i) => at(T + i * HOUR + 1, i)))]);
    /** Whether the statement reads the third hour. */
    const ofThird = (text: string) => {
      const [from, to] = [/from"\s*:\s*"([^"]+)/, /to"\s*:\s*"([^"]+)/].map((of) =>
        Date.parse(of.exec(text)?.[1] ?? ''),
      );
      return (
        !text.includes('_1h') &&
        !text.includes('_1d') &&
        from! < T + 3 * HOUR &&
        to! > T + 2 * HOUR &&
        to! - from! <= DAY
      );
    };
    const fault = proxy.inject(
      { kind: 'answer', status: 500, body: '{"error":"shard is broken"}' },
      { on: 'query', when: ({ path, body }) => ofThird(decodeURIComponent(`${path} ${body}`.replaceAll('+', ' '))) },
    );
    for (let i = 0; i < 12; i += 1) await store.maintain(T + 9 * HOUR, 0).catch(() => undefined);
    expect(fault.hits).toBeGreaterThan(2);
    const { finalTo: _, ...rollups } = store.stats().rollups!;
    expect(rollups).toEqual({
      ...{ rolledTo: T + 8 * HOUR, dirtySeries: 0 },
      failing: { hours: 1, days: 0, series: 0 },
    });
    expect(store.stats().damage.gaps).toEqual([{ from: T + 2 * HOUR, to: T + 4 * HOUR }]);
    const chores = store.chores();
    expect(chores.filter(({ vital }) => vital).map(({ name }) => name)).toEqual(['upkeep']);
    const time = { now: T + 9 * HOUR, keepFrom: 0, settledTo: T + 9 * HOUR };
    for (const { work } of chores) await work(time);
    expect(chores.map(({ problem }) => problem?.() ?? null)).toEqual([null, null, expect.stringContaining('T04:00Z')]);
    const edges = Array.from({ length: 9 }, (_, i) => T + i * HOUR);
    const known = [0, 1, 3, 4, 5, 6, 7].map((i) => [T + i * HOUR, i]);
    expect(await windows(store, edges)).toEqual(known);

    fault.remove();
    await store.close();
    const next = await open({ folder, bucket });
    for (let i = 0; i < 5; i += 1) await next.maintain(T + 9 * HOUR, 0);
    const { finalTo: __, ...rest } = next.stats().rollups!;
    expect(rest).toEqual({ rolledTo: T + 8 * HOUR, dirtySeries: 0 });
    expect(next.stats().damage.gaps).toEqual([]);
    expect(await windows(next, edges)).toEqual([...known, [T + 2 * HOUR, 2]].sort(([a], [b]) => a! - b!));
  });

  it('lets nothing go by a clock that leapt while it cannot be known what the server has', async () => {
    const bucket = engine.freshBucket();
    const before = await open({ bucket });
    await before.append([batch(1, at(T, 1))]);
    await before.close();
    await proxy.down();
    // A folder without the believed time of an earlier run.
    const store = await open({ bucket, rawDays: 10, clock: () => T + 40 * DAY });
    let passed = 0;
    let done = () => {};
    const options = {
      rawDays: 10,
      settledTo: (now: number) => now,
      onFailed: () => undefined,
      onDone: () => done(),
    };
    const housekeeping = new Housekeeping(store, options, () => passed);
    const hours = async (count: number) => {
      for (let i = 0; i < count; i += 1) {
        passed += HOUR;
        await new Promise<void>((resolve) => {
          done = resolve;
          housekeeping.tick(T + 40 * DAY + passed);
        });
      }
    };
    await hours(3);
    expect(store.times.newest).toBeNull();
    await proxy.up();
    const wrong = T + 40 * DAY + passed;
    await store.append([batch(2, message(SERIES.device, [reading(SERIES.metric, wrong, 2)], { receivedAt: wrong }))]);
    expect(store.times).toMatchObject({ newest: wrong, own: null, believed: T });
    await hours(24);
    expect(store.keptFrom).toBeLessThan(T);
    await store.append([batch(3, at(T + 1, 3))]);
    expect(await values(store)).toEqual([
      [T, 1],
      [T + 1, 3],
    ]);
    expect(store.stats().ignored).toBe(0);
  });

  it('rolls an hour up once, also when the device moved on within what was already rolled up', async () => {
    let enterprise = 'acme';
    const store = await open({ tagsOf: () => ({ district: 'north', enterprise }) });
    // The value holds for 15 minutes, into the next hour.
    const last = T + HOUR - 60_000;
    await store.append([batch(1, at(T, 1), at(last, 3))]);
    for (let i = 0; i < 3; i += 1) await store.maintain(T + 3 * HOUR, 0);
    enterprise = 'bolt';
    await store.append([batch(2, at(last + 120_000, 5))]);
    for (let i = 0; i < 3; i += 1) await store.maintain(T + 3 * HOUR, 0);
    const { finalTo: _, ...rollups } = store.stats().rollups!;
    expect(rollups).toEqual({ rolledTo: T + 2 * HOUR, dirtySeries: 0 });
    const starts: [number, number][] = [];
    for await (const { rollups: rows } of store.rollupStore.readAll('hour', T, T + 2 * HOUR)) {
      for (const { start, count } of rows) starts.push([start, count]);
    }
    expect(starts).toEqual([
      [T, 2],
      [T + HOUR, 1],
    ]);
    const before = await store.rollupStore.lastBefore([SERIES], T + 2 * HOUR);
    expect([...before.values()].map(({ start, count }) => [start, count])).toEqual([[T + HOUR, 1]]);
  });
});
