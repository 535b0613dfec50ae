import { expect, it } from 'vitest';
import { HistorianUnavailableError, ResultTooLargeError } from '../../../../src/historian/port/errors.js';
import type { Historian } from '../../../../src/historian/port/queries.js';
import type { ResultSpan } from '../../../../src/historian/port/results.js';
import { at, world } from '../../intensity/assess/world.js';
import { openSpine, T0 } from './spine.js';

const ALWAYS = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };
const WHOLE = { measurement: 'intensity', where: {}, ...ALWAYS, limit: 1_000_000 } as const;

async function pointsIn(historian: Historian, limit: number = WHOLE.limit): Promise<number> {
  let points = 0;
  for await (const series of historian.results({ ...WHOLE, limit })) points += series.points.length;
  return points;
}

it('results cross the threads, with their errors, and outlive the service', async () => {
  const { start } = openSpine();
  const historian = await start();
  const span: ResultSpan = {
    ...{ measurement: 'intensity', tags: { scope: 'city' }, ...ALWAYS },
    points: [T0, T0 + 1].map((ts) => ({ ts, values: { intensity: ts / 7, verdict: 'at_risk' } })),
  };
  expect(await historian.replaceResults([span])).toBe(2);
  expect(await historian.replaceResults([span])).toBe(0);
  await expect(pointsIn(historian, 1)).rejects.toThrow(ResultTooLargeError);
  const wrong = { ...span, points: [{ ts: T0, values: { nonsense: 1 } }] };
  await expect(historian.replaceResults([wrong])).rejects.toMatchObject({ name: 'RangeError' });
  await historian.close();
  await expect(historian.replaceResults([span])).rejects.toThrow(HistorianUnavailableError);
  const next = await start();
  const found = [];
  for await (const series of next.results(WHOLE)) found.push(series);
  expect(found).toEqual([{ measurement: 'intensity', tags: { scope: 'city' }, points: span.points }]);
});

it('the room of the 5 % writes them through the thread', async () => {
  const { start } = openSpine();
  const historian = await start();
  const { room, results, addFirm, putPolicy, errors } = world(at('2026-11-27T00:00:00'), historian);
  putPolicy();
  addFirm({ member: 'park:lc-xiedu-1', size: 2, decline: 0.055 });
  await room.publish();
  await results!.tick();
  expect(errors).toEqual([]);
  const where = { scope: ['park:lc-xiedu-1'], period: ['year'], carrier: ['energy'] };
  const years = [];
  for await (const { points } of historian.results({ ...WHOLE, where })) years.push(...points);
  expect(years.map(({ values }) => values.verdict)).toEqual(['on_track', 'on_track']);
});
