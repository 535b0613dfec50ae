import { describe, expect, it } from 'vitest';
import { tempDir } from '../../../helpers/temp.js';
import { at, main, NOW, PARK, REGISTER, startMeters, sub } from './helpers.js';

const MAR = '2026-03-01T00:00:00';
const JUN = '2026-06-01T00:00:00';
const JUL = '2026-07-01T00:00:00';

describe('the tree of a park', () => {
  it('is answered with what each meter counts, for whom, its unit, and who said so', async () => {
    const { put, service } = await startMeters();
    const answer = await put([
      main('m-1', MAR),
      sub('m-2', 'm-1', MAR, { owner: { kind: 'enterprise', id: 'e-1' } }),
      { ...sub('m-3', 'm-1', JUN), carrier: 'green_power', role: 'generation', register: 'export_energy_kwh' },
      { ...main('gas-1', MAR), carrier: 'natural_gas', register: 'gas_volume_m3' },
      { ...main('ww-1', MAR), carrier: 'wastewater', register: 'discharge_volume_m3', to: `${JUL}+08:00` },
    ]);
    expect(answer).toEqual([200, { dryRun: false, version: 1, changed: 5, versions: 5, notes: [] }]);
    const { items, treeVersion, nextCursor } = await service.get(`/api/v1/meters?park=${PARK}`);
    expect([treeVersion, nextCursor]).toEqual([1, null]);
    const { recordedAt, by, ...second } = items[2];
    expect([Date.parse(recordedAt), typeof by]).toEqual([NOW, 'string']);
    expect(second).toEqual({
      ...{ park: PARK, device: 'm-2', register: REGISTER, unit: 'kWh', carrier: 'electricity', role: 'sub' },
      owner: { kind: 'enterprise', id: 'e-1' },
      parent: { device: 'm-1', register: REGISTER },
      ...{ from: '2026-03-01T00:00:00+08:00', to: null, deviceState: 'in_use', ownerKnown: true },
      ...{ version: 1, source: '台账.xlsx', reason: '登记' },
    });
    const seen = items.map((one: Record<string, unknown>) => [one.device, one.carrier, one.role, one.unit, one.to]);
    expect(seen).toEqual([
      ['gas-1', 'natural_gas', 'main', 'm³', null],
      ['m-1', 'electricity', 'main', 'kWh', null],
      ['m-2', 'electricity', 'sub', 'kWh', null],
      ['m-3', 'green_power', 'generation', 'kWh', null],
      ['ww-1', 'wastewater', 'main', 'm³', '2026-07-01T00:00:00+08:00'],
    ]);
    const asked = async (query: string) =>
      (await service.get(`/api/v1/meters?${query}`)).items.map(({ device }: { device: string }) => device);
    expect(await asked(`carrier=electricity&at=${at(JUN)}`)).toEqual(['m-1', 'm-2']);
    expect(await asked(`at=${at(JUN) - 1}`)).toEqual(['gas-1', 'm-1', 'm-2', 'ww-1']);
    expect(await asked(`at=${at(JUL)}`)).toEqual(['gas-1', 'm-1', 'm-2', 'm-3']);
    expect(await asked('park=lc-juguang')).toEqual([]);
    const first = await service.get('/api/v1/meters?limit=3');
    const rest = await service.get(`/api/v1/meters?limit=3&cursor=${first.nextCursor}`);
    expect([...first.items, ...rest.items]).toEqual(items);
  });

  it('has a meter that moved in June in its old place until then, and knows what was believed before', async () => {
    const { put, tree, time, end } = await startMeters();
    await put([main('m-1', MAR), main('m-2', MAR), sub('m-3', 'm-1', MAR)]);
    time.now = NOW + 60_000;
    expect((await put([sub('m-3', 'm-2', JUN)]))[1]).toMatchObject({ version: 2, changed: 1, versions: 4 });
    const moved = ['m-1, 03-01 -', 'm-2, 03-01 -', 'm-3 under m-1, 03-01 06-01', 'm-3 under m-2, 06-01 -'];
    expect(await tree()).toEqual(moved);
    expect(await tree(`&at=${at(JUN) - 1}`)).toContain('m-3 under m-1, 03-01 06-01');
    expect(await tree(`&at=${at(JUN)}`)).toContain('m-3 under m-2, 06-01 -');
    const before = ['m-1, 03-01 -', 'm-2, 03-01 -', 'm-3 under m-1, 03-01 -'];
    expect(await tree('&asOf=version:1')).toEqual(before);
    expect(await tree(`&asOf=${encodeURIComponent('2026-08-03T10:00:59+08:00')}`)).toEqual(before);
    expect(await tree(`&asOf=${NOW + 60_000}`)).toEqual(moved);
    expect(await tree(`&asOf=${NOW - 1}`)).toEqual([]);
    // A correction of the past, inside what is known.
    await put([sub('m-3', 'm-2', '2026-04-01T00:00:00', { to: '2026-05-01T00:00:00+08:00' })]);
    expect(await tree(`&at=${at('2026-04-15T00:00:00')}`)).toContain('m-3 under m-2, 04-01 05-01');
    expect(await tree(`&at=${at('2026-05-15T00:00:00')}`)).toContain('m-3 under m-1, 05-01 06-01');
    expect((await end('m-3', JUL))[1]).toMatchObject({ version: 4, changed: 1 });
    expect(await tree(`&at=${at(JUL)}`)).toEqual(['m-1, 03-01 -', 'm-2, 03-01 -']);
    expect(await tree('&asOf=version:2')).toEqual(moved);
  });

  it('records nothing where all is known, and nothing in a dry run', async () => {
    const { put, end, tree } = await startMeters();
    const versions = [main('m-1', MAR), sub('m-2', 'm-1', MAR)];
    expect((await put(versions, '?dryRun=true'))[1]).toMatchObject({ dryRun: true, version: null, changed: 2 });
    expect(await tree()).toEqual([]);
    await put(versions);
    expect((await put(versions))[1]).toMatchObject({ version: null, changed: 0, versions: 2 });
    expect((await put([sub('m-2', 'm-1', JUN, { to: `${JUL}+08:00` })]))[1]).toMatchObject({
      version: null,
      changed: 0,
    });
    expect((await put([...versions, main('m-3', MAR)]))[1]).toMatchObject({ version: 2, changed: 1 });
    expect((await end('m-2', JUN, '&dryRun=true'))[1]).toMatchObject({ dryRun: true, version: null, changed: 1 });
    expect(await tree()).toEqual(['m-1, 03-01 -', 'm-2 under m-1, 03-01 -', 'm-3, 03-01 -']);
  });

  it('is there after a restart, with all that was believed', async () => {
    const dir = tempDir();
    const first = await startMeters();
    await first.service.app.close();
    const { dir: used } = first.service;
    expect(used).not.toBe(dir);
    const second = await startMeters(used);
    await second.put([main('m-1', MAR), main('m-2', MAR), sub('m-3', 'm-1', MAR)]);
    await second.put([sub('m-3', 'm-2', JUN)]);
    await second.end('m-3', JUL);
    const told = await second.service.get('/api/v1/meters');
    const past = await second.service.get('/api/v1/meters?asOf=version:2');
    await second.service.app.close();
    const third = await startMeters(used);
    expect(await third.service.get('/api/v1/meters')).toEqual(told);
    expect(await third.service.get('/api/v1/meters?asOf=version:2')).toEqual(past);
    expect(told.items).toHaveLength(4);
    expect((await third.put([main('m-4', JUN)]))[1]).toMatchObject({ version: 4 });
  });

  it('puts every change in the audit, with who, when and why', async () => {
    const { put, end, service, token, send } = await startMeters();
    const operator = await token('operator', [PARK]);
    await send('PUT', `/meters/${PARK}`, { versions: [main('m-1', MAR)], reason: '新装' }, operator);
    await put([main('m-1', MAR)]);
    await put([main('m-1', 'x')]);
    await end('m-1', JUN);
    const { items } = await service.get('/api/v1/audit?outcome=done');
    const meters = items.filter(({ action }: { action: string }) => action.startsWith('meters.'));
    expect(meters.map(({ action, target, detail }: Record<string, unknown>) => [action, target, detail])).toEqual([
      [
        'meters.end',
        PARK,
        { source: 'API', reason: 'gone', version: 2, edits: 1, versions: 1, meters: [`${PARK}/m-1 ${REGISTER}`] },
      ],
      [
        'meters.put',
        PARK,
        { source: 'API', reason: '新装', version: 1, edits: 1, versions: 1, meters: [`${PARK}/m-1 ${REGISTER}`] },
      ],
    ]);
    expect(Date.parse(meters[0].ts)).toBe(NOW);
    expect(meters[1].who).not.toBe(meters[0].who);
  });
});

