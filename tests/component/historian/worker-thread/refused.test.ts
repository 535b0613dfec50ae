import { expect, it } from 'vitest';
import type { RefusedReadings } from '../../../../src/historian/port/store.js';
import { influxEnv } from '../../../helpers/influx/engine.js';
import { describeOnEngines, findEngines } from '../../../helpers/influx/influx.js';
import { countsIn, eventually, historianOn, PARK, serviceOn } from './influx.js';

const METRICS = ['active_power_kw', 'frequency_hz', 'import_energy_kwh'];

describeOnEngines('acknowledged readings that InfluxDB refuses for what they are', await findEngines(), (engine) => {
  /** Another client makes `frequency_hz` a text at that time. */
  const spoil = (bucket: string, ts: number) =>
    engine.write(bucket, `energy,device=other,park=x frequency_hz="fifty" ${ts}`);

  // 3 Core has no DROP MEASUREMENT in InfluxQL.
  it.skipIf(engine.api === 'v3')('wait in quarantine until what was wrong is mended', async () => {
    const bucket = engine.freshBucket();
    const { meter, get, api, metric } = await serviceOn(influxEnv(engine, bucket));
    const publish = await meter();
    const ts = Date.now() - 60_000;
    await publish({ ts: ts - 1, values: { active_power_kw: 0 } });
    await eventually(async () => {
      expect(await countsIn(engine, bucket, ['active_power_kw'])).toEqual({ active_power_kw: 1 });
    });
    await spoil(bucket, ts);
    await publish([
      { ts, values: { active_power_kw: 1, frequency_hz: 50, import_energy_kwh: 10 } },
      { ts: ts + 1, values: { frequency_hz: 49.9, active_power_kw: 2 }, flags: { frequency_hz: 'M' } },
    ]);
    await eventually(async () => expect((await get('/api/v1/quarantine')).items).toHaveLength(1));

    const [{ id }] = (await get('/api/v1/quarantine?code=store_refused')).items;
    const kept = await get(`/api/v1/quarantine/${id}`);
    expect(kept.rejections).toMatchObject([{ index: null, code: 'store_refused' }]);
    expect(kept.rejections[0].reason).toMatch(/frequency_hz/);
    expect(kept).toMatchObject({ gateway: 'gw-1', replayedAt: null });
    expect(JSON.parse(kept.payloadText)).toEqual([
      { ts, values: { frequency_hz: 50 } },
      { ts: ts + 1, values: { frequency_hz: 49.9 }, flags: { frequency_hz: 'M' } },
    ]);
    await eventually(async () => {
      expect(await metric('park_historian_refused_total')).toBe(2);
      expect(await metric('park_historian_durable_seq')).toBe(await metric('park_journal_head_seq'));
    });
    expect(await countsIn(engine, bucket, METRICS)).toEqual({
      active_power_kw: 3,
      frequency_hz: 0,
      import_energy_kwh: 1,
    });

    await engine.query(bucket, 'DROP MEASUREMENT "energy"');
    const replayed = await api(`/api/v1/quarantine/${id}/replay`, { method: 'POST' });
    expect(await replayed.json()).toEqual({ id, readings: 2 });
    await eventually(async () => {
      expect(await countsIn(engine, bucket, ['frequency_hz'])).toEqual({ frequency_hz: 2 });
    });
    expect(await metric('park_historian_refused_total')).toBe(2);
    expect((await get('/api/v1/quarantine?waiting=true')).items).toEqual([]);
  });

  it('hold everything back while they cannot be kept, and are lost neither then nor later', async () => {
    const bucket = engine.freshBucket();
    const { start, publish, journal, logged } = historianOn(engine, bucket);
    const kept: RefusedReadings[] = [];
    let full = true;
    let tries = 0;
    const historian = await start(async (refused) => {
      tries += 1;
      if (full) throw new Error('the disk is full');
      kept.push(...refused);
    });
    const ts = Date.now() - 60_000;
    await publish({ ts: ts - 1, values: { active_power_kw: 0 } });
    await historian.caughtUp(1);
    await spoil(bucket, ts);
    await publish({ ts, values: { active_power_kw: 1, frequency_hz: 50 } });
    await publish({ ts: ts + 1, values: { active_power_kw: 2 } });
    await eventually(() => {
      expect(tries).toBeGreaterThanOrEqual(2);
      expect(historian.stats).toMatchObject({ durableSeq: 1, appliedSeq: 1, refused: 0, failingKind: 'other' });
    });
    expect(historian.stats.failing).toMatch(/refused readings cannot be kept: .*the disk is full/);
    expect(journal.stats.trimmedTo).toBeLessThanOrEqual(1);
    expect(logged.filter((line) => line.includes('the disk is full'))).toHaveLength(1);

    full = false;
    await historian.caughtUp(journal.head());
    await eventually(() => expect(historian.stats).toMatchObject({ durableSeq: 3, refused: 1, failing: null }));
    expect(kept).toMatchObject([
      { message: { device: `${PARK}/meter-1`, readings: [{ metric: 'frequency_hz', ts }] } },
    ]);
    expect(await countsIn(engine, bucket, METRICS)).toMatchObject({ active_power_kw: 3, frequency_hz: 0 });
  });
});
