import { beforeAll, expect, it } from 'vitest';
import type { DeviceReadings } from '../../../../../src/model/reading.js';
import { bodyText } from '../../../../helpers/influx/fault-log.js';
import { FaultProxy, type Injection } from '../../../../helpers/influx/fault-proxy.js';
import { describeOnEngines, findEngines } from '../../../../helpers/influx/influx.js';
import { batch, expectedRows, message, NOW, reading, seriesOf, WriteRig } from './helpers.js';

const T = NOW - 3_600_000;

describeOnEngines('readings that InfluxDB does not take', await findEngines(), (engine) => {
  let proxy: FaultProxy;

  beforeAll(async () => {
    proxy = await FaultProxy.start(engine.url);
    return () => proxy.close();
  });

  /** A writer on a bucket in which somebody made `frequency_hz` of the energy domain an integer. */
  async function spoiled(url = engine.url): Promise<WriteRig> {
    const rig = new WriteRig(engine, { url });
    await rig.writeLoop.contact.ensure();
    await engine.write(rig.bucket, `energy,device=other,park=x frequency_hz=50i ${T}`);
    return rig;
  }

  /** Of 60 messages every twentieth has one reading that is refused. */
  function mixed(): { readonly all: DeviceReadings[]; readonly bad: DeviceReadings[] } {
    const bad: DeviceReadings[] = [];
    const all = Array.from({ length: 60 }, (_, i) => {
      const good = [reading('active_power_kw', T + i, i), reading('import_energy_kwh', T + i, 2 * i)];
      if (i % 20 !== 7) return message('meter-1', good);
      const refused = reading('frequency_hz', T + i, 49.5, { flag: 'D', quality: 'flagged' });
      bad.push(message('meter-1', [refused]));
      return message('meter-1', [good[0]!, refused, good[1]!]);
    });
    return { all, bad };
  }

  const withoutBad = (all: readonly DeviceReadings[]) =>
    all.map((one) => ({ ...one, readings: one.readings.filter(({ metric }) => metric !== 'frequency_hz') }));

  it('are found one by one and kept with the reason of the server, and all others are written', async () => {
    const rig = await spoiled();
    const { all, bad } = mixed();
    await rig.writeLoop.append([batch(1, ...all)]);
    expect(rig.refused.map(({ message }) => message)).toEqual(bad);
    for (const { reason } of rig.refused) expect(reason).toMatch(/frequency_hz/);
    expect(rig.cursor.seq).toBe(1);
    const good = withoutBad(all);
    expect(await rig.rows(seriesOf(good))).toEqual(expectedRows(good));
  });

  it('do not hold up what comes behind them, nor change how it is written', async () => {
    const rig = await spoiled();
    const bad = message('meter-1', [reading('frequency_hz', T + 5, 50.5, { flag: 'D', quality: 'flagged' })]);
    const behind = [
      message('meter-1', [reading('active_power_kw', T + 5, 1, { flag: 'D', quality: 'flagged' })], {
        receivedAt: NOW + 1,
      }),
      message('meter-1', [reading('active_power_kw', T + 5, 2)], { receivedAt: NOW + 2 }),
    ];
    await rig.writeLoop.append([batch(1, bad)]);
    await rig.writeLoop.append([batch(2, behind[0]!)]);
    rig.close();
    const next = new WriteRig(engine, { bucket: rig.bucket });
    await next.writeLoop.append([batch(3, behind[1]!)]);
    expect(rig.refused).toHaveLength(1);
    expect(await next.rows(seriesOf(behind))).toEqual(expectedRows(behind));
  });

  it('are not called bad while the server refuses what is in order too', async () => {
    const rig = await spoiled(proxy.url);
    proxy.inject({ kind: 'answer', status: 400, body: '{"error":"all is wrong"}' }, { on: 'write' });
    const { all } = mixed();
    await expect(rig.writeLoop.append([batch(1, ...all)])).rejects.toMatchObject({ remedy: 'retry', status: 400 });
    expect(rig.refused).toEqual([]);
    expect(rig.cursor.seq).toBe(0);
    proxy.clear();
    await rig.writeLoop.append([batch(1, ...all)]);
    expect(rig.refused).toHaveLength(3);
  });

  it('are not called bad when the server went away before it refused them a second time', async () => {
    const rig = new WriteRig(engine, { url: proxy.url });
    await rig.writeLoop.contact.ensure();
    const onReadings = {
      on: 'write',
      times: 1,
      when: (seen) => bodyText(seen).includes('active_power_kw'),
    } satisfies Injection;
    proxy.inject({ kind: 'answer', status: 400, body: '{"error":"partial write"}' }, onReadings);
    proxy.inject({ kind: 'cut-before' }, onReadings);
    const sent = message('meter-1', [reading('active_power_kw', T, 1)]);
    await expect(rig.writeLoop.append([batch(1, sent)])).rejects.toMatchObject({ remedy: 'retry', status: null });
    await rig.writeLoop.append([batch(1, sent)]);
    expect(rig.refused).toEqual([]);
    expect(await rig.rows(seriesOf([sent]))).toEqual(expectedRows([sent]));
  });

  it('come again when they could not be kept', async () => {
    const rig = await spoiled();
    const { all, bad } = mixed();
    rig.keepRefused = () => Promise.reject(new Error('no room in quarantine'));
    await expect(rig.writeLoop.append([batch(1, ...all)])).rejects.toThrow('no room in quarantine');
    expect(rig.cursor.seq).toBe(0);
    rig.keepRefused = null;
    await rig.writeLoop.append([batch(1, ...all)]);
    expect(rig.refused.map(({ message }) => message)).toEqual(bad);
    const good = withoutBad(all);
    expect(await rig.rows(seriesOf(good))).toEqual(expectedRows(good));
  });
});
