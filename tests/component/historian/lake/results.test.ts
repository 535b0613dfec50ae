import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { LakeStore } from '../../../../src/historian/lake/store.js';
import type { ResultSpan } from '../../../../src/historian/port/results.js';
import { DAY, POWER, readValues, T0 } from '../../../contract/historian/readings.js';
import { tempDir } from '../../../helpers/temp.js';
import { batch, openLake } from './open-lake.js';

const ALWAYS = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };
const scope = (id: number): ResultSpan => ({
  ...{ measurement: 'intensity', tags: { scope: `park:${id}` }, ...ALWAYS },
  points: Array.from({ length: 84 }, (_, i) => ({
    ts: T0 - i * 30 * DAY,
    values: { intensity: id + i / 84 },
  })).reverse(),
});

async function pointsIn(store: LakeStore): Promise<number> {
  let points = 0;
  for await (const series of store.results({ measurement: 'intensity', where: {}, ...ALWAYS, limit: 1e6 })) {
    points += series.points.length;
  }
  return points;
}

it('a damaged file of results is set aside and filled again; no reading is lost by it', async () => {
  const folder = tempDir();
  const store = await openLake(folder);
  await store.append([batch(1, { ts: T0, value: 7 })]);
  await store.replaceResults(Array.from({ length: 40 }, (_, id) => scope(id)));
  await store.flush();
  await store.end();
  const path = join(folder, 'results.sqlite');
  const bytes = readFileSync(path);
  bytes.fill(0x55, 4096, bytes.length - 4096);
  writeFileSync(path, bytes);
  const warnings: string[] = [];
  const next = await openLake(folder, { onWarning: (message) => warnings.push(message) });
  expect(warnings.filter((text) => text.startsWith('results.sqlite is damaged and set aside'))).toHaveLength(1);
  expect(await pointsIn(next)).toBe(0);
  expect(await next.replaceResults([scope(1)])).toBe(84);
  expect(await pointsIn(next)).toBe(84);
  expect(await readValues(next, POWER)).toEqual([[T0, 7]]);
});
