import { beforeEach, describe, expect, it } from 'vitest';
import { startHttp } from '../api/docs-service.js';
import { ADMIN, NOW } from '../api/readings/service.js';

const PARK = 'oh-diandu';
const OUTLET = `${PARK}/ww-03`;
const TOLD = { source: '副本', reason: 'yearly check' };
const HOUR = 3_600_000;

let http: Awaited<ReturnType<typeof startHttp>>;
beforeEach(async () => {
  http = await startHttp();
  http.registry.putDevice({ id: 'station-3', park: PARK, domain: 'wastewater' }, 'test');
});

async function send(method: 'GET' | 'PUT' | 'DELETE', path: string, payload?: object, secret = ADMIN) {
  const answer = await http.app.inject({
    ...{ method, url: `/api/v1/emissions/${path}`, headers: { authorization: `Bearer ${secret}` } },
    ...(payload && { payload }),
  });
  return { status: answer.statusCode, body: answer.json() };
}
const put = (ledger: string, ...entries: object[]) => send('PUT', ledger, { entries, ...TOLD });
const outlet = (id = 'ww-03') => ({
  ...{ key: `${PARK}/${id}`, park: PARK, enterprise: null, nameZh: '车间排口', nameEn: 'workshop outlet' },
  ...{ point: 'workshop', device: `${PARK}/station-3` },
});
const sample = (hour: number, value = 0.4) => ({
  ...{ outlet: OUTLET, metric: 'total_chromium_mg_l', ts: `${NOW - hour * HOUR}`, value, laboratory: '市监测站' },
});

describe('what people tell of outlets, over the API', () => {
  it('is recorded, listed with who and why, withdrawn, and answered as known before', async () => {
    expect(await put('outlets', outlet())).toEqual({ status: 200, body: { version: 1, recorded: 1 } });
    const permit = {
      ...{ outlet: OUTLET, number: '9133', from: '2026-01-01', to: null, bases: ['hour', 'day'] },
      ...{ limits: { total_chromium_mg_l: { min: null, max: '0.40' } }, capsKg: { total_chromium_mg_l: '120.5' } },
    };
    expect((await put('permits', permit)).body.version).toBe(2);
    const { body } = await send('GET', 'permits');
    expect(body).toMatchObject({ version: 2, nextCursor: null });
    const [one] = body.items;
    expect(one).toMatchObject({
      ...{ key: `${OUTLET}@2026-01-01`, entry: permit, version: 2, recordedSource: '副本', reason: 'yearly check' },
    });
    http.time.now += 60_000;
    const withdrawal = `permits?key=${encodeURIComponent(one.key)}&source=x&reason=y`;
    expect(await send('DELETE', withdrawal)).toEqual({ status: 200, body: { version: 3, recorded: 1 } });
    expect((await send('GET', 'permits')).body.items).toEqual([]);
    const asOf = encodeURIComponent(one.recordedAt);
    expect((await send('GET', `permits?asOf=${asOf}`)).body.items).toEqual([one]);
    expect((await send('GET', `permits?asOf=${http.time.now + 1}`)).status).toBe(422);
    expect((await send('DELETE', withdrawal)).body.code).toBe('unknown_entry');
  });

  it('names the wrong field, and records nothing then', async () => {
    await put('outlets', outlet());
    const { status, body } = await put('samples', sample(1), sample(2, -1));
    expect([status, body.code, body.errors[0].field]).toEqual([422, 'invalid_request', 'body.entries.1.value']);
    expect((await send('GET', `samples?outlet=${OUTLET}`)).body.items).toEqual([]);
    expect((await put('marks', { ...sample(1), extra: 1 })).status).toBe(422);
  });

  it('of ledgers that grow is asked for one outlet, page by page, with times in RFC 3339', async () => {
    await put('outlets', outlet(), outlet('ww-04'));
    await put('samples', ...[1, 2, 3, 4, 5].map((hour) => sample(hour)), { ...sample(1), outlet: `${PARK}/ww-04` });
    expect((await send('GET', 'samples')).status).toBe(422);
    const seen: string[] = [];
    for (let cursor = '', pages = 0; pages < 9; pages++) {
      const { body } = await send('GET', `samples?outlet=${OUTLET}&limit=2${cursor}`);
      seen.push(...body.items.map(({ entry }: { entry: { ts: string } }) => entry.ts));
      if (body.nextCursor === null) break;
      cursor = `&cursor=${body.nextCursor}`;
    }
    expect(seen.map((text) => (NOW - Date.parse(text)) / HOUR)).toEqual([5, 4, 3, 2, 1]);
    expect(seen[0]).toMatch(/\+08:00$/);
    expect((await send('GET', `samples?outlet=${OUTLET}&cursor=x`)).status).toBe(422);
  });

  it('is for operators to tell, and overrides of the law’s limits for administrators', async () => {
    await put('outlets', outlet());
    const token = (role: 'operator' | 'inspector') =>
      http.registry.createToken({ name: 'x', role, parks: [PARK], districts: [], expiresAt: null }, 'test').secret;
    const [operator, inspector] = [token('operator'), token('inspector')];
    const override = {
      ...{ column: 'db33-2260-2020/direct', pollutant: 'total_nickel_mg_l', min: null, max: '0.2', from: '2022-01-01' },
      ...{ mark: 'V', source: '瓯环函 12' },
    };
    const body = { entries: [override], ...TOLD };
    expect((await send('PUT', 'overrides', body, operator)).status).toBe(403);
    expect((await send('PUT', 'overrides', body)).status).toBe(200);
    expect((await send('GET', 'overrides', undefined, inspector)).body.items[0].entry).toEqual(override);
    const samples = { entries: [sample(1)], ...TOLD };
    expect((await send('PUT', 'samples', samples, inspector)).status).toBe(403);
    expect((await send('PUT', 'samples', samples, operator)).status).toBe(200);
    expect((await send('GET', `samples?outlet=${OUTLET}`, undefined, inspector)).body.items).toHaveLength(1);
  });
});
