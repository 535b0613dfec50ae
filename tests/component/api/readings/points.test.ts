import { describe, expect, it } from 'vitest';
import { json, NOW, query, startService } from './service.js';

const SECOND = 1_000;
const HOUR = 3_600_000;

/** A wave with two needles, `count` readings a second apart. */
function wave(count: number) {
  return Array.from({ length: count }, (_, i) => ({
    metric: 'ph',
    ts: NOW - (count - i) * SECOND,
    value: i === 777 ? 13.5 : i === count - 400 ? 0.5 : Math.round((7 + Math.sin(i / 500)) * 1e4) / 1e4,
  }));
}

describe('points=N', () => {
  it.each([500, 5_000, 60_000])(
    'makes the same picture of %i readings: real points, the ends and every needle',
    async (count) => {
      const { store, get } = await startService();
      const readings = wave(count);
      for (let i = 0; i < count; i += 10_000) await store('ww-1', 'wastewater', readings.slice(i, i + 10_000));
      const path = query('/readings', { device: 'ww-1', metric: 'ph', from: NOW - 48 * HOUR, to: NOW, points: 50 });
      const { series } = await json(await get(path));
      const points = series[0]!.points.map(({ ts, value }) => [Date.parse(String(ts)), value] as const);
      expect(points).toHaveLength(50);
      const real = new Map(readings.map(({ ts, value }) => [ts, value]));
      for (const [ts, value] of points) expect(real.get(ts)).toBe(value);
      expect([...points].sort((a, b) => a[0] - b[0])).toEqual(points);
      expect(points[0]![0]).toBe(readings[0]!.ts);
      expect(points.at(-1)![0]).toBe(readings.at(-1)!.ts);
      const values = points.map(([, value]) => value);
      if (count > 777) expect(Math.max(...(values as number[]))).toBe(13.5);
      expect(Math.min(...(values as number[]))).toBe(0.5);
    },
  );

  it('leaves fewer readings as they are, with their flags, and reduces each series on its own', async () => {
    const { store, get } = await startService();
    await store('ww-1', 'wastewater', wave(200));
    await store('ww-2', 'wastewater', [{ ts: NOW - SECOND, value: 9, flag: 'M', quality: 'flagged' }]);
    const path = query('/readings', { device: 'ww-1,ww-2', metric: 'ph', points: 20 });
    const { series } = await json(await get(path));
    expect(series.map((one) => one.points.length)).toEqual([20, 1]);
    expect(series[1]!.points[0]).toMatchObject({ value: 9, flag: 'M', quality: 'flagged' });
  });

  it('is not held back by the bound of raw readings, and reduces windows too', async () => {
    const { store, get } = await startService({ maxRawReadings: 1_000 });
    await store('ww-1', 'wastewater', wave(5_000));
    const raw = { device: 'ww-1', metric: 'ph', from: NOW - 2 * HOUR, to: NOW };
    expect((await get(query('/readings', raw))).status).toBe(422);
    expect((await get(query('/readings', { ...raw, points: 100 }))).status).toBe(200);
    const windows = await json(await get(query('/readings', { ...raw, every: '10s', points: 30 })));
    expect(windows.series[0]!.points).toHaveLength(30);
    expect(windows.series[0]!.points[0]).toHaveProperty('end');
  });

  it.each([
    [{ points: 5 }, 'query.points'],
    [{ points: 100_000 }, 'query.points'],
    [{ points: 100, limit: 10 }, 'query.points'],
  ])('refuses %o by name', async (given, named) => {
    const { store, get } = await startService();
    await store('ww-1', 'wastewater', wave(20));
    const answer = await get(query('/readings', { device: 'ww-1', ...given }));
    expect(answer.status).toBe(422);
    expect(JSON.stringify(await answer.json())).toContain(named);
  });
});
