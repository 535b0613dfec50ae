import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { testApp } from '../../helpers/app.js';

const commands = readFileSync('README.md', 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('curl '));

it('answers every request that the README shows', async () => {
  const service = await testApp();
  expect(commands.length).toBeGreaterThan(1);
  for (const command of commands) {
    const url = new URL(/"(http:[^"]+)"/.exec(command)?.[1] ?? '');
    const accept = /-H "Accept: ([^"]+)"/.exec(command)?.[1] ?? 'application/json';
    for (const device of url.searchParams.get('device')?.split(',') ?? []) {
      const json = { park: 'oh-diandu', domain: 'energy' };
      expect((await service.api(`/api/v1/devices/${device}`, { method: 'PUT', json })).ok).toBe(true);
    }
    const answer = await service.api(url.pathname + url.search, { headers: { accept } });
    expect([command, answer.status, answer.headers.get('content-type')?.split(';')[0]]).toEqual([command, 200, accept]);
    await answer.arrayBuffer();
  }
});
