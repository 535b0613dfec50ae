import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { windowsAnswer } from '../../../../src/api/readings/schemas.js';
import { json, NOW, query, startService } from './service.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const range = { from: NOW - 6 * HOUR, to: NOW, every: '1h' };

/** Hours 6, 3 and 2 before now have a value: 10, 40 and 7. */
async function gappy() {
  const service = await startService();
  await service.store('ww-1', 'wastewater', [
    { ts: NOW - 6 * HOUR, value: 10 },
    { ts: NOW - 5 * HOUR, value: 99, flag: 'D', quality: 'flagged' },
    { ts: NOW - 3 * HOUR, value: 40 },
    { ts: NOW - 2 * HOUR, value: 7 },
  ]);
  const ask = async (more: Record<string, string | number>) =>
    service.get(query('/readings', { device: 'ww-1', metric: 'ph', ...range, ...more }));
  const points = async (more: Record<string, string | number>) => {
    const body = await json(await ask(more));
    expect(windowsAnswer.parse(body)).toEqual(body);
    return body.series[0]!.points.map(({ start, value, filled }) => [
      (Date.parse(String(start)) - NOW) / HOUR,
      value,
      filled ?? false,
    ]);
  };
  return { ...service, ask, points };
}

describe('gaps between windows', () => {
  it('stay gaps unless asked otherwise', async () => {
    const { points } = await gappy();
    const found = [
      [-6, 10, false],
      [-3, 40, false],
      [-2, 7, false],
    ];
    expect(await points({})).toEqual(found);
    expect(await points({ fill: 'none' })).toEqual(found);
  });

  it('take the value before with fill=previous, up to now and no further, and are marked', async () => {
    const { points } = await gappy();
    expect(await points({ fill: 'previous', from: NOW - 8 * HOUR, to: NOW + 5 * HOUR })).toEqual([
      [-6, 10, false],
      [-5, 10, true],
      [-4, 10, true],
      [-3, 40, false],
      [-2, 7, false],
      [-1, 7, true],
    ]);
  });

  it('lie on the line between their neighbours with fill=linear, and nowhere else', async () => {
    const { points } = await gappy();
    expect(await points({ fill: 'linear', from: NOW - 8 * HOUR })).toEqual([
      [-6, 10, false],
      [-5, 20, true],
      [-4, 30, true],
      [-3, 40, false],
      [-2, 7, false],
    ]);
  });

  it('are told in CSV too, in a column that is there only when filling was asked for', async () => {
    const { ask, get } = await gappy();
    const text = async (more: Record<string, string>) => {
      const path = query('/readings', { device: 'ww-1', metric: 'ph', ...range, ...more });
      return parse(await (await get(path, { accept: 'text/csv' })).text(), { columns: true }) as Record<
        string,
        string
      >[];
    };
    expect((await text({ fill: 'previous' })).map((row) => row.filled)).toEqual([
      'false',
      'true',
      'true',
      'false',
      'false',
      'true',
    ]);
    expect((await text({}))[0]).not.toHaveProperty('filled');
    expect((await ask({})).status).toBe(200);
  });

  it('are each series’ own, and those of a long range are filled across the pieces of an answer', async () => {
    const { store, get } = await startService();
    const from = NOW - 40_000 * MINUTE;
    await store('ww-1', 'wastewater', [
      { ts: from, value: 1 },
      { ts: NOW - MINUTE, value: 2 },
    ]);
    await store('ww-2', 'wastewater', [{ ts: NOW - 2 * MINUTE, value: 3 }]);
    const path = query('/readings', {
      device: 'ww-1,ww-2',
      metric: 'ph',
      from,
      to: NOW,
      every: '1m',
      fill: 'previous',
    });
    const { series } = await json(await get(path));
    expect(series.map((one) => one.points.length)).toEqual([40_000, 2]);
    expect(series[0]!.points.filter((point) => point.filled)).toHaveLength(39_998);
    expect(new Set(series[0]!.points.map((point) => point.start)).size).toBe(40_000);
    expect(series[1]!.points.map((point) => point.value)).toEqual([3, 3]);
  });

  it.each([
    ['count', 422],
    ['sum', 422],
    ['max', 200],
    ['time_weighted_mean', 200],
  ])('are refused or filled for fn=%s: %i', async (fn, status) => {
    const { ask } = await gappy();
    const answer = await ask({ fn, fill: 'previous' });
    expect(answer.status).toBe(status);
    if (status === 422) expect(JSON.stringify(await answer.json())).toContain('query.fill');
  });

  it('belong to windows: raw readings have none to fill', async () => {
    const { get } = await gappy();
    const answer = await get(query('/readings', { device: 'ww-1', metric: 'ph', fill: 'linear' }));
    expect(answer.status).toBe(422);
    expect(JSON.stringify(await answer.json())).toContain('query.every');
  });
});
