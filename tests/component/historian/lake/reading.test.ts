import { afterEach, expect, it, vi } from 'vitest';
import { Engine } from '../../../../src/historian/lake/engine.js';
import { LakeStore } from '../../../../src/historian/lake/store.js';
import type { SeriesKey } from '../../../../src/historian/port/queries.js';
import type { DeviceKey } from '../../../../src/model/ids.js';
import type { DeviceReadings } from '../../../../src/model/reading.js';
import { tempDir } from '../../../helpers/temp.js';

const DAY = 86_400_000;
const MINUTE = 60_000;
const T0 = Date.UTC(2026, 0, 1);
const METRIC = 'active_power_kw';

afterEach(() => vi.restoreAllMocks());

/** A lake that counts its statements, and the rows of each. */
async function countedLake() {
  const store = new LakeStore({ folder: tempDir(), timeZone: 'Asia/Shanghai' });
  await store.open();
  const statements: number[] = [];
  const stream = Engine.prototype.stream;
  vi.spyOn(Engine.prototype, 'stream').mockImplementation(async function* (this: Engine, ...args) {
    const at = statements.push(0) - 1;
    for await (const chunk of stream.apply(this, args)) {
      statements[at]! += chunk.rowCount;
      yield chunk;
    }
  });
  let seq = 0;
  return {
    store,
    statements,
    append: (messages: readonly DeviceReadings[]) => {
      seq += 1;
      return store.append([{ seq, messages }]);
    },
    async rows(series: readonly SeriesKey[], from: number, to: number) {
      const found: [device: string, ts: number, value: number][] = [];
      for await (const { series: key, ts, value } of store.raw({ series, from, to, limit: 10_000_000 })) {
        ts.forEach((time, i) => void found.push([key.device, time, value[i]!]));
      }
      return found;
    },
  };
}

function message(device: DeviceKey, times: readonly number[], value = 1): DeviceReadings {
  const readings = times.map((ts) => ({ metric: METRIC, ts, value, flag: 'N', quality: 'good' }) as const);
  return { park: 'oh-diandu', domain: 'energy', device, gateway: 'gw-1', receivedAt: T0, readings };
}

const span = (from: number, length: number, every: number) => Array.from({ length }, (_, i) => from + i * every);

it('of a series that was sparse and became dense no more is held at once than of one that always was', async () => {
  const { store, statements, append, rows } = await countedLake();
  await append([message('oh-diandu/m', span(T0, 200, DAY))]);
  await store.flush();
  const dense = T0 + 200 * DAY;
  for (let day = 0; day < 100; day += 10) {
    await append([message('oh-diandu/m', span(dense + day * DAY, 10 * 1_440, MINUTE))]);
    await store.flush();
  }
  statements.length = 0;
  const found = await rows([{ device: 'oh-diandu/m', metric: METRIC }], T0, dense + 100 * DAY);
  expect(found).toHaveLength(200 + 100 * 1_440);
  expect(found.every(([, ts], i) => i === 0 || ts > found[i - 1]![1])).toBe(true);
  expect(Math.max(...statements)).toBeLessThanOrEqual(64_000);
  await store.close();
});

it('many series with few readings each are read together, each reading once and in the version that came last', async () => {
  const { store, statements, append, rows } = await countedLake();
  const devices = Array.from({ length: 60 }, (_, i): DeviceKey => `oh-diandu/m-${i}`);
  // Files of one day that overlap completely, and unsealed rows.
  for (const value of [1, 2, 3, 4]) {
    await append(devices.map((device) => message(device, span(T0 + value * MINUTE, 300, 10 * MINUTE), value)));
    await append(devices.map((device) => message(device, [T0, T0 + DAY], value)));
    if (value < 4) await store.flush();
  }
  statements.length = 0;
  const asked = [...devices].reverse().map((device) => ({ device, metric: METRIC }));
  const found = await rows(asked, T0, T0 + 30 * DAY);
  expect(statements.length).toBeLessThan(10);
  expect([...new Set(found.map(([device]) => device))]).toEqual(asked.map(({ device }) => device));
  const times = [T0, T0 + DAY, ...[1, 2, 3, 4].flatMap((v) => span(T0 + v * MINUTE, 300, 10 * MINUTE))].sort(
    (a, b) => a - b,
  );
  for (const { device } of asked) {
    const own = found.filter(([name]) => name === device);
    expect(own.map(([, ts]) => ts)).toEqual(times);
    expect(own.filter(([, ts]) => ts === T0 || ts === T0 + DAY).map(([, , value]) => value)).toEqual([4, 4]);
  }
  expect(await store.counts(asked, T0, T0 + 30 * DAY)).toEqual(asked.map(() => 1_202));
  expect(await store.counts(asked.slice(0, 1), T0 + 1, T0 + DAY)).toEqual([4 * 144]);
  await store.close();
});
