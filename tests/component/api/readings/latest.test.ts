import { describe, expect, it } from 'vitest';
import { latestAnswer } from '../../../../src/api/latest/routes.js';
import { json, NOW, OTHER_PARK, PARK, query, startService } from './service.js';

async function withValues() {
  const service = await startService();
  const { store } = service;
  await store('ww-1', 'wastewater', [
    { metric: 'ph', ts: NOW - 2000, value: 7.1 },
    { metric: 'cod_mg_l', ts: NOW - 1000, value: 41.2, flag: 'M', quality: 'flagged' },
  ]);
  await store('ww-1', 'wastewater', [{ metric: 'ph', ts: NOW - 3000, value: 6.5 }]);
  await store('smoke-1', 'fire', [{ metric: 'smoke_alarm', value: 1 }]);
  await store('ww-9', 'wastewater', [{ metric: 'ph', value: 8 }], OTHER_PARK);
  return service;
}
const names = (items: Record<string, unknown>[]) => items.map(({ device, metric }) => `${device} ${metric}`);

describe('GET /latest', () => {
  it('answers the newest value of each series by its own time, with unit, flag and quality', async () => {
    const { get } = await withValues();
    const body = await json(await get('/api/v1/latest?device=ww-1'));
    expect(latestAnswer.parse(body)).toEqual(body);
    expect(body).toEqual({
      items: [
        {
          park: PARK,
          domain: 'wastewater',
          device: 'ww-1',
          metric: 'cod_mg_l',
          unit: 'mg/L',
          ts: '2026-11-23T11:59:59+08:00',
          value: 41.2,
          flag: 'M',
          quality: 'flagged',
          receivedAt: '2026-11-23T12:00:00+08:00',
        },
        {
          park: PARK,
          domain: 'wastewater',
          device: 'ww-1',
          metric: 'ph',
          unit: '',
          ts: '2026-11-23T11:59:58+08:00',
          value: 7.1,
          flag: 'N',
          quality: 'good',
          receivedAt: '2026-11-23T12:00:00+08:00',
        },
      ],
      nextCursor: null,
    });
  });

  it('filters by park and domain', async () => {
    const { get } = await withValues();
    const ask = async (parameters: Record<string, string>) =>
      names((await json(await get(query('/latest', parameters)))).items);
    expect(await ask({})).toEqual(['smoke-1 smoke_alarm', 'ww-1 cod_mg_l', 'ww-1 ph', 'ww-9 ph']);
    expect(await ask({ park: OTHER_PARK })).toEqual(['ww-9 ph']);
    expect(await ask({ domain: 'wastewater' })).toEqual(['ww-1 cod_mg_l', 'ww-1 ph', 'ww-9 ph']);
    expect(await ask({ park: PARK, domain: 'fire' })).toEqual(['smoke-1 smoke_alarm']);
    expect(await ask({ park: OTHER_PARK, device: 'ww-1' })).toEqual([]);
  });

  it('shows a limited token its parks alone', async () => {
    const { get, token } = await withValues();
    const limited = token('viewer', [OTHER_PARK]);
    expect(names((await json(await get('/api/v1/latest', { token: limited }))).items)).toEqual(['ww-9 ph']);
    const refused = await get(`/api/v1/latest?park=${PARK}`, { token: limited });
    expect(refused.status).toBe(404);
    expect((await json(refused)).code).toBe('unknown_park');
    const none = await get('/api/v1/latest?device=ww-1', { token: limited });
    expect(none.status).toBe(404);
    expect((await json(none)).code).toBe('unknown_device');
  });

  it('pages through every series once', async () => {
    const { get } = await withValues();
    const seen: string[] = [];
    let cursor: string | null | undefined;
    do {
      const body = await json(await get(query('/latest', { limit: 3, cursor })));
      seen.push(...names(body.items));
      cursor = body.nextCursor;
    } while (cursor);
    expect(seen).toEqual(['smoke-1 smoke_alarm', 'ww-1 cod_mg_l', 'ww-1 ph', 'ww-9 ph']);
  });

  it.each([
    ['park=atlantis', 404],
    ['device=nobody', 404],
    ['domain=weather', 422],
    ['limit=5001', 422],
    ['cursor=%00', 422],
    ['parks=oh-diandu', 422],
  ])('refuses %s', async (search, status) => {
    const { get } = await withValues();
    expect((await get(`/api/v1/latest?${search}`)).status).toBe(status);
  });
});
