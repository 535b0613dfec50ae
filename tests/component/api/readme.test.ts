import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { testApp } from '../../helpers/app.js';

const commands = readFileSync('README.md', 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('curl '));

it('answers every request that the README shows', async () => {
  const service = await testApp();
  const gateway = await service.mqtt(await service.gateway('gw-readme', 'oh-diandu'));
  const now = Date.now();
  const high = [now - 60_000, now].map((ts) => ({ ts, values: { cod_mg_l: 612 } }));
  await gateway.publishAsync('parks/oh-diandu/wastewater/ww-01/readings', JSON.stringify(high), { qos: 1 });
  expect(commands.length).toBeGreaterThan(1);
  for (const command of commands) {
    const url = new URL(/"(http:[^"]+)"/.exec(command)?.[1] ?? '');
    const accept = /-H "Accept: ([^"]+)"/.exec(command)?.[1] ?? 'application/json';
    for (const device of url.searchParams.get('device')?.split(',') ?? []) {
      const json = { park: 'oh-diandu', domain: 'energy' };
      expect((await service.api(`/api/v1/devices/${device}`, { method: 'PUT', json })).ok).toBe(true);
    }
    const method = /-X (\w+)/.exec(command)?.[1] ?? 'GET';
    const body = /-d '([^']+)'/.exec(command)?.[1];
    const answer = await service.api(url.pathname + url.search, {
      method,
      headers: { accept },
      ...(body !== undefined && { json: JSON.parse(body) as unknown }),
    });
    expect([command, answer.status, answer.headers.get('content-type')?.split(';')[0]]).toEqual([command, 200, accept]);
    await answer.arrayBuffer();
  }
});
