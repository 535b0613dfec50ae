import { cpSync } from 'node:fs';
import { expect, it, vi } from 'vitest';
import { tempDir } from '../../helpers/temp.js';
import { level, PARK, SUBJECT, startService } from './statistics/service.js';

it('an upload that was accepted before a kill has its results after the start, without a new one', async () => {
  const dir = tempDir();
  const before = await startService(dir);
  const sets = [2025, 2026].map((year) => ({ scope: `park:${PARK}`, year, members: [SUBJECT] }));
  const { status } = await before.put({ source: '增加值.xlsx', entries: [level('2025', 100)], sets });
  expect(status).toBe(200);
  // What the disk holds when the process is killed now: nothing was worked out of it, no version is published.
  const image = tempDir();
  cpSync(dir, image, { recursive: true });
  expect((await before.get(`/intensity?scope=park:${PARK}&carrier=energy&asOf=version:1`)).status).toBe(422);

  const after = await startService(image);
  expect((await after.get('/statistics')).body).toMatchObject({ version: 1, items: [{ source: '增加值.xlsx' }] });
  const told = await vi.waitFor(
    async () => {
      const { body } = await after.get(`/intensity?scope=park:${PARK}&carrier=energy&year=2025`);
      expect(body.published).toMatchObject({ version: expect.any(Number) });
      return body;
    },
    { timeout: 60_000, interval: 250 },
  );
  const published = await after.get(
    `/intensity?scope=park:${PARK}&carrier=energy&year=2025&asOf=version:${told.published.version}`,
  );
  expect(published.body).toMatchObject({ asKnown: 'published', basis: { statistics: 1, sets: 1 } });
  expect((await after.get('/audit?action=statistics.put')).body.items).toHaveLength(1);
});
