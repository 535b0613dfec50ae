import { expect, it } from 'vitest';
import { describeOnEngines, findEngines } from '../../../../helpers/influx/influx.js';
import { LocalInflux } from '../../../../helpers/influx/local.js';
import { batch, message, NOW, reading, WriteSetup } from '../write/helpers.js';

const found = await findEngines();
const v1 = { ...found, engines: found.engines.filter(({ api }) => api === 'v1') };
const DAY_H = 24;

describeOnEngines('setting an InfluxDB 1.x up', v1, (engine) => {
  const policies = async (bucket: string) => {
    const [series] = await engine.query(bucket, `SHOW RETENTION POLICIES ON "${bucket}"`);
    return series!.values.map((row) => Object.fromEntries(series!.columns.map((column, i) => [column, row[i]])));
  };

  it('makes both databases: readings are kept a month longer than asked, roll-ups for good', async () => {
    const setup = new WriteSetup(engine, { rawDays: 400 });
    await setup.writeLoop.contact.ensure();
    expect(await policies(setup.bucket)).toMatchObject([{ duration: `${431 * DAY_H}h0m0s`, default: true }]);
    expect(await policies(`${setup.bucket}_rollups`)).toMatchObject([
      { duration: '0s', shardGroupDuration: `${364 * DAY_H}h0m0s`, default: true },
    ]);
  });

  it('corrects how long a database keeps, and does nothing a second time', async () => {
    const setup = new WriteSetup(engine, { rawDays: 10 });
    await setup.writeLoop.contact.ensure();
    const longer = new WriteSetup(engine, { bucket: setup.bucket, rawDays: 20 });
    await longer.writeLoop.contact.ensure();
    await longer.writeLoop.contact.check();
    expect(await policies(setup.bucket)).toMatchObject([{ duration: `${51 * DAY_H}h0m0s` }]);
    expect([...setup.warnings, ...longer.warnings]).toEqual([]);
  });
});

const local = found.engines.find((engine) => engine instanceof LocalInflux);
const version = local?.name.split(' ')[1] ?? '';
const guarded = new LocalInflux(version, { auth: true });
const withUsers = {
  engines: local === undefined ? [] : [guarded],
  missing: local === undefined ? [{ name: 'InfluxDB 1.x', why: 'not found' }] : [],
};

describeOnEngines('an InfluxDB 1.x that asks for users', withUsers, (engine) => {
  async function user(name: string, ...grants: string[]): Promise<string> {
    const run = (statement: string) => engine.query('_internal', statement);
    await run(`CREATE USER "${name}" WITH PASSWORD 'secret-${name}'`);
    for (const bucket of grants) await run(`GRANT ALL ON "${bucket}" TO "${name}"`);
    return `${name}:secret-${name}`;
  }

  it('names a wrong password', async () => {
    const setup = new WriteSetup(engine, { token: 'admin:wrong' });
    const failure = setup.writeLoop.append([batch(1, message('meter-1', [reading('active_power_kw', NOW, 1)]))]);
    await expect(failure).rejects.toMatchObject({ remedy: 'retry', status: 401 });
    await expect(failure).rejects.toThrow(/check INFLUX_TOKEN/);
    await expect(failure).rejects.not.toThrow(/wrong/);
  });

  it('names a database that is missing and may not be made, and how to make it', async () => {
    const setup = new WriteSetup(engine, { token: await user('nobody') });
    const failure = setup.writeLoop.contact.ensure();
    await expect(failure).rejects.toMatchObject({ remedy: 'retry' });
    await expect(failure).rejects.toThrow(`no database ${setup.bucket} at`);
    await expect(failure).rejects.toThrow(`CREATE DATABASE "${setup.bucket}"`);
  });

  it('is written to by a user who may do that and no more, with a warning when it keeps too little', async () => {
    const bucket = engine.freshBucket();
    await engine.create(bucket);
    await engine.create(`${bucket}_rollups`);
    const setup = new WriteSetup(engine, { bucket, token: await user('writer', bucket, `${bucket}_rollups`) });
    const sent = message('meter-1', [reading('active_power_kw', NOW, 1)]);
    await setup.writeLoop.append([batch(1, sent)]);
    expect(await setup.rows([{ device: 'park-a/meter-1', metric: 'active_power_kw' }])).toEqual({
      'park-a/meter-1/active_power_kw': [[NOW, 1, 0, 0, NOW]],
    });
    expect(setup.warnings).toEqual([expect.stringMatching(`database ${bucket} keeps .* for good instead of 431 days`)]);
  });
});
