import { beforeAll, expect, it } from 'vitest';
import type { DeviceReadings } from '../../../../../src/model/reading.js';
import { bodyText } from '../../../../helpers/influx/fault-log.js';
import { FaultProxy, type Injection } from '../../../../helpers/influx/fault-proxy.js';
import { describeOnEngines, findEngines } from '../../../../helpers/influx/influx.js';
import { batch, expectedRows, message, NOW, reading, seriesOf, WriteSetup } from './helpers.js';

const T = NOW - 3_600_000;

describeOnEngines('readings that InfluxDB does not take', await findEngines(), (engine) => {
  let proxy: FaultProxy;

  beforeAll(async () => {
    proxy = await FaultProxy.start(engine.url);
    return () => proxy.close();
  });

  /** A writer on a bucket in which another client made `frequency_hz` of the energy domain an integer. */
  async function spoiled(url = engine.url): Promise<WriteSetup> {
    const setup = new WriteSetup(engine, { url });
    await setup.writeLoop.contact.ensure();
    await engine.write(setup.bucket, `energy,device=other,park=x frequency_hz=50i ${T}`);
    return setup;
  }

  /** Of 60 messages every twentieth has one reading that the server refuses. */
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
    const setup = await spoiled();
    const { all, bad } = mixed();
    await setup.writeLoop.append([batch(1, ...all)]);
    expect(setup.refused.map(({ message }) => message)).toEqual(bad);
    for (const { reason } of setup.refused) expect(reason).toMatch(/frequency_hz/);
    expect(setup.cursor.seq).toBe(1);
    const good = withoutBad(all);
    expect(await setup.rows(seriesOf(good))).toEqual(expectedRows(good));
  });

  it('do not hold up what comes behind them, nor change how it is written', async () => {
    const setup = await spoiled();
    const bad = message('meter-1', [reading('frequency_hz', T + 5, 50.5, { flag: 'D', quality: 'flagged' })]);
    const behind = [
      message('meter-1', [reading('active_power_kw', T + 5, 1, { flag: 'D', quality: 'flagged' })], {
        receivedAt: NOW + 1,
      }),
      message('meter-1', [reading('active_power_kw', T + 5, 2)], { receivedAt: NOW + 2 }),
    ];
    await setup.writeLoop.append([batch(1, bad)]);
    await setup.writeLoop.append([batch(2, behind[0]!)]);
    setup.close();
    const next = new WriteSetup(engine, { bucket: setup.bucket });
    await next.writeLoop.append([batch(3, behind[1]!)]);
    expect(setup.refused).toHaveLength(1);
    expect(await next.rows(seriesOf(behind))).toEqual(expectedRows(behind));
  });

  it('are not called bad while the server refuses what is in order too', async () => {
    const setup = await spoiled(proxy.url);
    proxy.inject({ kind: 'answer', status: 400, body: '{"error":"all is wrong"}' }, { on: 'write' });
    const { all } = mixed();
    await expect(setup.writeLoop.append([batch(1, ...all)])).rejects.toMatchObject({ remedy: 'retry', status: 400 });
    expect(setup.refused).toEqual([]);
    expect(setup.cursor.seq).toBe(0);
    proxy.clear();
    await setup.writeLoop.append([batch(1, ...all)]);
    expect(setup.refused).toHaveLength(3);
  });

  it('are not called bad when the server went away before it refused them a second time', async () => {
    const setup = new WriteSetup(engine, { url: proxy.url });
    await setup.writeLoop.contact.ensure();
    const onReadings = {
      on: 'write',
      times: 1,
      when: (seen) => bodyText(seen).includes('active_power_kw'),
    } satisfies Injection;
    proxy.inject({ kind: 'answer', status: 400, body: '{"error":"partial write"}' }, onReadings);
    proxy.inject({ kind: 'cut-before' }, onReadings);
    const sent = message('meter-1', [reading('active_power_kw', T, 1)]);
    await expect(setup.writeLoop.append([batch(1, sent)])).rejects.toMatchObject({ remedy: 'retry', status: null });
    await setup.writeLoop.append([batch(1, sent)]);
    expect(setup.refused).toEqual([]);
    expect(await setup.rows(seriesOf([sent]))).toEqual(expectedRows([sent]));
  });

  it('come again when they could not be kept', async () => {
    const setup = await spoiled();
    const { all, bad } = mixed();
    setup.keepRefused = () => Promise.reject(new Error('no room in quarantine'));
    await expect(setup.writeLoop.append([batch(1, ...all)])).rejects.toThrow('no room in quarantine');
    expect(setup.cursor.seq).toBe(0);
    setup.keepRefused = null;
    await setup.writeLoop.append([batch(1, ...all)]);
    expect(setup.refused.map(({ message }) => message)).toEqual(bad);
    const good = withoutBad(all);
    expect(await setup.rows(seriesOf(good))).toEqual(expectedRows(good));
  });
});
