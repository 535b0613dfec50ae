import { pino } from 'pino';
import { expect, it } from 'vitest';
import { testApp } from '../../helpers/app.js';

it('each line of the log names the part that wrote it, once', async () => {
  const lines: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  const { api, app, mqtt } = await testApp({}, undefined, { log });
  expect((await api('/api/v1/nothing')).status).toBe(404);
  await expect(mqtt({ username: 'nobody', password: 'wrong' })).rejects.toThrow();
  await app.close();
  const components = new Set(lines.map((line) => (JSON.parse(line) as { component?: string }).component));
  expect([...components]).toEqual(expect.arrayContaining(['app', 'broker', 'http']));
  expect(lines.filter((line) => line.split('"component":').length !== 2)).toEqual([]);
});
