import { expect, it } from 'vitest';
import { HistorianUnavailableError } from '../../../src/historian/port/errors.js';
import type { Historian } from '../../../src/historian/port/queries.js';
import { untilEnded } from '../../../src/intensity/start.js';

it('asks the historian nothing more once the service stops, so that long assessments end', async () => {
  const asked: string[] = [];
  const answers = (kind: string) => () => {
    asked.push(kind);
    return (async function* () {})();
  };
  const latest = async () => {
    asked.push('latest');
    return [];
  };
  const historian = { stats: { rollups: {} }, raw: answers('raw'), buckets: answers('buckets'), latest } as never;
  const history = untilEnded(historian as Historian);
  const query = { series: [], from: 0, to: 1 };
  history.raw({ ...query, limit: 1 });
  history.buckets({ ...query, level: 'hour' });
  await history.latest({});
  expect(asked).toEqual(['raw', 'buckets', 'latest']);
  history.end();
  expect(() => history.raw({ ...query, limit: 1 })).toThrow(HistorianUnavailableError);
  expect(() => history.buckets({ ...query, level: 'hour' })).toThrow(HistorianUnavailableError);
  await expect(history.latest({})).rejects.toThrow(HistorianUnavailableError);
  expect(asked).toHaveLength(3);
});
