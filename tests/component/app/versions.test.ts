import { expect, it, vi } from 'vitest';
import { testApp } from '../../helpers/app.js';

const PARK = 'oh-diandu';
const TOPIC = `parks/${PARK}/wastewater/outlet-1/readings`;

it('GET /readings?versions=all lists what a correction overwrote and who sent it, to those who may see the device', async () => {
  const { api, get, gateway, mqtt } = await testApp();
  const [one, two] = [await mqtt(await gateway('gw-1', PARK)), await mqtt(await gateway('gw-2', PARK))];
  const ts = Date.now() - 60_000;
  const item = (at: number, value: number) => JSON.stringify({ ts: at, values: { cod_mg_l: value } });
  await one.publishAsync(TOPIC, item(ts, 640), { qos: 1 });
  await one.publishAsync(TOPIC, item(ts + 1, 50), { qos: 1 });
  const range = `metric=cod_mg_l&from=${ts}&to=${ts + 10}`;
  const plain = `/api/v1/readings?device=outlet-1&${range}`;
  const [before] = (await get(plain)).series;
  expect((await get(`${plain}&versions=all`)).series).toMatchObject([{ device: 'outlet-1', points: [] }]);
  await api('/api/v1/devices/outlet-1', { method: 'PUT', json: { gateway: 'gw-2' } });
  await two.publishAsync(TOPIC, item(ts, 41), { qos: 1 });

  const [after] = (await get(plain)).series;
  expect(after.points).toMatchObject([{ value: 41 }, before.points[1]]);
  expect(Object.keys(after.points[0])).toEqual(['ts', 'value', 'flag', 'quality', 'receivedAt']);
  const { series } = await get(`${plain}&versions=all`);
  expect(series[0].points).toEqual([
    { ...before.points[0], gateway: 'gw-1', counts: false },
    { ...after.points[0], gateway: 'gw-2', counts: true },
  ]);
  const csv = await (await api(`${plain}&versions=all`, { headers: { accept: 'text/csv' } })).text();
  const { ts: time, receivedAt } = before.points[0];
  expect(csv.split('\r\n').slice(0, 2)).toEqual([
    'device,metric,unit,ts,value,flag,quality,receivedAt,gateway,counts',
    `outlet-1,cod_mg_l,mg/L,${time},640,N,good,${receivedAt},gw-1,false`,
  ]);
  expect(csv.split('\r\n')).toHaveLength(4);

  for (const more of ['every=1h', 'points=100', 'limit=10', 'versions=none']) {
    const refused = await api(`${plain}&versions=all&${more}`);
    expect([more, refused.status]).toEqual([more, 422]);
  }
  const parquet = await api(`${plain}&versions=all`, { headers: { accept: 'application/vnd.apache.parquet' } });
  expect(await parquet.json()).toMatchObject({ status: 422, errors: [{ field: 'query.versions' }] });

  const made = await api('/api/v1/tokens', {
    method: 'POST',
    json: { name: 'elsewhere', role: 'viewer', parks: ['lc-juguang'] },
  });
  const { token } = (await made.json()) as { token: string };
  expect(token).toBeTruthy();
  const bodyOf = async (path: string) => {
    const answer = await api(path, { token });
    return [answer.status, (await answer.text()).replaceAll(/outlet-\d|"(instance|requestId)":"[^"]*",?/g, '')];
  };
  const absent = plain.replace('outlet-1', 'outlet-9');
  const foreign = await bodyOf(`${plain}&versions=all`);
  expect(foreign).toEqual(await bodyOf(`${absent}&versions=all`));
  expect(foreign[0]).not.toBe(200);
  await vi.waitFor(async () => expect(await (await api('/metrics')).text()).toMatch(/^park_historian_versions 2$/m));
});
