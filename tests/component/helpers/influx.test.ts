import { expect, it } from 'vitest';
import { describeOnEngines, findEngines } from '../../helpers/influx/influx.js';

describeOnEngines('an engine for tests', await findEngines(), (engine) => {
  it('keeps what was written, answers with it, and forgets a dropped bucket', async () => {
    const bucket = engine.freshBucket();
    await engine.create(bucket);
    await engine.create(bucket);
    await engine.write(bucket, 'm,device=a v=1 1000\nm,device=a v=2 2000');
    const [series] = await engine.query(bucket, 'select v from m where time >= 0');
    expect(series?.values).toEqual([
      [1000, 1],
      [2000, 2],
    ]);
    await engine.drop(bucket);
    await engine.drop(bucket);
    await expect(engine.write(bucket, 'nonsense')).rejects.toThrow(/40\d/);
  });

  it.skipIf(!engine.ours)(
    'comes back on the same address with the same data after it was killed or stopped',
    async () => {
      const { url } = engine;
      const bucket = engine.freshBucket();
      await engine.create(bucket);
      await engine.write(bucket, 'm v=1 1000');
      await engine.kill();
      await expect(engine.query(bucket, 'select v from m')).rejects.toThrow('fetch failed');
      await engine.start();
      await engine.write(bucket, 'm v=2 2000');
      await engine.restart();
      expect(engine.url).toBe(url);
      const [series] = await engine.query(bucket, 'select v from m where time >= 0');
      expect(series?.values).toHaveLength(2);
    },
  );

  it('gives names that are never given twice', () => {
    expect(engine.freshBucket()).not.toBe(engine.freshBucket());
  });
});