describe('a tree that cannot be', () => {
  const known = [main('m-1', MAR), sub('m-2', 'm-1', MAR), sub('m-3', 'm-2', MAR)];
  const LONG_AGO = '2026-01-01T00:00:00';
  /** What is sent, and the field that has to be named, with some of the words. */
  const cases: readonly [name: string, versions: readonly object[], field: string, words: string][] = [
    ['a loop', [sub('m-2', 'm-3', JUN)], 'versions.0.parent', 'not below this one'],
    ['a meter below itself', [sub('m-2', 'm-2', JUN)], 'versions.0.parent', 'another meter'],
    [
      'a meter twice, in two trees',
      [
        { ...main('gas-1', MAR), carrier: 'natural_gas', register: 'gas_volume_m3' },
        sub('m-4', 'm-1', JUN),
        sub('m-4', 'm-2', JUN),
      ],
      'versions.2.device',
      'one place at a time',
    ],
    ['versions that overlap', [main('m-4', MAR), main('m-4', JUN)], 'versions.1.from', 'after the version before'],
    ['a sub-meter before its main', [sub('m-4', 'm-1', LONG_AGO)], 'versions.0.from', 'within the time of'],
    [
      'a main that comes later than its sub',
      [main('m-1', JUN, { carrier: 'green_power', role: 'generation' })],
      'versions',
      'm-2',
    ],
    ['a sub-meter of nothing', [sub('m-4', 'm-9', MAR)], 'versions.0.parent', 'a main or sub-meter of electricity'],
    ['a sub-meter without a parent', [main('m-4', MAR, { role: 'sub' })], 'versions.0.parent', 'part of'],
    ['a main below another', [sub('m-4', 'm-1', MAR, { role: 'main' })], 'versions.0.parent', 'none'],
    ['an unknown carrier', [main('m-4', MAR, { carrier: 'coal' })], 'versions.0.carrier', 'one of electricity'],
    ['an unknown role', [main('m-4', MAR, { role: 'master' })], 'versions.0.role', 'one of main'],
    ['an unknown device', [main('m-9', MAR)], 'versions.0.device', 'a device of energy'],
    ['a device of another park', [main('elsewhere', MAR)], 'versions.0.device', 'a device of energy'],
    ['a device of another domain', [main('smoke-1', MAR)], 'versions.0.device', 'a device of energy'],
    [
      'an unknown register',
      [main('m-4', MAR, { register: 'active_power_kw' })],
      'versions.0.register',
      'import_energy_kwh',
    ],
    [
      'an enterprise of nobody',
      [main('m-4', MAR, { owner: { kind: 'enterprise', id: 'e-9' } })],
      'versions.0.owner',
      PARK,
    ],
    [
      'another park as owner',
      [main('m-4', MAR, { owner: { kind: 'park', id: 'lc-juguang' } })],
      'versions.0.owner',
      PARK,
    ],
    ['half an hour', [main('m-4', '2026-03-01T00:30:00')], 'versions.0.from', 'a whole hour'],
    ['an end before the beginning', [main('m-4', JUN, { to: `${MAR}+08:00` })], 'versions.0.to', 'a time after from'],
    ['a time of another century', [main('m-4', '2999-01-01T00:00:00')], 'versions.0.from', '2000 to 2099'],
    ['no time', [main('m-4', 'soon')], 'versions.0.from', 'RFC 3339'],
  ];

  it('is refused by the name of the place, and nothing of it is written', async () => {
    const { put, service } = await startMeters();
    await put(known);
    const before = await service.get('/api/v1/meters');
    for (const [name, versions, field, words] of cases) {
      // What is right beside it is not written either.
      const [status, body] = await put([
        ...versions,
        main('m-4', '2026-02-01T00:00:00', { to: '2026-02-02T00:00:00+08:00' }),
      ]);
      const named = body.errors?.find((error: { field: string }) => error.field === `body.${field}`);
      expect([status, name, named?.expected], JSON.stringify(body)).toEqual([
        422,
        name,
        expect.stringContaining(words),
      ]);
    }
    expect(await service.get('/api/v1/meters')).toEqual(before);
  });

  it('is refused where a meter ends above others, or is none', async () => {
    const { put, end, tree } = await startMeters();
    await put(known);
    const [status, body] = await end('m-2', JUN);
    expect([status, body.errors[0].field, body.errors[0].expected]).toEqual([
      422,
      'query.at',
      expect.stringContaining('m-3'),
    ]);
    expect((await end('m-2', '2026-06-01T00:30:00'))[1].errors).toEqual([
      { field: 'query.at', expected: 'a whole hour' },
    ]);
    expect((await end('m-4', JUN)).map((one) => one?.code ?? one)).toEqual([404, 'unknown_meter']);
    expect(await tree()).toHaveLength(3);
    await end('m-3', JUN);
    expect((await end('m-3', JUL))[1].code).toBe('unknown_meter');
    expect((await end('m-2', JUN))[0]).toBe(200);
    expect(await tree()).toEqual(['m-1, 03-01 -', 'm-2 under m-1, 03-01 06-01', 'm-3 under m-2, 03-01 06-01']);
    // From its beginning on: it never was.
    expect((await end('m-3', MAR))[0]).toBe(200);
    expect(await tree()).toHaveLength(2);
  });
});

describe('who may edit trees', () => {
  it('is an administrator, or an operator of the park', async () => {
    const { send, token, service } = await startMeters();
    const body = { versions: [main('m-1', MAR)], reason: 'x' };
    const put = async (secret: string, park = PARK) => {
      const [status, answer] = await send('PUT', `/meters/${park}?dryRun=true`, body, secret);
      return [status, answer.code];
    };
    expect(await put(await token('operator', [PARK]))).toEqual([200, undefined]);
    expect(await put(await token('operator', ['lc-juguang']))).toEqual([404, 'unknown_park']);
    expect(await put(await token('inspector', [PARK]))).toEqual([403, 'role_not_allowed']);
    expect(await put(await token('viewer', [PARK]))).toEqual([403, 'role_not_allowed']);
    await send('PUT', `/meters/${PARK}`, body);
    const seen = async (secret: string) => (await send('GET', '/meters', undefined, secret))[1].items.length;
    expect(await seen(await token('viewer', [PARK]))).toBe(1);
    expect(await seen(await token('inspector', ['lc-juguang']))).toBe(0);
    expect((await service.api(`/api/v1/meters`, { token: '' })).status).toBe(401);
  });
});
